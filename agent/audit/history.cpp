#include "agent/audit/history.hpp"

#include "agent/audit/segment_file.hpp"

#include <algorithm>

namespace jk::audit {

Outcome<History> History::open(const LogView& log, std::filesystem::path state) {
    auto segments = segments_of(log.database());
    if (!segments) return segments.error();
    return History(log, std::move(state), std::move(*segments));
}

Outcome<void> History::rows_of(const Segment& segment, const RowRange& range, const std::function<Outcome<void>(const StoredRow&)>& each) const {
    const auto first = std::max(range.first, segment.first), last = std::min(range.last, segment.last);
    if (segment.pruned) return m_log.rows(first, last, each); // those that somebody's state is read from are left
    const auto file = m_state / "segments" / segment.file;
    SegmentReader reader;
    reader.row = [&](const StoredRow& row) { return row.row < first || row.row > last ? done() : each(row); };
    const auto sha256 = read_segment(file, reader);
    if (!sha256) return sha256.error();
    if (*sha256 == segment.sha256) return done();
    const std::string why = "its bytes are not those that were closed";
    return Error{Errc::segment_refused, file.string() + ": " + why}.with("file", segment.file).with("reason", why);
}

Outcome<void> History::rows(const RowRange& range, const std::function<Outcome<void>(const StoredRow&)>& each) const {
    for (const auto& segment : m_segments)
        if (segment.first <= range.last && segment.last >= range.first)
            if (auto ok = rows_of(segment, range, each); !ok) return ok;
    return m_log.rows(std::max(range.first, base() + 1), range.last, each);
}

std::int64_t History::beginning_of(std::int64_t row) const {
    for (const auto& segment : m_segments)
        if (row <= segment.last) return segment.first;
    return base() + 1;
}

std::vector<Segment> History::pruned(const RowRange& range) const {
    std::vector<Segment> all;
    for (const auto& segment : m_segments)
        if (segment.pruned && segment.first <= range.last && segment.last >= range.first) all.push_back(segment);
    return all;
}

/// The first row whose time has reached `time`; behind the last row where there is none.
Outcome<std::int64_t> History::first_since(WallTime time) const {
    const std::int64_t bound = time.time_since_epoch().count();
    for (const auto& segment : m_segments) {
        if (segment.until + std::chrono::seconds(1) < time) continue; // told to the second
        std::int64_t found = 0;
        auto ok = rows_of(segment, {segment.first, segment.last, false}, [&](const StoredRow& row) {
            if (found == 0 && row.at_ms >= bound) found = row.row;
            return done();
        });
        if (!ok) return std::move(ok).error();
        if (found != 0) return found;
    }
    const auto found = m_log.first_since(time);
    if (!found) return found.error();
    return std::max(found->value_or(m_log.last_row() + 1), base() + 1);
}

/// The last row that was not written after `time`; 0 where there is none.
Outcome<std::int64_t> History::last_until(WallTime time) const {
    const auto newest = m_log.last_until(time);
    if (!newest) return newest.error();
    if (newest->value_or(0) > base()) return **newest;
    const std::int64_t bound = time.time_since_epoch().count();
    for (auto segment = m_segments.rbegin(); segment != m_segments.rend(); ++segment) {
        std::int64_t found = 0;
        auto ok = rows_of(*segment, {segment->first, segment->last, false}, [&](const StoredRow& row) {
            if (row.at_ms <= bound) found = row.row;
            return done();
        });
        if (!ok) return std::move(ok).error();
        if (found != 0) return found;
    }
    return 0;
}

Outcome<RowRange> History::between(std::string_view since, std::string_view until) const {
    RowRange range{1, m_log.last_row(), until.empty()};
    if (!since.empty()) {
        const auto bound = bound_of(since);
        if (!bound) return bound.error();
        if (const auto* row = std::get_if<std::int64_t>(&*bound)) {
            range.first = *row;
        } else {
            const auto found = first_since(std::get<WallTime>(*bound));
            if (!found) return found.error();
            range.first = *found;
        }
    }
    if (!until.empty()) {
        const auto bound = bound_of(until);
        if (!bound) return bound.error();
        if (const auto* row = std::get_if<std::int64_t>(&*bound)) {
            range.last = std::min(*row, m_log.last_row());
        } else {
            const auto found = last_until(std::get<WallTime>(*bound));
            if (!found) return found.error();
            range.last = *found;
        }
    }
    return range;
}

} // namespace jk::audit
