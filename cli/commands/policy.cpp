// jurukunci policy: what this computer's profile says, and what the agent would say to a request, by the agent's own rules. Needs no agent.
#include "cli/commands/commands.hpp"

#include "agent/config/configuration.hpp"
#include "cli/policy/decision_text.hpp"
#include "cli/policy/hypothesis_json.hpp"
#include "cli/policy/profile_text.hpp"
#include "ipc/strict_json.hpp"

#include <boost/json/array.hpp>

#include <fstream>
#include <sstream>

namespace jk::cli {
namespace {

constexpr std::size_t most_bytes = 1 << 20;

Outcome<std::string> content_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return Error{Errc::request_malformed, "cannot be read"}.with("field", path).with("fault", "cannot be read");
    std::string text(most_bytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > most_bytes) return Error{Errc::request_malformed, "is too large"}.with("field", path).with("fault", "is larger than 1 MiB");
    return text;
}

/// The file's members, overridden by what was said on the command line.
Outcome<json::object> request_of(const ExplainOptions& options) {
    json::object o;
    if (!options.file.empty()) {
        const auto text = content_of(options.file);
        if (!text) return text.error();
        auto value = ipc::parse_json(*text);
        if (!value) return value.error();
        if (!value->is_object()) return Error{Errc::request_malformed}.with("field", options.file).with("fault", "is no JSON object");
        o = std::move(value->as_object());
    }
    const auto set = [&](const char* name, const std::string& value) {
        if (!value.empty()) o[name] = value;
    };
    set("origin", options.origin);
    set("purpose", options.purpose);
    set("taskKind", options.task_kind);
    set("format", options.format);
    set("certificate", options.certificate);
    set("delegation", options.delegation);
    set("at", options.at);
    if (options.items > 0) o["items"] = options.items;
    return o;
}

} // namespace

int policy_show(const Console& console) {
    const auto configuration = config::read(config::system_folder());
    if (!configuration) return console.fail(configuration.error());
    console.result(profile_json(configuration->profile));
    for (const auto& line : profile_lines(configuration->profile, console.language)) console.line(line);
    return 0;
}

int policy_check(const Console& console) {
    const auto configuration = config::read(config::system_folder());
    if (!configuration) return console.fail(configuration.error());
    const auto& profile = configuration->profile;
    json::array questions, said, modules;
    for (const auto& [place, ask] : open_questions(profile)) questions.push_back(json::object{{"place", place}, {"ask", ask}});
    for (const auto& remark : remarks(profile, SystemClock().now(), console.language)) said.emplace_back(remark);
    for (const auto& refused : configuration->refused_modules) modules.emplace_back(refused.sentence(console.language));
    console.line("✓ " + (configuration->folder / "profile.yaml").string() + ": " + profile.regulation.id);
    for (const auto& remark : said) console.line("! " + std::string(remark.as_string()));
    for (const auto& module : modules) console.line("! " + std::string(module.as_string()));
    for (const auto& [place, ask] : open_questions(profile)) console.line("? " + place + ": " + ask);
    console.result({{"sound", true}, {"profile", profile.regulation.id}, {"unknown", questions}, {"remarks", said}, {"refusedModules", modules}});
    return 0;
}

int policy_explain(const Console& console, const ExplainOptions& options) {
    const auto configuration = config::read(config::system_folder());
    if (!configuration) return console.fail(configuration.error());
    const auto request = request_of(options);
    if (!request) return console.fail(request.error());
    auto asked = read_hypothesis(*request, content_of, SystemClock().now());
    if (!asked) return console.fail(asked.error());
    const auto& profile = configuration->profile;
    // The registry's facts about the application are the machine's, not the hypothesis'.
    auto& caller = asked->hypothesis.request.caller;
    if (const auto identity = policy::judge_origin(profile, caller.origin, asked->at)) caller = *identity;
    const auto decision = policy::judge_everything(profile, asked->hypothesis, asked->at);
    auto result = decision_json(decision);
    result["profile"] = profile.regulation.id;
    result["at"] = rfc3339(asked->at);
    console.result(result);
    for (const auto& line : decision_lines(decision, console.language)) console.line(line);
    return decision.allowed() ? 0 : 1;
}

} // namespace jk::cli
