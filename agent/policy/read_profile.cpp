#include "agent/policy/read_profile.hpp"

#include "agent/policy/read_terms.hpp"
#include "agent/policy/strict_yaml.hpp"
#include "jurukunci/config_fault.hpp"
#include "x509/read_certificate.hpp"

namespace jk::policy {
namespace {

constexpr std::size_t most_applications = 500;

Environment environment(const YAML::Node& node, const std::string& where) {
    const auto name = text(node, where);
    if (name == "uji") return Environment::uji;
    if (name == "produksi") return Environment::produksi;
    throw Refusal{where + " must be uji or produksi"};
}

std::string file(const FileReader& read_file, const std::string& name) {
    auto content = read_file(name);
    if (!content) throw Refusal{name + ": " + content.error().detail};
    return std::move(*content);
}

std::vector<CertificateRef> certificates(const FileReader& read_file, const std::string& name) {
    auto all = x509::read_pem(file(read_file, name));
    if (!all) throw Refusal{name + ": " + all.error().detail};
    return std::move(*all);
}

Application application(const FileReader& read_file, const YAML::Node& node) {
    only(node, "applications", {"origin", "name", "owner_unit", "decree", "until", "link_hosts", "order_key", "ra"});
    const auto written = text(node["origin"], "applications.origin");
    const auto origin = Origin::parse(written);
    if (!origin) throw Refusal{"`" + written + "` is no exact https origin (https://host or https://host:port, lower case, no wildcard)"};
    Application a{*origin,
                  text(node["name"], written + ".name"),
                  text(node["owner_unit"], written + ".owner_unit"),
                  text(node["decree"], written + ".decree"),
                  std::nullopt,
                  {},
                  std::nullopt};
    if (node["order_key"]) {
        const auto name = text(node["order_key"], written + ".order_key");
        auto key = x509::PublicKey::from_pem(file(read_file, name));
        if (!key) throw Refusal{name + ": " + key.error().detail};
        a.order_key = std::move(*key);
    }
    if (node["ra"]) a.registration_authority = node["ra"].as<bool>();
    if (node["until"]) {
        a.until = parse_rfc3339(node["until"].as<std::string>() + "T23:59:59Z");
        if (!a.until) throw Refusal{written + ".until must be a date such as 2027-12-31"};
    }
    if (node["link_hosts"] && !node["link_hosts"].IsSequence()) throw Refusal{written + ".link_hosts must be a list"};
    for (const auto& host : node["link_hosts"]) {
        if (https_host("https://" + host.as<std::string>()) != host.as<std::string>())
            throw Refusal{written + ".link_hosts: `" + host.as<std::string>() + "` is no host"};
        a.link_hosts.push_back(host.as<std::string>());
    }
    return a;
}

Profile build(const YAML::Node& root, const FileReader& read_file) {
    only(root, "the profile",
         {"environment", "regulation", "anchors", "intermediates", "applications", "limits", "terminal_prompter", "raw_hashes", "authentication",
          "local_programs", "sessions", "revocation_status", "validity_beyond", "duties_first", "agreement_first", "complaint_contact", "holidays"});
    Profile profile;
    profile.environment = environment(root["environment"], "environment");
    const auto regulation_file = text(root["regulation"], "regulation");
    auto regulation = read_regulation(file(read_file, regulation_file), regulation_file);
    if (!regulation) throw Refusal{regulation_file + ": " + regulation.error().detail};
    profile.regulation = std::move(*regulation);
    for (const auto* list : {"anchors", "intermediates", "applications"})
        if (root[list] && !root[list].IsSequence() && !root[list].IsNull()) throw Refusal{std::string(list) + " must be a list"};
    for (const auto& node : root["anchors"]) {
        only(node, "anchors", {"file", "environment", "other_issuer"});
        const auto which = environment(node["environment"], "anchors.environment");
        const bool other = node["other_issuer"] && node["other_issuer"].as<bool>();
        for (const auto& certificate : certificates(read_file, text(node["file"], "anchors.file")))
            profile.anchors.push_back({certificate, which, other});
    }
    if (profile.anchors.empty()) throw Refusal{"anchors is empty: nobody's certificate could be recognised"};
    for (const auto& node : root["intermediates"])
        for (const auto& certificate : certificates(read_file, text(node, "intermediates"))) profile.intermediates.push_back(certificate);
    if (root["applications"] && root["applications"].size() > most_applications) throw Refusal{"more than 500 applications"};
    for (const auto& node : root["applications"]) {
        auto a = application(read_file, node);
        if (profile.find_application(a.origin.text()) != nullptr) throw Refusal{a.origin.text() + " is listed twice"};
        profile.applications.push_back(std::move(a));
    }
    if (root["holidays"]) {
        const auto name = text(root["holidays"], "holidays");
        auto calendar = Calendar::read(file(read_file, name), name);
        if (!calendar) throw Refusal{name + ": " + calendar.error().detail};
        profile.calendar = std::move(*calendar);
    }
    read_terms(profile, root);
    return profile;
}

} // namespace

Outcome<Profile> read_profile(std::string_view yaml, const FileReader& read_file) {
    try {
        return build(YAML::Load(std::string(yaml)), read_file);
    } catch (const Refusal& refusal) {
        return content_fault("profile.yaml", refusal.why);
    } catch (const YAML::Exception& e) {
        return content_fault("profile.yaml", e.what(), e.mark.line + 1);
    }
}

} // namespace jk::policy
