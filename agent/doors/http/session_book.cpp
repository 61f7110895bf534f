#include "agent/doors/http/session_book.hpp"

#include "jurukunci/encoding.hpp"

#include <algorithm>

namespace jk::doors {
namespace {

constexpr auto longest_life = std::chrono::hours(8);
constexpr auto idle_life = std::chrono::minutes(10);
constexpr std::size_t max_sessions_per_origin = 20; ///< tabs; further ones end the longest unused of the same origin, never another's

} // namespace

Session SessionBook::open(const std::string& origin, unsigned short port, const std::string& nonce, SteadyTime now) {
    sweep(now);
    make_room(origin);
    Session session;
    session.token = random_id(32);
    session.expires = std::chrono::floor<std::chrono::seconds>(m_clock.now() + longest_life);
    session.signature = m_proof.session(origin, port, nonce, session.expires);
    m_entries[sha256(bytes_of(session.token)).hex()] = {origin, session.expires, now};
    return session;
}

bool SessionBook::knows(std::string_view token, const std::string& origin, SteadyTime now) {
    sweep(now);
    const auto entry = m_entries.find(sha256(bytes_of(token)).hex());
    if (entry == m_entries.end() || entry->second.origin != origin) return false;
    entry->second.last_used = now;
    return true;
}

void SessionBook::make_room(const std::string& origin) {
    auto oldest = m_entries.end();
    std::size_t count = 0;
    for (auto entry = m_entries.begin(); entry != m_entries.end(); ++entry) {
        if (entry->second.origin != origin) continue;
        ++count;
        if (oldest == m_entries.end() || entry->second.last_used < oldest->second.last_used) oldest = entry;
    }
    if (count >= max_sessions_per_origin) m_entries.erase(oldest);
}

void SessionBook::sweep(SteadyTime now) {
    std::erase_if(m_entries, [&](const auto& e) { return now - e.second.last_used > idle_life || m_clock.now() >= e.second.expires; });
}

} // namespace jk::doors
