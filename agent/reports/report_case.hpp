// ReportCase: one report as it stands in the casebook. Facts of the day it was opened; only `state` and what hangs on it change later.
#pragma once
#include "jurukunci/clock.hpp"
#include "jurukunci/outcome.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace jk::reports {

namespace json = boost::json;

struct Person {
    std::string name, nip, position, unit;
    bool empty() const { return name.empty() && nip.empty() && position.empty() && unit.empty(); }
};

/// waiting: something must be attached first · queued: on its way · delivered: the RA's receipt is here · decided: the RA has decided
enum class CaseState { waiting, queued, delivered, decided };
std::string_view name_of(CaseState state);
std::optional<CaseState> case_state_named(std::string_view name);

struct ReportCase {
    std::string id;     ///< random; what the RA and its decisions name, and the idempotency key
    std::string number; ///< "L-2026-0001": in the order of this installation, for people
    CaseState state = CaseState::waiting;
    std::string profile, city, environment;
    std::string category, citation; ///< an empty citation is agent policy
    bool incident = false, helpdesk = false, blocks = false, lost_key = false;
    std::optional<bool> significant;
    std::string description;
    WallTime opened{}, known{};
    std::optional<WallTime> last_safe; ///< when the key was certainly still in its owner's hands
    Person holder, superior, head_of_unit;
    std::string token_serial;
    std::vector<std::string> certificates; ///< SHA-256, hexadecimal
    std::string subject;                   ///< of the certificate, where one is known

    /// From when on signatures are in doubt.
    WallTime doubtful_since() const { return last_safe.value_or(known); }
    /// Since it became known; never negative, whatever the clock says.
    std::int64_t hours_elapsed(WallTime now) const;
};

json::object to_json(const ReportCase& report);
Outcome<ReportCase> case_from_json(const json::object& object);

} // namespace jk::reports
