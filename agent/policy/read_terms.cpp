#include "agent/policy/read_terms.hpp"

#include "agent/policy/strict_yaml.hpp"

#include "x509/status_url.hpp"

namespace jk::policy {
namespace {

constexpr std::size_t most_hosts = 16, most_contact = 300;

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
    only(node, "local_programs", {"allowed", "operations_per_consent", "minutes_per_consent", "non_repudiation_key", "ask_at"});
    if (node["allowed"]) terms.allowed = node["allowed"].as<bool>();
    terms.operations_per_consent =
        number<std::uint32_t>(node["operations_per_consent"], "local_programs.operations_per_consent", 1, 10'000, terms.operations_per_consent);
    terms.minutes_per_consent = std::chrono::minutes(number<int>(node["minutes_per_consent"], "local_programs.minutes_per_consent", 1, 480, 1));
    if (const auto at = node["ask_at"]) {
        const auto word = at.as<std::string>();
        if (word != "login" && word != "use") throw YAML::Exception(at.Mark(), "local_programs.ask_at is 'login' or 'use'");
        terms.ask_at_use = word == "use";
    }
    if (node["non_repudiation_key"]) terms.non_repudiation_key = node["non_repudiation_key"].as<bool>();
    return terms;
}

void set(bool& term, const YAML::Node& node) {
    if (node) term = node.as<bool>();
}

SessionTerms sessions(const YAML::Node& node) {
    SessionTerms terms;
    if (!node) return terms;
    only(node, "sessions", {"remote", "inactive"});
    set(terms.remote, node["remote"]);
    set(terms.inactive, node["inactive"]);
    return terms;
}

RevocationStatusTerms revocation_status(const YAML::Node& node) {
    RevocationStatusTerms terms;
    if (!node) return terms;
    only(node, "revocation_status", {"source", "warn_hours", "refuse_hours", "url", "hosts", "wait_ms"});
    const auto source = text(node["source"], "revocation_status.source");
    if (source == "crl")
        terms.source = StatusSource::crl;
    else if (source == "ocsp")
        terms.source = StatusSource::ocsp;
    else if (source != "none")
        throw Refusal{"revocation_status.source must be none, crl or ocsp"};
    terms.warn_after = std::chrono::hours(number<int>(node["warn_hours"], "revocation_status.warn_hours", 1, 720, 24));
    terms.refuse_after = std::chrono::hours(number<int>(node["refuse_hours"], "revocation_status.refuse_hours", 1, 720, 72));
    terms.wait = std::chrono::milliseconds(number<int>(node["wait_ms"], "revocation_status.wait_ms", 0, 3000, 3000));
    if (node["hosts"] && !node["hosts"].IsSequence()) throw Refusal{"revocation_status.hosts must be a list"};
    for (const auto& host : node["hosts"]) {
        terms.hosts.push_back(text(host, "revocation_status.hosts"));
        const auto& written = terms.hosts.back();
        const auto parsed = x509::StatusUrl::parse("http://" + written + "/");
        if (!parsed || parsed->authority() != written)
            throw Refusal{"revocation_status.hosts: `" + written + "` is no host (lower case, with its port where that is not 80)"};
    }
    if (terms.hosts.size() > most_hosts) throw Refusal{"revocation_status.hosts: too many"};
    if (node["url"]) {
        terms.url = text(node["url"], "revocation_status.url");
        const auto parsed = x509::StatusUrl::parse(terms.url);
        if (!parsed) throw Refusal{"revocation_status.url must be http://host[:port]/path"};
        terms.hosts.push_back(parsed->authority());
    }
    if (terms.warn_after > terms.refuse_after) throw Refusal{"revocation_status.warn_hours is more than refuse_hours"};
    return terms;
}

LongValidity long_validity(const YAML::Node& node) {
    if (!node) return LongValidity::warn;
    const auto name = text(node, "validity_beyond");
    if (name != "warn" && name != "refuse") throw Refusal{"validity_beyond must be warn or refuse"};
    return name == "warn" ? LongValidity::warn : LongValidity::refuse;
}

} // namespace

void read_terms(Profile& profile, const YAML::Node& root) {
    profile.limits = limits(root["limits"]);
    profile.local_programs = local_programs(root["local_programs"]);
    profile.sessions = sessions(root["sessions"]);
    profile.revocation_status = revocation_status(root["revocation_status"]);
    profile.long_validity = long_validity(root["validity_beyond"]);
    set(profile.terminal_prompter, root["terminal_prompter"]);
    set(profile.authentication, root["authentication"]);
    set(profile.raw_hashes, root["raw_hashes"]);
    set(profile.duties_first, root["duties_first"]);
    set(profile.agreement_first, root["agreement_first"]);
    if (root["complaint_contact"]) profile.complaint_contact = text(root["complaint_contact"], "complaint_contact");
    if (profile.complaint_contact.size() > most_contact || profile.complaint_contact.find('\n') != std::string::npos)
        throw Refusal{"complaint_contact must be one line of at most 300 bytes"};
}

} // namespace jk::policy
