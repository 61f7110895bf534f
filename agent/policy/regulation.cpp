#include "agent/policy/regulation.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>

namespace jk::policy {
namespace {

std::string text(const YAML::Node& node) { return node && node.IsScalar() && !node.IsNull() ? node.as<std::string>() : std::string(); }

std::string citation(const YAML::Node& entry) { return entry && entry.IsMap() ? text(entry["cite"]) : std::string(); }

std::vector<Cited> cited_list(const YAML::Node& list) {
    std::vector<Cited> all;
    if (!list || !list.IsSequence()) return all;
    for (const auto& entry : list) all.push_back({text(entry["v"]), citation(entry)});
    return all;
}

} // namespace

const Cited* find(const std::vector<Cited>& list, std::string_view value) {
    const auto place = std::ranges::find(list, value, &Cited::value);
    return place == list.end() ? nullptr : &*place;
}

std::string citations(const std::vector<Cited>& list) {
    std::string all;
    for (const auto& entry : list)
        if (!entry.citation.empty() && all.find(entry.citation) == std::string::npos) all += (all.empty() ? "" : "; ") + entry.citation;
    return all;
}

Outcome<Regulation> read_regulation(std::string_view yaml, const std::string& file) {
    const auto refuse = [&](const std::string& why) { return Error{Errc::config_refused, why}.with("file", file).with("reason", why); };
    try {
        const YAML::Node root = YAML::Load(std::string(yaml));
        if (!root.IsMap()) return refuse("is not a mapping");
        Regulation r;
        r.id = text(root["id"]);
        r.city = text(root["kota"]);
        const auto regulation = root["peraturan"];
        if (r.id.empty() || r.city.empty() || !regulation || !regulation.IsMap()) return refuse("id, kota or peraturan is missing");
        r.title = text(regulation["judul"]);
        r.number = regulation["nomor"].as<int>();
        r.year = regulation["tahun"].as<int>();
        r.issuer_citation = citation(root["penerbit"]);
        r.purposes = cited_list(root["kegunaan"]);
        r.task_kinds = cited_list(root["tugas_kedinasan"]);
        if (r.purposes.empty() || r.task_kinds.empty()) return refuse("kegunaan or tugas_kedinasan is empty");
        r.approved_applications_citation = citation(root["aplikasi_disetujui"]);
        r.no_delegation_citation = citation(root["larangan_pendelegasian"]);
        const auto key = root["kunci_privat"];
        r.private_key_citation = key && key.IsMap() ? citation(key["hanya_disimpan_pengguna"]) : "";
        const auto validity = root["masa_berlaku"];
        if (validity && validity.IsMap() && validity["v"] && validity["v"].IsMap()) r.validity_years = validity["v"]["tahun"].as<int>();
        r.validity_citation = citation(validity);
        return r;
    } catch (const YAML::Exception& e) {
        return refuse(e.what());
    }
}

} // namespace jk::policy
