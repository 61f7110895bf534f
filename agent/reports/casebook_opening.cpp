// Opening the casebook: what a crash, a damaged file or a removed one left behind. Whatever is in doubt ends in a block on everything.
#include "agent/audit/body_text.hpp"
#include "agent/reports/casebook.hpp"
#include "agent/store/state_folder.hpp"
#include "jurukunci/encoding.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <set>

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
    mirrored INTEGER NOT NULL);
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

using audit::text;

Error unusable(const std::string& why) { return Error{Errc::report_not_stored, why}.with("reason", why); }

} // namespace

Outcome<std::unique_ptr<Casebook>> Casebook::open(const fs::path& folder, audit::Log* log, const Clock& clock) {
    auto book = open_files(folder, log, clock);
    if (book) return book;
    // SQLite wants some room to open a file, too: on a full disk the reserve is for that as well.
    if (::unlink((folder / "reports.reserve").c_str()) != 0) return book;
    return open_files(folder, log, clock);
}

Outcome<std::unique_ptr<Casebook>> Casebook::open_files(const fs::path& folder, audit::Log* log, const Clock& clock) {
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
        std::unique_ptr<Casebook> book(new Casebook(folder, std::move(*database), log, clock));
        if (damaged)
            if (auto ok = book->block_everything(); !ok) return ok.error();
        if (auto ok = book->take_from_log(); !ok) return ok.error();
        if (auto ok = book->load(); !ok) return ok.error();
        if (damaged) ::unlink(marker.c_str());
        if (auto ok = book->mirror(); !ok) spdlog::error("the log does not take what the casebook has: {}", ok.error().log_line());
        book->keep_reserve();
        return book;
    } catch (const std::exception& e) {
        return unusable(e.what());
    }
}

Outcome<void> Casebook::block_everything() {
    spdlog::error("reports.db was damaged or missing; every key is held until the RA decides");
    return durable([&] {
        auto& open = m_database->prepared("SELECT 1 FROM blocks WHERE cause = 'damaged' AND lifted IS NULL");
        const bool already = open.executeStep();
        open.reset();
        if (already) return done();
        const auto id = "k_" + random_id(12);
        insert({"b_" + random_id(12), id, {policy::BlockedBy::everything, "", policy::BlockCause::damaged, false, id, m_clock.now()}}, false);
        return done();
    });
}

std::vector<Casebook::StoredBlock> Casebook::stored_blocks(const std::string& where) {
    std::vector<StoredBlock> all;
    auto& rows = m_database->prepared("SELECT id, case_id, kind, value, cause, decryption_stays, case_number, since FROM blocks WHERE " + where);
    while (rows.executeStep()) {
        StoredBlock stored;
        stored.id = rows.getColumn(0).getString();
        stored.case_id = rows.getColumn(1).getString();
        // What cannot be read is taken for the worst: this is not the place to forget a block.
        stored.block.by = policy::blocked_by_named(rows.getColumn(2).getString()).value_or(policy::BlockedBy::everything);
        stored.block.value = rows.getColumn(3).getString();
        stored.block.cause = policy::block_cause_named(rows.getColumn(4).getString()).value_or(policy::BlockCause::damaged);
        stored.block.decryption_stays = rows.getColumn(5).getInt() == 1;
        stored.block.case_number = rows.getColumn(6).getString();
        stored.block.since = WallTime(std::chrono::milliseconds(rows.getColumn(7).getInt64()));
        all.push_back(std::move(stored));
    }
    return all;
}

Outcome<void> Casebook::load() {
    try {
        std::vector<policy::Block> blocks;
        for (auto& stored : stored_blocks("lifted IS NULL ORDER BY since, id")) blocks.push_back(std::move(stored.block));
        m_blocks.replace(std::move(blocks));
        return done();
    } catch (const std::exception& e) {
        return unusable(e.what());
    }
}

/// Blocks that the log knows and this file does not: an older copy of it was put back.
Outcome<void> Casebook::take_from_log() {
    if (m_log == nullptr) return done();
    std::vector<std::pair<StoredBlock, bool>> known;
    std::set<std::string> lifted_cases;
    SQLite::Statement rows(m_log->database().raw(), "SELECT kind, body FROM log WHERE kind IN ('block', 'block-decision') ORDER BY row");
    while (rows.executeStep()) {
        boost::system::error_code ec;
        const auto value = json::parse(rows.getColumn(1).getString(), ec);
        if (ec || !value.is_object()) continue; // `audit verify` names it
        const auto& body = value.as_object();
        if (rows.getColumn(0).getString() == "block-decision") {
            for (auto& [stored, lifted] : known)
                if (stored.case_id == text(body, "case") && stored.block.cause != policy::BlockCause::revoked) lifted = true;
            continue;
        }
        StoredBlock stored;
        stored.id = text(body, "id");
        stored.case_id = text(body, "case");
        stored.block.by = policy::blocked_by_named(text(body, "by")).value_or(policy::BlockedBy::everything);
        stored.block.value = text(body, "value");
        stored.block.cause = policy::block_cause_named(text(body, "cause")).value_or(policy::BlockCause::damaged);
        const auto* stays = body.if_contains("decryptionStays");
        stored.block.decryption_stays = stays != nullptr && stays->is_bool() && stays->get_bool();
        stored.block.case_number = text(body, "number");
        stored.block.since = parse_rfc3339(text(body, "since")).value_or(WallTime{});
        known.emplace_back(std::move(stored), false);
    }
    if (auto ok = tell_anew(known); !ok) return ok;
    if (known.empty()) return done();
    return durable([&] {
        for (const auto& [stored, lifted] : known) {
            if (lifted) continue;
            insert(stored, true);
            if (stored.block.cause != policy::BlockCause::revoked) continue;
            auto& final = m_database->prepared("UPDATE blocks SET cause = 'revoked', lifted = NULL WHERE id = ? AND cause <> 'revoked'");
            final.bind(1, stored.id);
            final.exec();
        }
        return done();
    });
}

/// Blocks that stand here and not in the log, because its earlier rows are gone or in a segment of their own: the log is told again.
Outcome<void> Casebook::tell_anew(const std::vector<std::pair<StoredBlock, bool>>& known) {
    std::set<std::string> in_log;
    for (const auto& [stored, lifted] : known) in_log.insert(stored.id);
    std::vector<std::string> missing;
    for (const auto& stored : stored_blocks("mirrored = 1 AND lifted IS NULL"))
        if (!in_log.contains(stored.id)) missing.push_back(stored.id);
    if (missing.empty()) return done();
    return m_database->transaction(store::Durability::process, [&] {
        for (const auto& id : missing) {
            auto& row = m_database->prepared("UPDATE blocks SET mirrored = 0 WHERE id = ?");
            row.bind(1, id);
            row.exec();
        }
        return done();
    });
}

/// Rows of the log for what it has not been told yet. The block holds with or without them.
Outcome<void> Casebook::mirror() {
    if (m_log == nullptr) return done();
    try {
        const auto fresh = stored_blocks("mirrored = 0 ORDER BY since, id");
        std::vector<std::pair<std::string, json::object>> decisions;
        auto& rows = m_database->prepared("SELECT sha256, case_id, verdict FROM decisions WHERE mirrored = 0 ORDER BY at");
        while (rows.executeStep())
            decisions.emplace_back(rows.getColumn(1).getString(), json::object{{"case", rows.getColumn(1).getString()},
                                                                               {"verdict", rows.getColumn(2).getString()},
                                                                               {"decisionSha256", rows.getColumn(0).getString()}});
        if (fresh.empty() && decisions.empty()) return done();
        auto written = m_log->commit(store::Durability::machine, [&] {
            for (const auto& [id, case_id, block] : fresh)
                m_log->append("block", case_id,
                              json::serialize(json::object{{"id", id},
                                                           {"case", case_id},
                                                           {"by", policy::name_of(block.by)},
                                                           {"value", block.value},
                                                           {"cause", policy::name_of(block.cause)},
                                                           {"decryptionStays", block.decryption_stays},
                                                           {"number", block.case_number},
                                                           {"since", rfc3339(block.since)}}));
            for (const auto& [case_id, body] : decisions) m_log->append("block-decision", case_id, json::serialize(body));
            return done();
        });
        if (!written) return written;
        return m_database->transaction(store::Durability::process, [&] {
            m_database->prepared("UPDATE blocks SET mirrored = 1 WHERE mirrored = 0").exec();
            m_database->prepared("UPDATE decisions SET mirrored = 1 WHERE mirrored = 0").exec();
            return done();
        });
    } catch (const std::exception& e) {
        return unusable(e.what());
    }
}

} // namespace jk::reports
