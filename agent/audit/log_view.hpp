// LogView: a log as it stands at one moment, for those who only read: the database in one read transaction, and behind it the rows of the tail that
// continue it. The agent may be writing meanwhile. Columns may hold anything: somebody may have changed them. Owner: who asked; one thread.
// Errors: audit_absent, audit_unreadable.
#pragma once
#include "agent/audit/loss.hpp"
#include "agent/audit/tail.hpp"
#include "jurukunci/clock.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <functional>
#include <memory>
#include <optional>

namespace jk::audit {

struct StoredRow {
    std::int64_t row = 0;
    std::int64_t at_ms = 0; ///< Unix time, milliseconds
    std::string kind, operation, body;
    Bytes previous, hash; ///< 32 bytes each, unless they were changed

    RowContent content() const { return {at_ms, kind, operation, body}; }
};

struct StoredCheckpoint {
    std::int64_t row = 0;
    Bytes hash, signature;
};

class LogView {
public:
    /// `database` is audit.db; its tail lies beside it. Opened read-only.
    static Outcome<std::unique_ptr<LogView>> open(const std::filesystem::path& database);
    /// What an open database shows by itself, without a tail. It must outlive the view.
    static Outcome<std::unique_ptr<LogView>> of(SQLite::Database& database);

    /// 0: the log is empty.
    std::int64_t last_row() const { return m_waiting.empty() ? m_last_in_database : m_waiting.back().row; }
    /// Rows `first` to `last` in their order, until `each` fails.
    Outcome<void> rows(std::int64_t first, std::int64_t last, const std::function<Outcome<void>(const StoredRow&)>& each) const;
    Outcome<void> checkpoints(std::int64_t first, std::int64_t last, const std::function<Outcome<void>(const StoredCheckpoint&)>& each) const;
    Outcome<std::int64_t> count_checkpoints(std::int64_t first, std::int64_t last) const;
    Outcome<std::optional<Bytes>> hash_of(std::int64_t row) const;
    Outcome<bool> has_hash(const Digest& hash) const;
    /// The last row that is in a segment of its own; rows up to it are here only where somebody's state is read from them.
    Outcome<Head> base() const;
    SQLite::Database& database() const { return m_database; }
    /// Whether this log follows one that was lost.
    Outcome<std::optional<Loss>> loss() const { return loss_before(m_database); }

    /// The first row whose time has reached `time`: later ones count whatever a clock that was set back says of them.
    Outcome<std::optional<std::int64_t>> first_since(WallTime time) const;
    /// The last row that was not written after `time`.
    Outcome<std::optional<std::int64_t>> last_until(WallTime time) const;

private:
    LogView(std::unique_ptr<SQLite::Database> owned, SQLite::Database& database) : m_owned(std::move(owned)), m_database(database) {}
    void look(std::vector<TailRow> tail);
    Outcome<std::optional<std::int64_t>> one_number(const char* sql, std::int64_t bound) const;

    std::unique_ptr<SQLite::Database> m_owned;
    SQLite::Database& m_database;
    std::unique_ptr<SQLite::Transaction> m_moment;
    std::int64_t m_last_in_database = 0;
    std::vector<StoredRow> m_waiting;
};

} // namespace jk::audit
