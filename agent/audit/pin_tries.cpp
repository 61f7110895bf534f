#include "agent/audit/pin_tries.hpp"

namespace jk::audit {

Outcome<PinTries> PinTries::open(store::Database& database) {
    try {
        database.raw().exec("CREATE TABLE IF NOT EXISTS pin_tries (module TEXT, serial TEXT, wrong INTEGER NOT NULL, PRIMARY KEY (module, serial))");
        return PinTries(database);
    } catch (const SQLite::Exception& e) {
        return Error{Errc::audit_unavailable, e.what()}.with("reason", e.what());
    }
}

int PinTries::left(const TokenId& token) const {
    auto& query = m_database->prepared("SELECT wrong FROM pin_tries WHERE module = ? AND serial = ?");
    query.bind(1, token.module);
    query.bind(2, token.serial);
    const int wrong = query.executeStep() ? query.getColumn(0).getInt() : 0;
    query.reset();
    return wrong >= limit ? 0 : limit - wrong;
}

void PinTries::count(const TokenId& token) {
    auto& add = m_database->prepared("INSERT INTO pin_tries (module, serial, wrong) VALUES (?, ?, 1) "
                                     "ON CONFLICT (module, serial) DO UPDATE SET wrong = wrong + 1");
    add.bind(1, token.module);
    add.bind(2, token.serial);
    add.exec();
    add.reset();
}

void PinTries::take_back(const TokenId& token) {
    auto& less = m_database->prepared("UPDATE pin_tries SET wrong = wrong - 1 WHERE module = ? AND serial = ? AND wrong > 0");
    less.bind(1, token.module);
    less.bind(2, token.serial);
    less.exec();
    less.reset();
}

void PinTries::forget(const TokenId& token) {
    auto& remove = m_database->prepared("DELETE FROM pin_tries WHERE module = ? AND serial = ?");
    remove.bind(1, token.module);
    remove.bind(2, token.serial);
    remove.exec();
    remove.reset();
}

} // namespace jk::audit
