// SessionBook: bearer tokens, each bound to the origin it was made for; in memory only. A token is no barrier by itself (consent and PIN are);
// it keeps one origin's page from speaking as another, and a squatter from being believed.
#pragma once
#include "agent/doors/http/agent_proof.hpp"
#include "jurukunci/clock.hpp"
#include "jurukunci/digest.hpp"

#include <chrono>
#include <map>
#include <string>

namespace jk::doors {

struct Session {
    std::string token;
    WallTime expires{};
    Bytes signature; ///< the device key's, over the statement of docs/protocol/http.md
};

class SessionBook {
public:
    using SteadyTime = std::chrono::steady_clock::time_point;
    SessionBook(const AgentProof& proof, const Clock& clock) : m_proof(proof), m_clock(clock) {}

    Session open(const std::string& origin, unsigned short port, const std::string& nonce, SteadyTime now = std::chrono::steady_clock::now());
    /// Is this token alive and this origin's? Using it keeps it alive.
    bool knows(std::string_view token, const std::string& origin, SteadyTime now = std::chrono::steady_clock::now());

private:
    struct Entry {
        std::string origin;
        WallTime expires{};
        SteadyTime last_used;
    };
    void sweep(SteadyTime now);
    void make_room(const std::string& origin);

    const AgentProof& m_proof;
    const Clock& m_clock;
    std::map<std::string, Entry> m_entries; ///< by the token's SHA-256, so that comparing takes no time that tells anything
};

} // namespace jk::doors
