#include "agent/policy/read_profile.hpp"

#include "x509/read_certificate.hpp"

#include <yaml-cpp/yaml.h>

#include <initializer_list>

namespace jk::policy {
namespace {

constexpr std::size_t most_applications = 500;

/// Thrown inside this file only, to leave nested reading; becomes an Error at the border.
struct Refusal {
    std::string why;
};

void only(const YAML::Node& node, const std::string& where, std::initializer_list<std::string_view> known) {
    if (!node.IsMap()) throw Refusal{where + " must be a mapping"};
    for (const auto& entry : node) {
        const auto key = entry.first.as<std::string>();
        if (std::find(known.begin(), known.end(), key) == known.end())
            throw Refusal{std::string("unknown key `").append(key).append("` in ").append(where)};
    }
}

std::string text(const YAML::Node& node, const std::string& where) {
    if (!node || !node.IsScalar()) throw Refusal{where + " is missing"};
    return node.as<std::string>();
}

template <class T> T number(const YAML::Node& node, const std::string& where, T least, T most, T fallback) {
    if (!node) return fallback;
    const auto value = node.as<long long>();
    if (value < static_cast<long long>(least) || value > static_cast<long long>(most))
        throw Refusal{where + " must be from " + std::to_string(least) + " to " + std::to_string(most)};
    return static_cast<T>(value);
}

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

Limits limits(const YAML::Node& node) {
    Limits l;
    if (!node) return l;
    only(node, "limits", {"items_per_consent", "consent_seconds", "consent_seconds_per_item", "max_document_mb", "keep_minutes"});
    l.items_per_consent = number<std::size_t>(node["items_per_consent"], "limits.items_per_consent", 1, 10'000, l.items_per_consent);
    l.consent = std::chrono::seconds(number<int>(node["consent_seconds"], "limits.consent_seconds", 1, 3600, 120));
    l.consent_per_item = std::chrono::seconds(number<int>(node["consent_seconds_per_item"], "limits.consent_seconds_per_item", 0, 600, 20));
    l.document_bytes = number<std::uint64_t>(node["max_document_mb"], "limits.max_document_mb", 1, 2048, 256) << 20;
    l.keep = std::chrono::minutes(number<int>(node["keep_minutes"], "limits.keep_minutes", 1, 1440, 15));
    return l;
}

LocalProgramTerms local_programs(const YAML::Node& node) {
    LocalProgramTerms terms;
    if (!node) return terms;
    only(node, "local_programs", {"allowed", "operations_per_consent", "minutes_per_consent", "non_repudiation_key"});
    if (node["allowed"]) terms.allowed = node["allowed"].as<bool>();
    terms.operations_per_consent =
        number<std::uint32_t>(node["operations_per_consent"], "local_programs.operations_per_consent", 1, 10'000, terms.operations_per_consent);
    terms.minutes_per_consent = std::chrono::minutes(number<int>(node["minutes_per_consent"], "local_programs.minutes_per_consent", 1, 480, 1));
    if (node["non_repudiation_key"]) terms.non_repudiation_key = node["non_repudiation_key"].as<bool>();
    return terms;
}

Profile build(const YAML::Node& root, const FileReader& read_file) {
    only(root, "the profile",
         {"environment", "regulation", "anchors", "intermediates", "applications", "limits", "terminal_prompter", "raw_hashes", "authentication",
          "local_programs"});
    Profile profile;
    profile.environment = environment(root["environment"], "environment");
    const auto regulation_file = text(root["regulation"], "regulation");
    auto regulation = read_regulation(file(read_file, regulation_file), regulation_file);
    if (!regulation) throw Refusal{regulation_file + ": " + regulation.error().detail};
    profile.regulation = std::move(*regulation);
    for (const auto* list : {"anchors", "intermediates", "applications"})
        if (root[list] && !root[list].IsSequence() && !root[list].IsNull()) throw Refusal{std::string(list) + " must be a list"};
    for (const auto& node : root["anchors"]) {
        only(node, "anchors", {"file", "environment"});
        const auto which = environment(node["environment"], "anchors.environment");
        for (const auto& certificate : certificates(read_file, text(node["file"], "anchors.file"))) profile.anchors.push_back({certificate, which});
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
    profile.limits = limits(root["limits"]);
    if (root["terminal_prompter"]) profile.terminal_prompter = root["terminal_prompter"].as<bool>();
    profile.local_programs = local_programs(root["local_programs"]);
    if (root["authentication"]) profile.authentication = root["authentication"].as<bool>();
    if (root["raw_hashes"]) profile.raw_hashes = root["raw_hashes"].as<bool>();
    return profile;
}

} // namespace

Outcome<Profile> read_profile(std::string_view yaml, const FileReader& read_file) {
    const auto refuse = [](const std::string& why) { return Error{Errc::config_refused, why}.with("file", "profile.yaml").with("reason", why); };
    try {
        return build(YAML::Load(std::string(yaml)), read_file);
    } catch (const Refusal& refusal) {
        return refuse(refusal.why);
    } catch (const YAML::Exception& e) {
        return refuse(e.what());
    }
}

} // namespace jk::policy
