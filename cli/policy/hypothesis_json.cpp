#include "cli/policy/hypothesis_json.hpp"

#include "x509/read_certificate.hpp"

#include <algorithm>
#include <initializer_list>

namespace jk::cli {
namespace {

namespace json = boost::json;
using policy::Hypothesis;

/// Thrown inside this file only; becomes an Error at the border.
struct Malformed {
    std::string field, fault;
};

void only(const json::object& object, const std::string& where, std::initializer_list<std::string_view> known) {
    for (const auto& member : object)
        if (std::ranges::find(known, std::string_view(member.key())) == known.end()) throw Malformed{where + std::string(member.key()), "is unknown"};
}

const json::object* section(const json::object& object, const char* name, std::initializer_list<std::string_view> known) {
    const auto* value = object.if_contains(name);
    if (value == nullptr) return nullptr;
    if (!value->is_object()) throw Malformed{name, "must be an object"};
    only(value->as_object(), std::string(name) + ".", known);
    return &value->as_object();
}

std::string text(const json::object& object, const char* name, std::string fallback = {}) {
    const auto* value = object.if_contains(name);
    if (value == nullptr) return fallback;
    if (!value->is_string()) throw Malformed{name, "must be a string"};
    return std::string(value->as_string());
}

std::optional<bool> flag(const json::object& object, const char* name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (!value->is_bool()) throw Malformed{name, "must be true or false"};
    return value->as_bool();
}

std::optional<WallTime> time(const json::object& object, const char* name) {
    const auto written = text(object, name);
    if (written.empty()) return std::nullopt;
    const auto parsed = parse_rfc3339(written.size() == 10 ? written + "T00:00:00Z" : written);
    if (!parsed) throw Malformed{name, "must be a date or an RFC 3339 time"};
    return parsed;
}

int number(const json::object& object, const char* name, int least, int most, int fallback) {
    const auto* value = object.if_contains(name);
    if (value == nullptr) return fallback;
    if (!value->is_int64() || value->as_int64() < least || value->as_int64() > most)
        throw Malformed{name, "must be from " + std::to_string(least) + " to " + std::to_string(most)};
    return static_cast<int>(value->as_int64());
}

void read_request(Hypothesis& h, const json::object& o) {
    auto& r = h.request;
    r.caller.origin = r.caller.owner = text(o, "origin");
    r.caller.door = r.caller.origin.empty() ? Door::control : Door::http;
    const auto format = text(o, "format", "PAdES");
    if (format == "login")
        r.format = Format::authentication;
    else if (format == "PAdES" || format == "CAdES" || format == "RAW")
        r.format = format == "PAdES" ? Format::pades : format == "CAdES" ? Format::cades : Format::raw;
    else
        throw Malformed{"format", "must be PAdES, CAdES, RAW or login"};
    r.level = text(o, "level", r.format == Format::raw ? "" : format + "_BASELINE_B");
    r.purpose = text(o, "purpose", "tte");
    r.task_kind = text(o, "taskKind");
    const auto items = number(o, "items", 0, 10'000, 1);
    r.items.assign(static_cast<std::size_t>(items), SignItem{"dokumen", DocumentId{"d"}, std::nullopt});
    h.delegation_field = text(o, "delegation");
}

void read_state(Hypothesis& h, const json::object& o) {
    const auto* s = section(o, "state", {"blocked", "revoked", "suspended", "replaced", "agreement", "duties", "status"});
    if (s == nullptr) return;
    if (const auto* blocked = section(*s, "blocked", {"case", "since"}))
        h.state.blocked = policy::BlockFact{text(*blocked, "case"), time(*blocked, "since").value_or(WallTime{})};
    h.state.revoked = time(*s, "revoked");
    h.state.suspended = flag(*s, "suspended").value_or(false);
    h.state.replaced = time(*s, "replaced");
    h.state.agreement_accepted = flag(*s, "agreement");
    h.state.duties_acknowledged = flag(*s, "duties");
    const auto* status = section(*s, "status", {"answer", "at"});
    if (status == nullptr) return;
    const auto answer = text(*status, "answer");
    if (answer == "good")
        h.state.status = policy::RevocationAnswer::good;
    else if (answer == "revoked")
        h.state.status = policy::RevocationAnswer::revoked;
    else if (answer == "suspended")
        h.state.status = policy::RevocationAnswer::suspended;
    else
        throw Malformed{"state.status.answer", "must be good, revoked or suspended"};
    const auto at = time(*status, "at");
    if (!at) throw Malformed{"state.status.at", "is missing"};
    h.state.status_at = *at;
}

void read_rest(Hypothesis& h, const json::object& o) {
    if (const auto* s = section(o, "session", {"remote", "active", "otherUser", "how"}))
        h.session = {flag(*s, "remote"), flag(*s, "active"), flag(*s, "otherUser").value_or(false), text(*s, "how", "?")};
    if (const auto* c = section(o, "consent", {"shown", "affirmed", "pinByPrompter", "footer"}))
        h.consent = {flag(*c, "shown"), flag(*c, "affirmed"), flag(*c, "pinByPrompter"), flag(*c, "footer")};
    if (const auto* k = section(o, "custody", {"sensitive", "extractable", "alwaysSensitive", "neverExtractable", "local"}))
        h.custody = KeyCustody{flag(*k, "sensitive").value_or(false),
                               flag(*k, "extractable").value_or(true),
                               flag(*k, "alwaysSensitive").value_or(false),
                               flag(*k, "neverExtractable").value_or(false),
                               flag(*k, "local").value_or(false),
                               false,
                               true};
    const auto* t = section(o, "token", {"present", "pin", "triesLeft"});
    if (t == nullptr) return;
    h.token_absent = !flag(*t, "present").value_or(true);
    if (h.token_absent) return;
    h.token.emplace();
    h.token->label = "token";
    const auto pin = text(*t, "pin", "ok");
    if (pin != "ok" && pin != "locked" && pin != "not-set") throw Malformed{"token.pin", "must be ok, locked or not-set"};
    h.token->pin_state = pin == "ok" ? PinState::ok : pin == "locked" ? PinState::locked : PinState::not_set;
    h.tries_left = number(*t, "triesLeft", 0, 100, 5);
}

void read_certificates(Hypothesis& h, const std::string& path, const ReadFile& read_file) {
    if (path.empty()) return;
    auto pem = read_file(path);
    if (!pem) throw Malformed{"certificate", pem.error().detail};
    auto all = x509::read_pem(*pem);
    if (!all || all->empty()) throw Malformed{"certificate", "is no PEM file with a certificate"};
    h.certificate = all->front();
    h.candidates.assign(all->begin() + 1, all->end());
}

} // namespace

Outcome<Asked> read_hypothesis(const json::object& o, const ReadFile& read_file, WallTime now) {
    try {
        only(o, "",
             {"origin", "format", "level", "purpose", "taskKind", "items", "delegation", "certificate", "at", "state", "session", "consent",
              "custody", "token"});
        Asked asked;
        asked.at = time(o, "at").value_or(now);
        read_request(asked.hypothesis, o);
        read_state(asked.hypothesis, o);
        read_rest(asked.hypothesis, o);
        read_certificates(asked.hypothesis, text(o, "certificate"), read_file);
        return asked;
    } catch (const Malformed& m) {
        return Error{Errc::request_malformed}.with("field", m.field).with("fault", m.fault);
    }
}

} // namespace jk::cli
