// History: the log from its first row on: closed segments, then the database. A segment is opened only where the range reaches into it, and read line by
// line. Owner: who asked; one thread. What was pruned is not there, and said. Errors: audit_unreadable, segment_refused (a file that is not the one that
// was closed; what came of it before is not to be believed), audit_bound_malformed.
#pragma once
#include "agent/audit/bounds.hpp"
#include "agent/audit/segments.hpp"

namespace jk::audit {

class History {
public:
    /// `state`: the folder of audit.db. `log` must outlive it.
    static Outcome<History> open(const LogView& log, std::filesystem::path state);

    /// As rows_between(), from the first row of all on.
    Outcome<RowRange> between(std::string_view since, std::string_view until) const;
    /// In their order, until `each` fails.
    Outcome<void> rows(const RowRange& range, const std::function<Outcome<void>(const StoredRow&)>& each) const;
    /// Where a reader has to begin who wants to know what a row of `row`'s operation says before it: no operation goes over the end of a segment.
    std::int64_t beginning_of(std::int64_t row) const;
    /// Segments in this range that were deleted after their years.
    std::vector<Segment> pruned(const RowRange& range) const;

private:
    History(const LogView& log, std::filesystem::path state, std::vector<Segment> segments)
        : m_log(log), m_state(std::move(state)), m_segments(std::move(segments)) {}
    std::int64_t base() const { return m_segments.empty() ? 0 : m_segments.back().last; }
    Outcome<void> rows_of(const Segment& segment, const RowRange& range, const std::function<Outcome<void>(const StoredRow&)>& each) const;
    Outcome<std::int64_t> first_since(WallTime time) const;
    Outcome<std::int64_t> last_until(WallTime time) const;

    const LogView& m_log;
    std::filesystem::path m_state;
    std::vector<Segment> m_segments;
};

} // namespace jk::audit
