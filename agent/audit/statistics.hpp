// Statistics: how often what happened, by kind, application, day and refusal. Counts only: no document, no person.
#pragma once
#include "agent/audit/history.hpp"

#include <map>
#include <string>
#include <utility>

namespace jk::audit {

struct Tally {
    std::int64_t signatures = 0; ///< of documents and digests
    std::int64_t logins = 0;
    std::int64_t uses = 0;     ///< of a key by local programs
    std::int64_t refusals = 0; ///< each code once per operation
};

struct Statistics {
    std::int64_t rows = 0;
    std::map<std::string, std::int64_t> kinds;
    std::map<std::pair<std::string, std::string>, Tally> applications; ///< by name and origin
    std::map<std::string, Tally> days;                                 ///< by YYYY-MM-DD, UTC
    std::map<std::string, std::int64_t> refusals;                      ///< by code, each once per operation
    std::int64_t unreadable = 0;                                       ///< rows whose body is no JSON object: somebody changed them
};

/// Reads rows before the range, too: a signature's application stands in its consent.
Outcome<Statistics> count(const History& history, const RowRange& range);

} // namespace jk::audit
