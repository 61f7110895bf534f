// NonceBook: the servers' nonces that were used in sessions, enrolments and logins, each good once. Only what is in memory: after a restart no
// session lives to be confused with. Lives on the event loop.
#pragma once
#include "jurukunci/outcome.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <set>
#include <string>

namespace jk::doors {

class NonceBook {
public:
    /// nonce_used for one that this origin used in the last ten minutes.
    Outcome<void> use(const std::string& origin, const std::string& nonce, std::chrono::steady_clock::time_point now);

private:
    struct Used {
        std::set<std::string> nonces;
        std::deque<std::pair<std::chrono::steady_clock::time_point, std::string>> by_age; ///< oldest first
    };
    std::map<std::string, Used> m_origins; ///< as many as the registry has
};

} // namespace jk::doors
