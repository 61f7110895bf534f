#include "agent/audit/summary.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

namespace jk::audit {

Outcome<Summary> summarise(const std::filesystem::path& file) {
    try {
        SQLite::Database database(file.string(), SQLite::OPEN_READONLY, 2000);
        Summary summary;
        SQLite::Statement newest(database, "SELECT at FROM log ORDER BY row DESC LIMIT 1");
        if (newest.executeStep()) summary.last = WallTime(std::chrono::milliseconds(newest.getColumn(0).getInt64()));
        SQLite::Statement kinds(database, "SELECT kind, count(*) FROM log GROUP BY kind LIMIT 100");
        while (kinds.executeStep()) summary.kinds[kinds.getColumn(0).getString()] = kinds.getColumn(1).getInt64();
        return summary;
    } catch (const SQLite::Exception& e) {
        return Error{Errc::audit_unreadable, e.what()}.with("reason", e.what());
    }
}

} // namespace jk::audit
