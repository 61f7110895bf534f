#include "agent/doors/http/nonce_book.hpp"

namespace jk::doors {
namespace {

constexpr auto remembered = std::chrono::minutes(10);
constexpr std::size_t most_per_origin = 10'000; ///< of an origin with more the oldest are forgotten early: it could only fool itself

} // namespace

Outcome<void> NonceBook::use(const std::string& origin, const std::string& nonce, std::chrono::steady_clock::time_point now) {
    auto& used = m_origins[origin];
    while (!used.by_age.empty() && (now - used.by_age.front().first > remembered || used.by_age.size() >= most_per_origin)) {
        used.nonces.erase(used.by_age.front().second);
        used.by_age.pop_front();
    }
    if (!used.nonces.insert(nonce).second) return Error{Errc::nonce_used}.with("what", "nonce");
    used.by_age.emplace_back(now, nonce);
    return done();
}

} // namespace jk::doors
