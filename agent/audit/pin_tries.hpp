// PinTries: wrong PINs per token, counted before the token is asked, so that pulling the plug does not give a try back.
// Some tokens (SoftHSM) never lock; for them this counter is the only lock.
#pragma once
#include "agent/store/database.hpp"
#include "jurukunci/grant.hpp"

namespace jk::audit {

class PinTries {
public:
    static constexpr int limit = 5; ///< agent policy; regulation/bsre.md of the design, 2.2 item 6

    static Outcome<PinTries> open(store::Database& database);
    int left(const TokenId& token) const;
    // Inside a commit:
    void count(const TokenId& token);     ///< before C_Login
    void take_back(const TokenId& token); ///< C_Login was never reached
    void forget(const TokenId& token);    ///< the token accepted the PIN

private:
    explicit PinTries(store::Database& database) : m_database(&database) {}
    store::Database* m_database;
};

} // namespace jk::audit
