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
    int left(const TokenId& token) const;
    int wrong(const TokenId& token) const;
    /// How long nobody may try: 30 s after the third wrong PIN, doubled with each further one, 15 minutes at most. A clock that was set back makes
    /// it begin anew, not longer than it would have been.
    std::chrono::seconds pause(const TokenId& token) const;
    // Inside a commit:
    void count(const TokenId& token); ///< before C_Login
    /// C_Login was never reached, or so many had been counted when the token accepted the PIN.
    void take_back(const TokenId& token, int tries = 1);
    void forget(const TokenId& token); ///< the token accepted the PIN

private:
    PinTries(store::Database& database, const Clock& clock) : m_database(&database), m_clock(&clock) {}
    struct Count {
        int wrong = 0;
        std::int64_t at_ms = 0; ///< of the last one
    };
    Count counted(const TokenId& token) const;

    store::Database* m_database;
    const Clock* m_clock;
};

} // namespace jk::audit
