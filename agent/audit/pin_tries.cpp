#include "agent/audit/pin_tries.hpp"

#include <algorithm>

namespace jk::audit {

namespace {

constexpr int free_of_pause = 2; ///< wrong PINs

/// The row beside a token's own.
TokenId uses_of(const TokenId& token) { return {token.module, token.serial + " use"}; }

bool has_times(SQLite::Database& database) {
    SQLite::Statement columns(database, "SELECT 1 FROM pragma_table_info('pin_tries') WHERE name = 'at'");
    return columns.executeStep();
}

} // namespace

Outcome<PinTries> PinTries::open(store::Database& database, const Clock& clock) {
    try {
        database.raw().exec("CREATE TABLE IF NOT EXISTS pin_tries (module TEXT, serial TEXT, wrong INTEGER NOT NULL, PRIMARY KEY (module, serial))");
        if (!has_times(database.raw())) database.raw().exec("ALTER TABLE pin_tries ADD COLUMN at INTEGER NOT NULL DEFAULT 0");
        return PinTries(database, clock);
    } catch (const SQLite::Exception& e) {
        return Error{Errc::audit_unavailable, e.what()}.with("reason", e.what());
    }
}

PinTries::Count PinTries::counted(const TokenId& token) const {
    auto& query = m_database->prepared("SELECT wrong, at FROM pin_tries WHERE module = ? AND serial = ?");
    query.bind(1, token.module);
    query.bind(2, token.serial);
    Count count;
    if (query.executeStep()) count = {query.getColumn(0).getInt(), query.getColumn(1).getInt64()};
    query.reset();
    return count;
}

int PinTries::left(const TokenId& token) const { return std::max(0, limit - std::max(counted(token).wrong, counted(uses_of(token)).wrong)); }

std::chrono::seconds PinTries::pause(const TokenId& token) const { return std::max(pause_of(token), pause_of(uses_of(token))); }

std::chrono::seconds PinTries::pause_of(const TokenId& counter) const {
    using namespace std::chrono;
    const auto count = counted(counter);
    if (count.wrong <= free_of_pause) return seconds(0);
    const milliseconds whole = std::min<milliseconds>(30s * (1 << std::min(count.wrong - free_of_pause - 1, 5)), 15min);
    const auto now = m_clock->now().time_since_epoch().count();
    if (now < count.at_ms) {
        auto& again = m_database->prepared("UPDATE pin_tries SET at = ? WHERE module = ? AND serial = ?");
        again.bind(1, now);
        again.bind(2, counter.module);
        again.bind(3, counter.serial);
        again.exec();
        again.reset();
        return duration_cast<seconds>(whole);
    }
    const auto left = whole - milliseconds(now - count.at_ms);
    return left > 0ms ? ceil<seconds>(left) : seconds(0);
}

void PinTries::count(const TokenId& token) {
    auto& add = m_database->prepared("INSERT INTO pin_tries (module, serial, wrong, at) VALUES (?1, ?2, 1, ?3) "
                                     "ON CONFLICT (module, serial) DO UPDATE SET wrong = wrong + 1, at = ?3");
    add.bind(1, token.module);
    add.bind(2, token.serial);
    add.bind(3, static_cast<std::int64_t>(m_clock->now().time_since_epoch().count()));
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

void PinTries::count_use(const TokenId& token) { count(uses_of(token)); }
void PinTries::take_back_use(const TokenId& token) { take_back(uses_of(token)); }
void PinTries::forget_uses(const TokenId& token) { forget(uses_of(token)); }

void PinTries::start_anew(const TokenId& token) {
    forget(token);
    forget_uses(token);
}

} // namespace jk::audit
