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

Outcome<void> Database::in_transaction(Durability durability, const std::function<Outcome<void>()>& work) {
    try {
        set_durability(durability);
        SQLite::Transaction transaction(m_database); // rolls back unless committed
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
