// Verification of the whole log: every row against its hash, every hash against the one before, every checkpoint against its signature.
#pragma once
#include "agent/audit/log.hpp"
#include "agent/audit/log_view.hpp"

#include <string>
#include <vector>

namespace jk::audit {

struct Fault {
    std::int64_t row = 0;
    enum class Kind { changed, removed, reordered, truncated, checkpoint, segment } kind{};
    std::string text; ///< a sentence that names the row
};

struct Verification {
    std::int64_t rows = 0;
    Head head;
    std::vector<Fault> faults; ///< at most `max_faults`; empty: the log is as it was written
    static constexpr std::size_t max_faults = 20;
};

/// Works on a log the agent refuses to open, too.
Outcome<Verification> verify(const LogView& log, const store::DeviceKey& key);
/// The database alone, as it is on the disk.
Outcome<Verification> verify(SQLite::Database& database, const store::DeviceKey& key);

} // namespace jk::audit
