#include "cli/commands/doctor_facts.hpp"

#include "agent/audit/summary.hpp"
#include "agent/config/configuration.hpp"
#include "agent/store/state_folder.hpp"
#include "jurukunci/version.hpp"

#include <boost/json/array.hpp>

namespace jk::cli {
namespace {

void count_profile(const policy::Profile& profile, std::map<std::string, std::int64_t>& counts) {
    counts["anchors"] = static_cast<std::int64_t>(profile.anchors.size());
    counts["intermediates"] = static_cast<std::int64_t>(profile.intermediates.size());
    counts["applications"] = static_cast<std::int64_t>(profile.applications.size());
    counts["items_per_consent"] = static_cast<std::int64_t>(profile.limits.items_per_consent);
    counts["consent_seconds"] = profile.limits.consent.count();
    counts["document_bytes"] = static_cast<std::int64_t>(profile.limits.document_bytes);
    counts["terminal_prompter"] = profile.terminal_prompter;
    counts["authentication"] = profile.authentication;
    counts["raw_hashes"] = profile.raw_hashes;
}

void read_log(std::string_view environment, DoctorFacts& facts) {
    const auto folder = store::state_folder(environment);
    if (!folder) {
        facts.findings.push_back({folder.error()});
        return;
    }
    std::error_code ec;
    if (!std::filesystem::exists(*folder / "audit.db", ec)) return; // nothing was ever signed here
    const auto summary = audit::summarise(*folder / "audit.db");
    if (!summary) {
        facts.findings.push_back({summary.error()});
        return;
    }
    facts.last_row = summary->last;
    facts.for_bundle.log_rows = summary->kinds;
}

void read_configuration(DoctorFacts& facts) {
    const auto configuration = config::read(config::system_folder());
    if (!configuration) {
        facts.findings.push_back({configuration.error()});
        return;
    }
    auto& bundle = facts.for_bundle;
    bundle.environment = policy::name_of(configuration->profile.environment);
    count_profile(configuration->profile, bundle.configuration);
    for (const auto& error : configuration->refused_modules) facts.findings.push_back({error});
    bundle.refused_modules = configuration->refused_modules.size();
    for (const auto& module : configuration->modules) bundle.modules.push_back({module.name, module.path});
    if (configuration->modules.empty() && configuration->refused_modules.empty())
        facts.findings.push_back({Error{Errc::module_unusable}
                                      .with("module", "modules.d")
                                      .with("alasan", "belum ada yang didaftarkan")
                                      .with("reason", "no module is listed")});
    read_log(bundle.environment, facts);
}

/// Everything the agent says in one language.
struct Told {
    doctor::AgentAnswers answers;
    std::vector<json::object> errors;
    std::optional<Error> silent; ///< it answered nothing
    bool refused = false;        ///< to tell its status
};

/// Certificates of which none can be used; what is wrong with each.
void judge_certificates(Told& told) {
    const auto* list = told.answers.certificates.if_contains("certificates");
    if (list == nullptr || !list->is_array()) return; // the token's fault is told already
    for (const auto& value : list->get_array())
        if (value.at("usable").as_bool()) return;
    for (const auto& value : list->get_array())
        for (const auto& refusal : value.at("refusals").as_array()) told.errors.push_back(refusal.as_object());
}

Told listen(ControlClient& client, Language language) {
    Told told;
    const auto spoken = language == Language::english ? "en" : "id";
    auto status = client.call({{"call", "status"}, {"language", spoken}});
    if (!status) {
        told.silent = status.error();
        return told;
    }
    if (status->refusal) {
        told.refused = true;
        told.errors.push_back(std::move(*status->refusal));
        return told;
    }
    told.answers.status = std::move(status->body);
    for (const auto& value : told.answers.status.at("agent").at("modules").as_array())
        if (const auto& fault = value.at("fault"); fault.is_object() && text_of(value.as_object(), "name") != "?")
            told.errors.push_back(fault.as_object());
    for (const auto& value : told.answers.status.at("warnings").as_array()) {
        auto warning = value.as_object();
        warning["remedy"] = Error(errc_of_code(text_of(warning, "code"))).remedy(language);
        told.errors.push_back(std::move(warning));
    }
    auto certificates = client.call({{"call", "certificates"}, {"language", spoken}});
    if (certificates && !certificates->refusal) told.answers.certificates = std::move(certificates->body);
    judge_certificates(told);
    return told;
}

/// The same finding in both languages: the nth of a code is the nth there. What came or went between the two questions is worded by the catalogue.
std::vector<AgentFinding> pair(const std::vector<json::object>& indonesian, std::vector<json::object> english) {
    std::vector<AgentFinding> all;
    for (const auto& error : indonesian) {
        AgentFinding finding;
        finding.code = text_of(error, "code");
        finding.indonesian = {text_of(error, "userMessage"), text_of(error, "remedy")};
        const auto same = std::ranges::find_if(english, [&](const json::object& other) { return text_of(other, "code") == finding.code; });
        const Error plain(errc_of_code(finding.code));
        if (same == english.end()) {
            finding.english = {plain.sentence(Language::english), plain.remedy(Language::english)};
        } else {
            finding.english = {text_of(*same, "userMessage"), text_of(*same, "remedy")};
            english.erase(same);
        }
        all.push_back(std::move(finding));
    }
    return all;
}

void ask_agent(DoctorFacts& facts) {
    auto client = ControlClient::connect();
    if (!client) {
        facts.findings.push_back({client.error()});
        return;
    }
    auto told = listen(*client, Language::indonesian);
    if (told.silent) {
        facts.findings.push_back({*told.silent});
        return;
    }
    facts.agent_findings = pair(told.errors, listen(*client, Language::english).errors);
    if (told.refused) return;
    facts.agent = std::move(told.answers);
    facts.for_bundle.agent_version = text_of(facts.agent->status.at("agent").as_object(), "version");
    const auto* list = facts.agent->certificates.if_contains("certificates");
    if (list != nullptr && list->is_array() && list->get_array().empty()) facts.findings.push_back({Error(Errc::certificate_absent)});
}

} // namespace

DoctorFacts gather_facts() {
    DoctorFacts facts;
    facts.for_bundle.command_version = version();
    read_configuration(facts);
    if (const auto fault = fault_of_browser_policy()) facts.findings.push_back({*fault});
    ask_agent(facts);
    return facts;
}

} // namespace jk::cli
