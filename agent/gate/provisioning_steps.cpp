// The steps that callers asked for: queueing, leases, cancelling, and what is shown.
#include "agent/gate/provisioning.hpp"

#include "ipc/log_escape.hpp"
#include "jurukunci/encoding.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>

namespace jk::gate {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t most_kept = 1000;

} // namespace

std::string_view name_of(ProvisioningState state) {
    switch (state) {
    case ProvisioningState::preparing: return "preparing";
    case ProvisioningState::waiting_consent: return "waiting_consent";
    case ProvisioningState::working: return "working";
    case ProvisioningState::done: return "done";
    case ProvisioningState::refused: return "refused";
    case ProvisioningState::cancelled: return "cancelled";
    case ProvisioningState::failed: return "failed";
    }
    return "?";
}

void ProvisioningStep::changed() {
    ++m_revision;
    m_event.notify();
}

Outcome<ProvisioningRef> Provisioning::submit(ProvisioningRequest request) {
    sweep();
    if (auto ok = policy::judge_provisioning_caller(m_rooms.profile, request.caller); !ok) return ok.error();
    if (auto ok = m_rooms.attention.admit(request.caller.owner); !ok) return ok.error();
    const bool one_open =
        std::ranges::any_of(m_all, [&](const auto& s) { return s->request.caller.owner == request.caller.owner && !s->finished(); });
    if (one_open || m_all.size() >= most_kept) return Error{Errc::too_many}.with("what", "provisioning steps");
    if (!m_rooms.consent.available()) return Errc::consent_unavailable;
    auto step = std::make_shared<ProvisioningStep>(m_executor, "p_" + random_id(12), std::move(request));
    step->last_seen = SteadyClock::now();
    m_all.push_back(step);
    ++m_running;
    net::co_spawn(m_executor, run(step), ipc::LogEscape{"provisioning"});
    if (step->request.caller.door == Door::http) net::co_spawn(m_executor, watch_lease(step), ipc::LogEscape{"provisioning"});
    return step;
}

Task<void> Provisioning::run(ProvisioningRef step) {
    {
        auto given_up = [step] { return step->cancelled.has_value(); };
        auto turn = co_await m_rooms.attention.turn(std::move(given_up));
        Outcome<void> outcome;
        try {
            outcome = co_await carry_out(*step, turn);
        } catch (const std::exception& e) {
            outcome = Error{Errc::device_failed, e.what()}.with("reason", e.what());
        }
        finish(*step, std::move(outcome));
    }
    --m_running;
    m_finished.notify();
}

Task<void> Provisioning::watch_lease(ProvisioningRef step) {
    while (step->before_consent() && !step->cancelled) {
        co_await ipc::sleep_for(std::chrono::milliseconds(500));
        if (SteadyClock::now() - step->last_seen > m_lease) (void)cancel(*step, Errc::page_gone);
    }
}

void Provisioning::sweep() {
    const auto now = SteadyClock::now();
    std::erase_if(m_all, [&](const auto& s) { return s->finished() && s->kept_until <= now; });
}

Outcome<ProvisioningRef> Provisioning::find(const std::string& owner, const std::string& id) {
    sweep();
    for (const auto& step : m_all)
        if (step->request.caller.owner == owner && step->id == id) {
            step->last_seen = SteadyClock::now();
            return step;
        }
    return Error{Errc::not_found}.with("what", "provisioning step " + id);
}

Outcome<void> Provisioning::cancel(ProvisioningStep& step, Errc reason) {
    if (!step.before_consent() || step.cancelled) return Errc::too_late_to_cancel;
    step.cancelled = reason;
    m_rooms.consent.close(step.consent, reason);
    m_rooms.attention.look_again();
    return done();
}

/// Without those that are being done right now.
std::vector<audit::OpenProvisioning> Provisioning::interrupted() const {
    auto open = m_rooms.rows.open_steps();
    std::erase_if(open,
                  [&](const auto& o) { return std::ranges::any_of(m_all, [&](const auto& s) { return s->id == o.operation && !s->finished(); }); });
    return open;
}

ShownContents Provisioning::shown(TokenContents token) const {
    ShownContents shown{std::move(token), interrupted()};
    std::erase_if(shown.interrupted, [&](const auto& open) { return !is_on(open, shown.contents); });
    return shown;
}

Task<Outcome<std::vector<ShownContents>>> Provisioning::contents() {
    auto tokens = co_await m_rooms.tokens.contents();
    if (!tokens) co_return tokens.error();
    std::vector<ShownContents> all;
    for (auto& token : *tokens) all.push_back(shown(std::move(token)));
    co_return all;
}

void Provisioning::turn_away() {
    for (const auto& step : m_all) (void)cancel(*step, Errc::agent_stopping);
}

Task<void> Provisioning::stop() {
    turn_away();
    while (m_running > 0) co_await m_finished.wait();
}

} // namespace jk::gate
