// UsedOrders: the nonces of orders that were taken, until they expire, across restarts: no order is carried out twice.
// Owner: main; lives on the event loop.
#pragma once
#include "agent/store/database.hpp"
#include "jurukunci/clock.hpp"

namespace jk::store {

class UsedOrders {
public:
    static Outcome<UsedOrders> open(Database& database);
    /// nonce_used for one that was taken before, too_many when an origin has a flood of them open.
    Outcome<void> use(const std::string& origin, const std::string& nonce, WallTime expires, WallTime now);

private:
    explicit UsedOrders(Database& database) : m_database(&database) {}
    Database* m_database;
};

} // namespace jk::store
