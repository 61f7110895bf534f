#include "agent/documents/life_turns.hpp"

#include <tuple>

namespace jk::documents {

Task<std::optional<LifeTurns::Turn>> LifeTurns::take(std::string owner, Errand errand, std::stop_token stop) {
    auto waiter = std::make_shared<Waiter>(Waiter{owner, errand, ipc::Event(m_executor)});
    m_waiting.push_back(waiter);
    grant();
    const std::stop_callback on_stop(stop, [waiter] { waiter->woken.notify(); });
    while (!waiter->granted && !stop.stop_requested()) co_await waiter->woken.wait();
    std::optional<Turn> turn;
    if (waiter->granted)
        turn = Turn(*this, std::move(owner)); // given back at once by whoever sees the stop
    else
        m_waiting.remove(waiter);
    co_return turn;
}

LifeTurns::Owner LifeTurns::standing_of(const std::string& owner) const {
    const auto known = m_owners.find(owner);
    return known == m_owners.end() ? Owner{} : known->second;
}

bool LifeTurns::may_run(const Waiter& waiter) const {
    if (m_running < m_lives) return true;
    return m_running == m_lives && waiter.errand == Errand::look && standing_of(waiter.owner).running == 0;
}

LifeTurns::Waiters::iterator LifeTurns::next() {
    auto best = m_waiting.end();
    const auto rank = [this](const Waiter& waiter) {
        const auto standing = standing_of(waiter.owner);
        return std::tuple(standing.running, standing.served);
    };
    for (auto at = m_waiting.begin(); at != m_waiting.end(); ++at)
        if (may_run(**at) && (best == m_waiting.end() || rank(**at) < rank(**best))) best = at;
    return best;
}

void LifeTurns::grant() {
    for (auto best = next(); best != m_waiting.end(); best = next()) {
        const auto waiter = *best;
        m_waiting.erase(best);
        auto& owner = m_owners[waiter->owner];
        ++owner.running;
        owner.served = ++m_served;
        ++m_running;
        waiter->granted = true;
        waiter->woken.notify();
    }
}

void LifeTurns::give_back(const std::string& owner) {
    const auto known = m_owners.find(owner);
    if (--known->second.running == 0) m_owners.erase(known);
    --m_running;
    grant();
}

} // namespace jk::documents
