#include "agent/audit/log.hpp"

#include <algorithm>
#include <iterator>

namespace jk::audit {
namespace {

constexpr std::size_t most_waiting = 512; ///< rows; a commit of more would hold up the loop

constexpr const char* schema = R"sql(
CREATE TABLE IF NOT EXISTS log (
    row INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, operation TEXT NOT NULL, body TEXT NOT NULL,
    prev BLOB NOT NULL, hash BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS log_bounds ON log(operation, kind) WHERE kind IN ('consent', 'end');
CREATE INDEX IF NOT EXISTS log_times ON log(at);
CREATE INDEX IF NOT EXISTS log_segments ON log(row) WHERE kind = 'segment';
CREATE INDEX IF NOT EXISTS log_pruned ON log(row) WHERE kind = 'segment-pruned';
CREATE TABLE IF NOT EXISTS checkpoint (row INTEGER PRIMARY KEY, hash BLOB NOT NULL, signature BLOB NOT NULL);
CREATE TRIGGER IF NOT EXISTS log_is_append_only_u BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS log_is_append_only_d BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
)sql";

} // namespace

Outcome<std::unique_ptr<Log>> Log::open(store::Database& database, const store::DeviceKey& key, const Clock& clock) {
    auto tail = Tail::open(std::filesystem::path(database.raw().getFilename()).replace_extension(".tail"));
    if (!tail) return std::move(tail).error();
    std::unique_ptr<Log> log(new Log(database, key, clock, std::move(*tail)));
    try {
        database.raw().exec(schema);
        if (auto ok = log->read_head(); !ok) return ok.error();
        if (auto ok = log->read_tail(); !ok) return ok.error();
        // Rows after the last signed checkpoint may have been lost in a power cut; rows before it may not.
        SQLite::Statement checkpoint(database.raw(), "SELECT max(row) FROM checkpoint");
        if (checkpoint.executeStep() && checkpoint.getColumn(0).getInt64() > log->m_head.row) {
            const std::string reason = "rows up to " + std::to_string(checkpoint.getColumn(0).getInt64()) + " were written, only " +
                                       std::to_string(log->m_head.row) + " are there";
            return Error{Errc::audit_broken, reason}.with("reason", reason);
        }
    } catch (const SQLite::Exception& e) {
        return Error{Errc::audit_unavailable, e.what()}.with("reason", e.what());
    }
    if (auto ok = log->fold(); !ok) return ok.error();
    return log;
}

Outcome<void> Log::read_head() {
    SQLite::Statement last(m_database.raw(), "SELECT row, hash FROM log ORDER BY row DESC LIMIT 1");
    if (!last.executeStep()) return done();
    const auto column = last.getColumn(1);
    const auto hash =
        Digest::from(HashFunction::sha256, {static_cast<const std::uint8_t*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())});
    if (!hash) return Error{Errc::audit_broken, "the last row has no hash"}.with("reason", "the last row has no hash");
    m_head = {last.getColumn(0).getInt64(), *hash};
    return done();
}

/// Rows that an agent noted before it died. Those that the database has, too, were folded and not yet taken away.
Outcome<void> Log::read_tail() {
    auto rows = m_tail.read();
    if (!rows) return rows.error();
    const auto there = m_head.row;
    const bool beyond = std::ranges::any_of(*rows, [&](const TailRow& row) { return row.row > there; });
    for (auto& row : *rows) {
        if (row.row != m_head.row + 1 || row.previous != m_head.hash) continue;
        m_head = {row.row, row.hash};
        m_waiting.push_back(std::move(row));
    }
    if (!m_waiting.empty()) return done();
    // After a power cut rows may be missing between the database and the tail. What cannot be joined on is kept beside, not thrown away.
    if (beyond)
        if (auto ok = m_tail.keep_copy(); !ok) return ok;
    return m_tail.clear();
}

Outcome<void> Log::noted(const std::function<void()>& work) {
    const Head before = m_head;
    std::vector<TailRow> rows;
    m_noting = &rows;
    Outcome<void> outcome = done();
    try {
        work();
    } catch (const std::exception& e) {
        outcome = Error{Errc::audit_unavailable, e.what()}.with("reason", e.what());
    }
    m_noting = nullptr;
    if (outcome) outcome = m_tail.add(rows);
    if (!outcome) {
        m_head = before;
        return outcome;
    }
    const bool first = m_waiting.empty() && !rows.empty();
    std::ranges::move(rows, std::back_inserter(m_waiting));
    if (m_waiting.size() >= most_waiting) return fold();
    if (first && m_on_waiting) m_on_waiting();
    return done();
}

void Log::took_the_waiting() {
    if (m_waiting.empty()) return;
    m_waiting.clear();
    (void)m_tail.clear(); // rows that are in the database are passed over at the next start
}

void Log::insert(const TailRow& row) {
    auto& insert = m_database.prepared("INSERT INTO log (row, at, kind, operation, body, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, row.row);
    insert.bind(2, row.at_ms);
    insert.bind(3, row.kind);
    insert.bind(4, row.operation);
    insert.bind(5, row.body);
    insert.bindNoCopy(6, row.previous.value().data(), 32);
    insert.bindNoCopy(7, row.hash.value().data(), 32);
    insert.exec();
    insert.reset();
}

AuditRow Log::append(std::string_view kind, std::string_view operation, std::string_view body) {
    TailRow row{
        m_head.row + 1, m_clock.now().time_since_epoch().count(), std::string(kind), std::string(operation), std::string(body), m_head.hash, {}};
    row.hash = row_hash(m_head.hash, row.content());
    if (m_noting == nullptr) insert(row);
    m_head = {row.row, row.hash};
    if (m_noting != nullptr) m_noting->push_back(std::move(row));
    return {m_head.row};
}

void Log::write_checkpoint() {
    if (m_head.row == 0) return;
    auto signature = m_key.sign(checkpoint_message(m_head.row, m_head.hash));
    auto& insert = m_database.prepared("INSERT OR REPLACE INTO checkpoint (row, hash, signature) VALUES (?, ?, ?)");
    insert.bind(1, m_head.row);
    insert.bindNoCopy(2, m_head.hash.value().data(), 32);
    insert.bindNoCopy(3, signature.data(), static_cast<int>(signature.size()));
    insert.exec();
    insert.reset();
    m_signature = std::move(signature);
}

void Log::keep_head() {
    m_durable_head = m_head;
    if (m_head_file && m_head.row > 0) m_head_file->keep(m_head, m_signature);
}

} // namespace jk::audit
