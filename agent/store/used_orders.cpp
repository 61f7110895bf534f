#include "agent/store/used_orders.hpp"

namespace jk::store {
namespace {

constexpr int most_per_origin = 20'000; ///< in five minutes: sixty a second

std::int64_t seconds_of(WallTime time) { return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count(); }

} // namespace

Outcome<UsedOrders> UsedOrders::open(Database& database) {
    auto made = database.transaction(Durability::process, [&] {
        database.raw().exec("CREATE TABLE IF NOT EXISTS used_orders(origin TEXT NOT NULL, nonce TEXT NOT NULL, expires INTEGER NOT NULL,"
                            " PRIMARY KEY(origin, nonce)) WITHOUT ROWID");
        return done();
    });
    if (!made) return made.error();
    return UsedOrders(database);
}

Outcome<void> UsedOrders::use(const std::string& origin, const std::string& nonce, WallTime expires, WallTime now) {
    return m_database->transaction(Durability::process, [&]() -> Outcome<void> {
        auto& old = m_database->prepared("DELETE FROM used_orders WHERE expires < ?");
        old.bind(1, seconds_of(now) - 1); // an order is refused as expired from the second after `expires` on
        old.exec();
        old.reset();
        auto& count = m_database->prepared("SELECT count(*) FROM used_orders WHERE origin = ?");
        count.bind(1, origin);
        count.executeStep();
        const int kept = count.getColumn(0).getInt();
        count.reset();
        if (kept >= most_per_origin) return Error{Errc::too_many}.with("what", "orders of the last five minutes");
        auto& taken = m_database->prepared("INSERT OR IGNORE INTO used_orders VALUES(?, ?, ?)");
        taken.bind(1, origin);
        taken.bind(2, nonce);
        taken.bind(3, seconds_of(expires));
        const bool first = taken.exec() == 1;
        taken.reset();
        if (!first) return Error{Errc::nonce_used}.with("what", "order");
        return done();
    });
}

} // namespace jk::store
