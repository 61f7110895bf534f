// PinTries: wrong PINs per token, counted before the token is asked, so that pulling the plug does not give a try back.
// Some tokens (SoftHSM) never lock; for them this counter is the only lock.
#pragma once
#include "agent/store/database.hpp"
#include "jurukunci/clock.hpp"
#include "jurukunci/grant.hpp"

#include <chrono>

namespace jk::audit {

class PinTries {
public:
    static constexpr int limit = 5; ///< agent policy; regulation/bsre.md of the design, 2.2 item 6

    static Outcome<PinTries> open(store::Database& database, const Clock& clock);
    /// What judges go by: the worse of the logins' count and the uses'.
    int left(const TokenId& token) const;
    /// How long nobody may try: 30 s after the third wrong PIN, doubled with each further one, 15 minutes at most. A clock that was set back makes
    /// it begin anew, not longer than it would have been.
    std::chrono::seconds pause(const TokenId& token) const;
    // Inside a commit:
    void count(const TokenId& token);     ///< before C_Login
    void take_back(const TokenId& token); ///< C_Login was never reached
    void forget(const TokenId& token);    ///< the token accepted the PIN
    // A key that wants the PIN anew for each use (CKA_ALWAYS_AUTHENTICATE) may refuse what the login took: a count of its own, which no login clears.
    void count_use(const TokenId& token);
    void take_back_use(const TokenId& token);
    void forget_uses(const TokenId& token);
    /// The PIN is a new one.
    void start_anew(const TokenId& token);

private:
    PinTries(store::Database& database, const Clock& clock) : m_database(&database), m_clock(&clock) {}
    struct Count {
        int wrong = 0;
        std::int64_t at_ms = 0; ///< of the last one
    };
    Count counted(const TokenId& token) const;
    std::chrono::seconds pause_of(const TokenId& counter) const;

    store::Database* m_database;
    const Clock* m_clock;
};

} // namespace jk::audit
