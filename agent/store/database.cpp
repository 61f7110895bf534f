#include "agent/store/database.hpp"

namespace jk::store {
namespace {

Error unavailable(const std::exception& e) { return Error{Errc::audit_unavailable, e.what()}.with("reason", e.what()); }

} // namespace

Database::Database(const std::filesystem::path& file)
    : m_database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOFOLLOW, 2000) {
    m_database.exec("PRAGMA journal_mode=WAL");
    m_database.exec(
        "PRAGMA synchronous=NORMAL"); // with WAL: a commit survives SIGKILL; FULL is switched on for commits that must survive a power cut
    m_database.exec("PRAGMA foreign_keys=ON");
    m_database.exec("PRAGMA trusted_schema=OFF");
}

Outcome<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file) {
    try {
        return std::unique_ptr<Database>(new Database(file));
    } catch (const SQLite::Exception& e) {
        return unavailable(e);
    }
}

void Database::set_durability(Durability durability) {
    if (durability == m_durability) return;
    m_database.exec(durability == Durability::machine ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
    m_durability = durability;
}

/// SQLite::Transaction with prepared statements: reading BEGIN and COMMIT anew for every row would cost as much as the row. Rolls back unless committed.
class Database::Transaction {
public:
    explicit Transaction(Database& database) : m_database(database) { m_database.prepared("BEGIN").exec(); }
    ~Transaction() {
        if (m_committed) return;
        try {
            m_database.prepared("ROLLBACK").exec();
        } catch (const SQLite::Exception&) { // already rolled back by SQLite: a full disk
        }
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit() {
        m_database.prepared("COMMIT").exec();
        m_committed = true;
    }

private:
    Database& m_database;
    bool m_committed = false;
};

Outcome<void> Database::in_transaction(Durability durability, const std::function<Outcome<void>()>& work) {
    try {
        set_durability(durability);
        Transaction transaction(*this);
        if (auto ok = work(); !ok) return ok;
        transaction.commit();
        return done();
    } catch (const std::exception& e) {
        return unavailable(e);
    }
}

SQLite::Statement& Database::prepared(const std::string& sql) {
    auto& statement = m_prepared[sql];
    if (!statement) statement = std::make_unique<SQLite::Statement>(m_database, sql);
    statement->reset();
    statement->clearBindings();
    return *statement;
}

} // namespace jk::store
