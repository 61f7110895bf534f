// Opening the casebook: what a crash, a damaged file or a removed one left behind. Whatever is in doubt ends in a block on everything.
#include "agent/reports/casebook.hpp"
#include "agent/store/state_folder.hpp"
#include "jurukunci/encoding.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace jk::reports {
namespace {

namespace fs = std::filesystem;

constexpr const char* schema = R"sql(
CREATE TABLE IF NOT EXISTS cases (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, number TEXT NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS blocks (id TEXT PRIMARY KEY, case_id TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, cause TEXT NOT NULL,
    decryption_stays INTEGER NOT NULL, case_number TEXT NOT NULL, since INTEGER NOT NULL, lifted TEXT, mirrored INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS attachments (case_id TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (case_id, kind, name));
CREATE TABLE IF NOT EXISTS decisions (sha256 TEXT PRIMARY KEY, case_id TEXT NOT NULL, verdict TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL,
    mirrored INTEGER NOT NULL, cms BLOB NOT NULL DEFAULT x'');
CREATE TRIGGER IF NOT EXISTS a_block_is_never_deleted BEFORE DELETE ON blocks BEGIN SELECT RAISE(ABORT, 'a block is lifted, not deleted'); END;
CREATE TRIGGER IF NOT EXISTS revoked_is_final BEFORE UPDATE ON blocks WHEN OLD.cause = 'revoked' AND (NEW.cause <> 'revoked' OR NEW.lifted IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, 'revoked is final'); END;
)sql";

/// Throws where that cannot be found out: a full disk is no damage, and nothing is put aside because of it.
bool is_sound(const fs::path& file) {
    constexpr int corrupt = 11, not_a_database = 26, short_read = 10 | (2 << 8); // SQLite's result codes
    try {
        SQLite::Database database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOFOLLOW, 2000);
        SQLite::Statement check(database, "PRAGMA quick_check(1)");
        if (!check.executeStep() || check.getColumn(0).getString() != "ok") return false;
        SQLite::Statement tables(database, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('cases', 'blocks', 'decisions')");
        return tables.executeStep() && tables.getColumn(0).getInt() == 3;
    } catch (const SQLite::Exception& e) {
        if (e.getErrorCode() == corrupt || e.getErrorCode() == not_a_database || e.getExtendedErrorCode() == short_read) return false;
        throw;
    }
}

void put_aside(const fs::path& file) {
    const auto tag = ".damaged-" + random_id(6);
    for (const char* part : {"", "-wal", "-shm"}) {
        const auto from = file.string() + part;
        if (::access(from.c_str(), F_OK) == 0 && ::rename(from.c_str(), (file.string() + tag + part).c_str()) != 0) ::unlink(from.c_str());
    }
}

bool has_seen_a_block(audit::Log* log) {
    if (log == nullptr) return false;
    // A log that follows a lost one has seen nothing, and so cannot say that there was none.
    SQLite::Statement row(log->database().raw(), "SELECT 1 FROM log WHERE kind IN ('block', 'log-lost') LIMIT 1");
    return row.executeStep();
}

/// A file of before decisions were kept as they came.
void keep_decisions_whole(SQLite::Database& database) {
    SQLite::Statement column(database, "SELECT 1 FROM pragma_table_info('decisions') WHERE name = 'cms'");
    if (!column.executeStep()) database.exec("ALTER TABLE decisions ADD COLUMN cms BLOB NOT NULL DEFAULT x''");
}

Error unusable(const std::string& why) { return Error{Errc::report_not_stored, why}.with("reason", why); }

} // namespace

Outcome<std::unique_ptr<Casebook>> Casebook::open(const fs::path& folder, audit::Log* log, const Clock& clock, Authority authority) {
    auto book = open_files(folder, log, clock, authority);
    if (book) return book;
    // SQLite wants some room to open a file, too: on a full disk the reserve is for that as well.
    if (::unlink((folder / "reports.reserve").c_str()) != 0) return book;
    return open_files(folder, log, clock, std::move(authority));
}

Outcome<std::unique_ptr<Casebook>> Casebook::open_files(const fs::path& folder, audit::Log* log, const Clock& clock, Authority authority) {
    const auto file = folder / "reports.db", marker = folder / "reports.damaged";
    try {
        std::error_code ec;
        const bool there = fs::exists(file, ec);
        bool damaged = fs::exists(marker, ec); // we were here before and did not come to the end
        const bool broken = there && !is_sound(file);
        if (broken || (!there && has_seen_a_block(log))) damaged = true;
        if (damaged) {
            // First of all a mark: whatever happens from here on, the next start knows that blocks may be missing.
            if (auto ok = store::replace_file_durably(marker, "reports.db was damaged or missing\n"); !ok) return unusable(ok.error().detail);
            if (broken) put_aside(file);
        }
        auto database = store::Database::open(file);
        if (!database) return unusable(database.error().detail);
        (*database)->raw().exec(schema);
        keep_decisions_whole((*database)->raw());
        std::unique_ptr<Casebook> book(new Casebook(folder, std::move(*database), log, clock, std::move(authority)));
        if (auto ok = book->compare_with_log(damaged); !ok) return ok.error();
        if (auto ok = book->load(); !ok) return ok.error();
        if (damaged) ::unlink(marker.c_str());
        if (auto ok = book->mirror(); !ok) spdlog::error("the log does not take what the casebook has: {}", ok.error().log_line());
        book->keep_reserve();
        return book;
    } catch (const std::exception& e) {
        return unusable(e.what());
    }
}

void Casebook::block_everything() {
    auto& open = m_database->prepared("SELECT 1 FROM blocks WHERE cause = 'damaged' AND kind = 'everything' AND lifted IS NULL");
    const bool already = open.executeStep();
    open.reset();
    if (already) return;
    const auto id = "k_" + random_id(12);
    insert({"b_" + random_id(12), id, {policy::BlockedBy::everything, "", policy::BlockCause::damaged, false, id, m_clock.now()}}, false);
}

} // namespace jk::reports
