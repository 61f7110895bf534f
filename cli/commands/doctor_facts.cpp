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
        facts.findings.push_back(
            {Error{Errc::module_unusable}.with("module", "modules.d").with("reason", "tidak ada modul / no module is configured")});
    read_log(bundle.environment, facts);
}

/// Certificates of which none can be used; what is wrong with each.
void judge_certificates(DoctorFacts& facts) {
    const auto* list = facts.agent->certificates.if_contains("certificates");
    if (list == nullptr || !list->is_array()) return; // the token's fault is told already
    bool usable = false;
    for (const auto& value : list->get_array()) usable = usable || value.at("usable").as_bool();
    if (usable) return;
    if (list->get_array().empty()) facts.findings.push_back({Error(Errc::certificate_absent)});
    for (const auto& value : list->get_array())
        for (const auto& refusal : value.at("refusals").as_array()) facts.agent_errors.push_back(refusal.as_object());
}

void ask_agent(const Console& console, DoctorFacts& facts) {
    auto client = ControlClient::connect();
    if (!client) {
        facts.findings.push_back({client.error()});
        return;
    }
    const auto language = console.english() ? "en" : "id";
    auto status = client->call({{"call", "status"}, {"language", language}});
    if (!status) {
        facts.findings.push_back({status.error()});
        return;
    }
    if (status->refusal) return facts.agent_errors.push_back(std::move(*status->refusal));
    facts.agent.emplace();
    facts.agent->status = std::move(status->body);
    const auto& self = facts.agent->status.at("agent").as_object();
    facts.for_bundle.agent_version = text_of(self, "version");
    for (const auto& value : self.at("modules").as_array())
        if (const auto& fault = value.at("fault"); fault.is_object() && text_of(value.as_object(), "name") != "?")
            facts.agent_errors.push_back(fault.as_object());
    for (const auto& value : facts.agent->status.at("warnings").as_array()) {
        auto warning = value.as_object();
        warning["remedy"] = Error(errc_of_code(text_of(warning, "code"))).remedy(console.language);
        facts.agent_errors.push_back(std::move(warning));
    }
    auto certificates = client->call({{"call", "certificates"}, {"language", language}});
    if (certificates && !certificates->refusal) facts.agent->certificates = std::move(certificates->body);
    judge_certificates(facts);
}

} // namespace

DoctorFacts gather_facts(const Console& console) {
    DoctorFacts facts;
    facts.for_bundle.command_version = version();
    read_configuration(facts);
    if (const auto fault = fault_of_browser_policy()) facts.findings.push_back({*fault});
    ask_agent(console, facts);
    return facts;
}

} // namespace jk::cli
