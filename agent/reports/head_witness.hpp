// HeadWitness: the log's head as reports.db remembers it: what a database of the log that was emptied or put back cannot take along. Owner: as the
// casebook's.
#pragma once
#include "agent/audit/loss.hpp"
#include "agent/store/database.hpp"

#include <filesystem>

namespace jk::reports {

/// Before the casebook is opened, which needs the log. Nothing where the file is not there or cannot be read: then it is no witness.
std::vector<audit::Witness> heads_remembered(const std::filesystem::path& folder);

/// From now on this is the head that is remembered. Survives the death of the process.
Outcome<void> remember_head(store::Database& reports, const audit::Head& head);

} // namespace jk::reports
