#include "agent/audit/bounds.hpp"

#include <algorithm>
#include <charconv>

namespace jk::audit {

Outcome<Bound> bound_of(std::string_view text) {
    std::int64_t row = 0;
    const auto* end = text.data() + text.size();
    const auto [stopped, ec] = std::from_chars(text.data(), end, row);
    if (ec == std::errc() && stopped == end && row > 0) return Bound(row);
    if (const auto time = parse_rfc3339(text)) return Bound(*time);
    return Error{Errc::audit_bound_malformed, std::string(text)}.with("value", std::string(text));
}

Outcome<RowRange> rows_between(const LogView& log, std::string_view since, std::string_view until) {
    const auto base = log.base();
    if (!base) return base.error();
    RowRange range{base->row + 1, log.last_row(), until.empty()}; // what is before stands in segments
    if (!since.empty()) {
        const auto bound = bound_of(since);
        if (!bound) return bound.error();
        if (const auto* row = std::get_if<std::int64_t>(&*bound)) {
            range.first = *row;
        } else {
            const auto found = log.first_since(std::get<WallTime>(*bound));
            if (!found) return found.error();
            range.first = found->value_or(log.last_row() + 1);
        }
        range.first = std::max(range.first, base->row + 1);
    }
    if (!until.empty()) {
        const auto bound = bound_of(until);
        if (!bound) return bound.error();
        if (const auto* row = std::get_if<std::int64_t>(&*bound)) {
            range.last = std::min(*row, log.last_row());
        } else {
            const auto found = log.last_until(std::get<WallTime>(*bound));
            if (!found) return found.error();
            range.last = found->value_or(0);
        }
    }
    return range;
}

} // namespace jk::audit
