#include "agent/reports/report_case.hpp"

#include "agent/audit/body_text.hpp"
#include "ipc/json_fields.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>

namespace jk::reports {
namespace {

constexpr std::array states{CaseState::waiting, CaseState::queued, CaseState::delivered, CaseState::decided};

json::value of(const Person& person) {
    if (person.empty()) return nullptr;
    return json::object{{"name", person.name}, {"nip", person.nip}, {"position", person.position}, {"unit", person.unit}};
}

using audit::text;

bool flag(const json::object& o, std::string_view name) {
    const auto* value = o.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

Person person(const json::object& o, std::string_view name) {
    const auto* value = o.if_contains(name);
    if (value == nullptr || !value->is_object()) return {};
    const auto& p = value->get_object();
    return {text(p, "name"), text(p, "nip"), text(p, "position"), text(p, "unit")};
}

} // namespace

std::string_view name_of(CaseState state) {
    switch (state) {
    case CaseState::waiting: return "waiting";
    case CaseState::queued: return "queued";
    case CaseState::delivered: return "delivered";
    case CaseState::decided: return "decided";
    }
    return "?";
}

std::optional<CaseState> case_state_named(std::string_view name) {
    const auto place = std::ranges::find_if(states, [&](CaseState s) { return name_of(s) == name; });
    return place == states.end() ? std::nullopt : std::optional(*place);
}

std::int64_t ReportCase::hours_elapsed(WallTime now) const {
    const auto since = std::chrono::duration_cast<std::chrono::hours>(now - known).count();
    return std::max<std::int64_t>(0, since);
}

json::object to_json(const ReportCase& c) {
    json::array certificates;
    for (const auto& fingerprint : c.certificates) certificates.emplace_back(fingerprint);
    json::object o{{"id", c.id},
                   {"number", c.number},
                   {"state", name_of(c.state)},
                   {"profile", c.profile},
                   {"city", c.city},
                   {"environment", c.environment},
                   {"category", c.category},
                   {"citation", c.citation.empty() ? "kebijakan agen" : c.citation},
                   {"incident", c.incident},
                   {"helpdesk", c.helpdesk},
                   {"blocks", c.blocks},
                   {"lostKey", c.lost_key},
                   {"significant", nullptr},
                   {"description", c.description},
                   {"openedAt", rfc3339(c.opened)},
                   {"knownAt", rfc3339(c.known)},
                   {"lastSafeAt", nullptr},
                   {"holder", of(c.holder)},
                   {"superior", of(c.superior)},
                   {"headOfUnit", of(c.head_of_unit)},
                   {"tokenSerial", c.token_serial},
                   {"certificates", std::move(certificates)},
                   {"subject", c.subject}};
    if (c.significant) o["significant"] = *c.significant;
    if (c.last_safe) o["lastSafeAt"] = rfc3339(*c.last_safe);
    return o;
}

Outcome<ReportCase> case_from_json(const json::object& o) {
    ReportCase c;
    c.id = text(o, "id");
    c.number = text(o, "number");
    const auto state = case_state_named(text(o, "state"));
    const auto opened = parse_rfc3339(text(o, "openedAt")), known = parse_rfc3339(text(o, "knownAt"));
    if (c.id.empty() || !state || !opened || !known) return Error{Errc::request_malformed}.with("field", "case").with("fault", "is no case");
    c.state = *state;
    c.opened = *opened;
    c.known = *known;
    c.last_safe = parse_rfc3339(text(o, "lastSafeAt"));
    c.profile = text(o, "profile");
    c.city = text(o, "city");
    c.environment = text(o, "environment");
    c.category = text(o, "category");
    c.citation = text(o, "citation");
    if (c.citation == "kebijakan agen") c.citation.clear();
    c.incident = flag(o, "incident");
    c.helpdesk = flag(o, "helpdesk");
    c.blocks = flag(o, "blocks");
    c.lost_key = flag(o, "lostKey");
    if (const auto* significant = o.if_contains("significant"); significant != nullptr && significant->is_bool())
        c.significant = significant->get_bool();
    c.description = text(o, "description");
    c.holder = person(o, "holder");
    c.superior = person(o, "superior");
    c.head_of_unit = person(o, "headOfUnit");
    c.token_serial = text(o, "tokenSerial");
    c.subject = text(o, "subject");
    if (const auto* list = o.if_contains("certificates"); list != nullptr && list->is_array())
        for (const auto& fingerprint : list->get_array())
            if (fingerprint.is_string()) c.certificates.emplace_back(fingerprint.get_string());
    return c;
}

} // namespace jk::reports
