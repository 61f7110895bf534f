#include "agent/gate/attention.hpp"

namespace jk::gate {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::hours longest_wait{1}; ///< for a turn; a no that is older meets nobody who was there

} // namespace

bool is_no(Errc code) {
    return code == Errc::consent_denied || code == Errc::pin_final_try || code == Errc::duties_unacknowledged || code == Errc::agreement_missing;
}

Outcome<void> Attention::admit(const std::string& owner) const {
    if (m_stopping) return Errc::agent_stopping;
    const auto caller = m_callers.find(owner);
    const auto now = SteadyClock::now();
    if (caller == m_callers.end() || now >= caller->second.paused_until) return done();
    const auto left = std::chrono::ceil<std::chrono::seconds>(caller->second.paused_until - now).count();
    return Error{Errc::cooling_down}.with("seconds", std::to_string(left));
}

Task<Turn> Attention::turn(std::function<bool()> given_up) {
    Turn turn(*this, ++m_turns, std::move(given_up));
    co_await turn.take();
    co_return turn;
}

void Attention::give_back(std::uint64_t turn) {
    if (m_asking != turn) return;
    m_asking = 0;
    m_changed.notify();
}

void Attention::ended(const std::string& owner, bool agreed, const std::optional<Error>& error) {
    if (agreed) {
        m_callers.erase(owner);
        return;
    }
    // Silence wears a person down as a no does: a page that keeps asking into an empty room pauses, too.
    const auto code = error ? error->code : Errc{};
    const bool denied =
        code == Errc::consent_denied || code == Errc::consent_timed_out || code == Errc::duties_unacknowledged || code == Errc::agreement_missing;
    const bool withdrawn = code == Errc::cancelled_by_application || code == Errc::page_gone;
    if (!error || (!denied && !withdrawn)) return;
    auto& caller = m_callers[owner];
    ++(denied ? caller.denials : caller.withdrawals);
    if (caller.denials < m_patience.denials_before_pause && caller.withdrawals < m_patience.withdrawals_before_pause) return;
    caller = Caller{0, 0, SteadyClock::now() + m_patience.pause};
}

void Attention::said_no(const std::string& owner, const std::string& what, const Error& error) {
    const auto now = SteadyClock::now();
    std::erase_if(m_noes, [&](const auto& entry) { return entry.second.at + longest_wait < now; });
    m_noes.insert_or_assign({owner, what}, No{now, error});
}

std::optional<Error> Attention::just_refused(const std::string& owner, const std::string& what, SteadyClock::time_point asked) const {
    const auto place = m_noes.find({owner, what});
    if (place == m_noes.end() || asked > place->second.at + m_patience.same_breath) return std::nullopt;
    return place->second.error;
}

} // namespace jk::gate
