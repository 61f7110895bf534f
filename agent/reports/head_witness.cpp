#include "agent/reports/head_witness.hpp"

namespace jk::reports {

std::vector<audit::Witness> heads_remembered(const std::filesystem::path& folder) {
    std::vector<audit::Witness> all;
    try {
        SQLite::Database database((folder / "reports.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOFOLLOW, 2000);
        SQLite::Statement rows(database, "SELECT row, hash FROM log_head");
        while (rows.executeStep()) {
            const auto column = rows.getColumn(1);
            const ByteView bytes(static_cast<const std::uint8_t*>(column.getBlob()), static_cast<std::size_t>(column.getBytes()));
            if (const auto hash = Digest::from(HashFunction::sha256, bytes)) all.push_back({"reports.db", {rows.getColumn(0).getInt64(), *hash}});
        }
    } catch (const SQLite::Exception&) { // the casebook looks at the file itself, and says what is wrong with it
    }
    return all;
}

Outcome<void> remember_head(store::Database& reports, const audit::Head& head) {
    return reports.transaction(store::Durability::process, [&] {
        reports.raw().exec("CREATE TABLE IF NOT EXISTS log_head (id INTEGER PRIMARY KEY CHECK (id = 1), row INTEGER NOT NULL, hash BLOB NOT NULL)");
        auto& row = reports.prepared("INSERT OR REPLACE INTO log_head (id, row, hash) VALUES (1, ?, ?)");
        row.bind(1, head.row);
        row.bind(2, head.hash.value().data(), 32);
        row.exec();
        row.reset();
        return done();
    });
}

} // namespace jk::reports
