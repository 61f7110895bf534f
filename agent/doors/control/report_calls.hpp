// ReportCalls: reports at the control door. docs/protocol/reports.md.
#pragma once
#include "agent/doors/control/reading_turn.hpp"
#include "agent/reports/report_desk.hpp"
#include "jurukunci/unique_fd.hpp"

namespace jk::doors {

namespace json = boost::json;

struct ReportCall {
    std::string name; ///< "report-open", …
    std::string id;   ///< number or id of a case
    const json::value* request = nullptr;
    std::vector<UniqueFd> fds;
};

inline bool is_report_call(std::string_view name) { return name.starts_with("report-"); }

/// The block of a new report holds before a token is asked; then the tokens that are there may say more about the key.
Task<Outcome<json::object>> answer_report_call(reports::ReportDesk& desk, Token& token, ReadingTurn& reading, ReportCall call);

} // namespace jk::doors
