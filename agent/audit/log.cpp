#include "agent/audit/log.hpp"

namespace jk::audit {
namespace {

constexpr const char* schema = R"sql(
CREATE TABLE IF NOT EXISTS log (
    row INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, operation TEXT NOT NULL, body TEXT NOT NULL,
    prev BLOB NOT NULL, hash BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS log_bounds ON log(operation, kind) WHERE kind IN ('consent', 'end');
CREATE TABLE IF NOT EXISTS checkpoint (row INTEGER PRIMARY KEY, hash BLOB NOT NULL, signature BLOB NOT NULL);
CREATE TRIGGER IF NOT EXISTS log_is_append_only_u BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS log_is_append_only_d BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
)sql";

} // namespace

Outcome<std::unique_ptr<Log>> Log::open(store::Database& database, const store::DeviceKey& key, const Clock& clock) {
    try {
        database.raw().exec(schema);
        std::unique_ptr<Log> log(new Log(database, key, clock));
        SQLite::Statement last(database.raw(), "SELECT row, hash FROM log ORDER BY row DESC LIMIT 1");
        if (last.executeStep()) {
            const auto column = last.getColumn(1);
            const auto hash =
                Digest::from(HashFunction::sha256, {static_cast<const std::uint8_t*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())});
            if (!hash) return Error{Errc::audit_broken, "the last row has no hash"}.with("reason", "the last row has no hash");
            log->m_head = {last.getColumn(0).getInt64(), *hash};
        }
        // Rows after the last signed checkpoint may have been lost in a power cut; rows before it may not.
        SQLite::Statement checkpoint(database.raw(), "SELECT max(row) FROM checkpoint");
        if (checkpoint.executeStep() && checkpoint.getColumn(0).getInt64() > log->m_head.row) {
            const std::string reason = "rows up to " + std::to_string(checkpoint.getColumn(0).getInt64()) + " were written, only " +
                                       std::to_string(log->m_head.row) + " are there";
            return Error{Errc::audit_broken, reason}.with("reason", reason);
        }
        return log;
    } catch (const SQLite::Exception& e) {
        return Error{Errc::audit_unavailable, e.what()}.with("reason", e.what());
    }
}

AuditRow Log::append(std::string_view kind, std::string_view operation, std::string_view body) {
    const RowContent content{m_clock.now().time_since_epoch().count(), kind, operation, body};
    const auto hash = row_hash(m_head.hash, content);
    auto& insert = m_database.prepared("INSERT INTO log (row, at, kind, operation, body, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, m_head.row + 1);
    insert.bind(2, content.at_ms);
    insert.bind(3, std::string(kind));
    insert.bind(4, std::string(operation));
    insert.bind(5, std::string(body));
    insert.bindNoCopy(6, m_head.hash.value().data(), 32);
    insert.bindNoCopy(7, hash.value().data(), 32);
    insert.exec();
    insert.reset();
    m_head = {m_head.row + 1, hash};
    return {m_head.row};
}

void Log::write_checkpoint() {
    if (m_head.row == 0) return;
    const auto signature = m_key.sign(checkpoint_message(m_head.row, m_head.hash));
    auto& insert = m_database.prepared("INSERT OR REPLACE INTO checkpoint (row, hash, signature) VALUES (?, ?, ?)");
    insert.bind(1, m_head.row);
    insert.bindNoCopy(2, m_head.hash.value().data(), 32);
    insert.bindNoCopy(3, signature.data(), static_cast<int>(signature.size()));
    insert.exec();
    insert.reset();
}

} // namespace jk::audit
