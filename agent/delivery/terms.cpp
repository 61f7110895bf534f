#include "agent/delivery/terms.hpp"

#include "jurukunci/config_fault.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <initializer_list>

namespace jk::delivery {
namespace {

struct Refusal {
    std::string why;
};

using ReadFile = std::function<Outcome<std::string>(const std::string&)>;

void only(const YAML::Node& node, const std::string& where, std::initializer_list<std::string_view> known) {
    if (!node.IsMap()) throw Refusal{where + " must be a mapping"};
    for (const auto& entry : node)
        if (std::ranges::find(known, entry.first.as<std::string>()) == known.end())
            throw Refusal{"unknown key `" + entry.first.as<std::string>() + "` in " + where};
}

std::string text(const YAML::Node& node, const std::string& where) {
    if (!node || !node.IsScalar() || node.as<std::string>().empty()) throw Refusal{where + " is missing"};
    return node.as<std::string>();
}

bool plain(const std::string& word, std::string_view allowed) {
    return !word.empty() && std::ranges::all_of(word, [&](unsigned char c) {
        return std::isalnum(c) || allowed.find(static_cast<char>(c)) != std::string_view::npos;
    });
}

std::string file(const ReadFile& read_file, const std::string& name) {
    auto content = read_file(name);
    if (!content) throw Refusal{name + ": " + content.error().detail};
    return std::move(*content);
}

Endpoint endpoint(const YAML::Node& node, const std::string& where, const ReadFile& read_file) {
    const auto url = text(node["url"], where + ".url");
    const std::string scheme = "https://";
    if (!url.starts_with(scheme)) throw Refusal{where + ".url must begin with https://"};
    const auto rest = url.substr(scheme.size());
    const auto slash = rest.find('/');
    const auto authority = rest.substr(0, slash);
    Endpoint e;
    const auto colon = authority.find(':');
    e.host = authority.substr(0, colon);
    e.port = colon == std::string::npos ? "443" : authority.substr(colon + 1);
    e.path = slash == std::string::npos ? "/" : rest.substr(slash);
    const bool port_is_number = !e.port.empty() && e.port.size() <= 5 && e.port.find_first_not_of("0123456789") == std::string::npos;
    if (!plain(e.host, ".-") || !port_is_number || !plain(e.path, "/-._~")) throw Refusal{where + ".url must be https://host[:port]/path"};
    e.ca = file(read_file, text(node["ca"], where + ".ca"));
    return e;
}

std::string first_line(std::string content) { return content.substr(0, content.find_first_of("\r\n")); }

Archive archive(const YAML::Node& node, const ReadFile& read_file) {
    only(node, "archive", {"kind", "url", "ca", "region", "access_key", "secret_file"});
    Archive a;
    const auto kind = text(node["kind"], "archive.kind");
    if (kind != "webdav" && kind != "s3") throw Refusal{"archive.kind must be webdav or s3"};
    a.kind = kind == "s3" ? StoreKind::s3 : StoreKind::webdav;
    a.endpoint = endpoint(node, "archive", read_file);
    while (a.endpoint.path.size() > 1 && a.endpoint.path.ends_with('/')) a.endpoint.path.pop_back();
    if (a.kind == StoreKind::webdav) return a;
    a.region = text(node["region"], "archive.region");
    a.access_key = text(node["access_key"], "archive.access_key");
    a.secret_key = first_line(file(read_file, text(node["secret_file"], "archive.secret_file")));
    if (!plain(a.region, "-") || !plain(a.access_key, "-_")) throw Refusal{"archive.region and access_key must be plain words"};
    return a;
}

Checkpoints checkpoints(const YAML::Node& node, const ReadFile& read_file) {
    only(node, "checkpoints", {"url", "ca", "every_minutes"});
    Checkpoints c;
    c.endpoint = endpoint(node, "checkpoints", read_file);
    if (const auto every = node["every_minutes"]) {
        const auto minutes = every.as<int>();
        if (minutes < 1 || minutes > 24 * 60) throw Refusal{"checkpoints.every_minutes must be from 1 to 1440"};
        c.every = std::chrono::minutes(minutes);
    }
    return c;
}

} // namespace

Outcome<DeliveryTerms> read_delivery_terms(std::string_view yaml, const ReadFile& read_file) {
    try {
        const YAML::Node root = YAML::Load(std::string(yaml));
        only(root, "delivery.yaml", {"registration_authority", "checkpoints", "archive"});
        DeliveryTerms terms;
        if (const auto ra = root["registration_authority"]) {
            only(ra, "registration_authority", {"url", "ca"});
            terms.registration_authority = endpoint(ra, "registration_authority", read_file);
        }
        if (const auto heads = root["checkpoints"]) terms.checkpoints = checkpoints(heads, read_file);
        if (const auto store = root["archive"]) terms.archive = archive(store, read_file);
        return terms;
    } catch (const Refusal& refusal) {
        return content_fault("delivery.yaml", refusal.why);
    } catch (const YAML::Exception& e) {
        return content_fault("delivery.yaml", e.what(), e.mark.line + 1);
    }
}

} // namespace jk::delivery
