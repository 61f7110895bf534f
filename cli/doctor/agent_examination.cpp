#include "cli/doctor/examinations.hpp"

#include <boost/json/array.hpp>

namespace jk::doctor {
namespace {

namespace json = boost::json;

const json::array& list(const json::object& object, std::string_view name) {
    static const json::array none;
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_array() ? value->get_array() : none;
}

std::string text(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

} // namespace

Findings examine_versions(const AgentAnswers& agent, std::string_view command_version) {
    const auto* self = agent.status.if_contains("agent");
    const auto running = self != nullptr && self->is_object() ? text(self->get_object(), "version") : "";
    if (running.empty() || running == command_version) return {};
    return {{Error(Errc::version_mismatch).with("agent", running).with("command", std::string(command_version))}};
}

Findings examine_tokens(const AgentAnswers& agent) {
    Findings found;
    for (const auto& value : list(agent.status, "tokens")) {
        if (!value.is_object()) continue;
        const auto state = text(value.get_object(), "pinState"), label = text(value.get_object(), "label");
        if (state == "locked") found.push_back({Error(Errc::pin_locked).with("token", label)});
        if (state == "final-try") found.push_back({Error(Errc::pin_final_try).with("token", label), Weight::notice});
        if (state == "to-be-changed" || state == "not-set") found.push_back({Error(Errc::pin_must_change).with("token", label)});
    }
    return found;
}

Findings examine_expiry(const AgentAnswers& agent, WallTime now) {
    constexpr auto soon = std::chrono::hours(24 * 30);
    Findings found;
    for (const auto& value : list(agent.certificates, "certificates")) {
        if (!value.is_object()) continue;
        const auto* usable = value.get_object().if_contains("usable");
        const auto end = parse_rfc3339(text(value.get_object(), "notAfter"));
        if (usable == nullptr || !usable->is_bool() || !usable->get_bool() || !end || *end > now + soon) continue;
        const auto days = std::chrono::floor<std::chrono::days>(*end - now).count();
        found.push_back(
            {Error(Errc::certificate_expires_soon).with("date", indonesian_date(*end)).with("days", std::to_string(days)), Weight::notice});
    }
    return found;
}

} // namespace jk::doctor
