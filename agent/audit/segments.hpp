// Segments: the older part of the log in files of its own. A closed segment is an export that was read back and found whole before its rows leave the
// database; rows that somebody's state is read from stay there. docs/protocol/audit.md, "Segments". Owner and thread: as the log's; write_segment() on any.
#pragma once
#include "agent/audit/export.hpp"
#include "agent/audit/log.hpp"
#include "agent/audit/verify.hpp"

#include <filesystem>

namespace jk::audit {

struct Segment {
    std::int64_t first = 0, last = 0;
    Digest hash;                                                   ///< of row `last`: what the log goes on from
    std::string file;                                              ///< a name in the folder `segments`
    std::string sha256;                                            ///< of the file, hexadecimal
    WallTime until{};                                              ///< of row `last`
    std::vector<std::pair<std::string, std::string>> certificates; ///< token's serial and certificate's SHA-256, as consents named them
    bool pruned = false;
};

/// The row that says a segment was closed.
std::string body_of(const Segment& segment);

/// In their order, as rows of this log tell them.
Outcome<std::vector<Segment>> segments_of(SQLite::Database& log);
/// The last row that is in a segment; row 0 where there is none.
Outcome<Head> base_of(SQLite::Database& log);

/// When a segment is closed; 0: not for this reason.
struct SegmentLimits {
    std::int64_t rows = 0;
    std::int64_t days = 0;
    bool none() const { return rows == 0 && days == 0; }
};

/// A segment that may be written: its range is settled, its file is not.
struct SegmentPlan {
    Segment segment;
    Head before; ///< what the segment goes on from
};

/// Writes the file of a plan, puts it on the disk, reads it back and judges it, and gives it its name. `state`: the folder of audit.db, which is only
/// read. `stopped` is asked now and then. segment_refused where the file is not what the log says or it was stopped, output_unwritable on a full disk.
Outcome<Segment> write_segment(
    const std::filesystem::path& state, SegmentPlan plan, const ExportFacts& facts, const store::DeviceKey& key,
    const std::function<bool()>& stopped = [] { return false; });

class Segments {
public:
    /// `state`: the folder of audit.db.
    Segments(Log& log, const store::DeviceKey& key, const Clock& clock, const std::filesystem::path& state)
        : m_log(log), m_key(key), m_clock(clock), m_state(state), m_folder(state / "segments") {}

    Outcome<bool> due(const SegmentLimits& limits);
    /// Nothing where the log has no rows to give, or an operation is not ended. segment_refused where the file is not what the log says,
    /// output_unwritable on a full disk: then every row is still in the database.
    Outcome<std::optional<Segment>> close(ExportFacts facts);

    /// The same in steps, for a log that goes on meanwhile. All rows of now; nothing as above.
    Outcome<std::optional<SegmentPlan>> plan(WallTime at);
    /// A file that was written becomes the segment: the row that says so. False where rows came meanwhile: then the file is gone, and nothing happened.
    Outcome<bool> adopt(const Segment& segment);
    /// Throws away a file that was written.
    void discard(const Segment& segment);
    /// Rows of closed segments that are still in the database: takes out at most so many, the oldest first. False when none is left. A death between
    /// two steps leaves rows that stand in both, which readers know to take once.
    Outcome<bool> take_out(int at_most);
    Outcome<void> take_all_out();
    /// Deletes the files whose last row is older than `years`; a row says so first. What was deleted.
    Outcome<std::vector<Segment>> prune(int years, const std::string& basis);

private:
    Log& m_log;
    const store::DeviceKey& m_key;
    const Clock& m_clock;
    std::filesystem::path m_state, m_folder;
};

/// A segment's file against what the log says of it: bytes, chain, links, checkpoints. `before`: the head that it goes on from. segment_refused.
Outcome<void> verify_segment(const std::filesystem::path& file, const Segment& segment, const Head& before, const store::DeviceKey& key);
/// Every segment that was not pruned. At most Verification::max_faults.
Outcome<std::vector<Fault>> verify_segments(SQLite::Database& log, const std::filesystem::path& state, const store::DeviceKey& key);

} // namespace jk::audit
