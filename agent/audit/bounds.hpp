// Bounds: which rows are meant by "from row 120" or "since 2026-11-21T08:00:00Z". Any thread.
#pragma once
#include "agent/audit/log_view.hpp"

#include <string_view>
#include <variant>

namespace jk::audit {

struct RowRange {
    std::int64_t first = 1;
    std::int64_t last = 0;   ///< before `first`: no row is meant
    bool to_the_end = false; ///< no upper bound was asked for

    bool empty() const { return last < first; }
};

/// A row's number or a time.
using Bound = std::variant<std::int64_t, WallTime>;
Outcome<Bound> bound_of(std::string_view text);

/// In the database: what is in segments is before it. Each bound is empty, a row's number or a time as of parse_rfc3339; both are inclusive. audit_bound_malformed.
Outcome<RowRange> rows_between(const LogView& log, std::string_view since, std::string_view until);

} // namespace jk::audit
