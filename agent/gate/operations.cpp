#include "agent/gate/operations.hpp"

#include "agent/gate/local_programs.hpp"
#include "agent/policy/rules.hpp"
#include "ipc/log_escape.hpp"
#include "jurukunci/encoding.hpp"

#include <boost/asio/co_spawn.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace jk::gate {
namespace {

using SteadyClock = std::chrono::steady_clock;

ItemState state_of(audit::LeftAs left_as) {
    switch (left_as) {
    case audit::LeftAs::signed_: return ItemState::signed_;
    case audit::LeftAs::failed: return ItemState::failed;
    case audit::LeftAs::unknown: return ItemState::unknown;
    case audit::LeftAs::not_reached: return ItemState::sealed;
    case audit::LeftAs::rejected: return ItemState::rejected;
    }
    return ItemState::unknown;
}

std::optional<Error> error_of(audit::LeftAs left_as) {
    switch (left_as) {
    case audit::LeftAs::unknown: return Error(Errc::outcome_unknown);
    case audit::LeftAs::not_reached: return Error(Errc::item_not_reached);
    case audit::LeftAs::rejected: return Error(Errc::item_rejected);
    case audit::LeftAs::signed_: return Error{Errc::gone}.with("what", "the signature"); // it was made and recorded, but died with the agent
    case audit::LeftAs::failed: return Error(Errc::token_failed);
    }
    return std::nullopt;
}

} // namespace

Operations::Operations(net::any_io_executor executor, Gate& gate, Attention& attention, store::UsedOrders& used_orders, const Clock& clock,
                       OperationLimits limits)
    : m_executor(executor), m_gate(gate), m_attention(attention), m_used_orders(used_orders), m_clock(clock), m_limits(limits), m_finished(executor) {
}

void Operations::remember(const std::vector<audit::InterruptedOperation>& interrupted) {
    for (const auto& left : interrupted) {
        // Nobody will ask for these again; their end is in the log.
        if (left.format == name_of(Format::authentication) || left.format == key_use_format) continue;
        SignRequest request;
        request.caller.owner = request.caller.origin = left.origin;
        request.request_id = left.request_id;
        request.format = left.format == "PAdES" ? Format::pades : left.format == "CAdES" ? Format::cades : Format::raw;
        request.level = left.level;
        for (const auto& item : left.items) request.items.push_back({item.name, Digest{}, std::nullopt});
        auto operation = std::make_shared<Operation>(m_executor, left.operation, std::move(request));
        operation->fingerprint = left.fingerprint;
        operation->created = left.consented_at;
        operation->state = OperationState::failed;
        operation->error = Error(Errc::outcome_unknown);
        operation->marking = m_gate.profile().marking();
        for (std::size_t i = 0; i < left.items.size(); ++i) {
            operation->items[i].state = state_of(left.items[i].left_as);
            operation->items[i].error = error_of(left.items[i].left_as);
        }
        keep(*operation);
        m_callers[left.origin].operations.push_back(std::move(operation));
    }
}

Outcome<void> Operations::admit(const Caller& caller, const SignRequest& request) {
    if (auto ok = m_attention.admit(request.caller.owner); !ok) return ok;
    const auto unfinished = std::ranges::count_if(caller.operations, [](const auto& o) { return !o->finished(); });
    if (static_cast<std::size_t>(unfinished) >= m_limits.unfinished_per_caller)
        return Error{Errc::too_many, request.request_id}.with("what", "operations waiting for the person");
    if (!request.order) return done();
    // Only of a new request: one that is sent again, because its answer was lost, is the operation that it began in time.
    if (auto ok = policy::judge_order_age(*request.order, m_clock.now()); !ok) return ok;
    return m_used_orders.use(request.order->issuer, request.order->nonce, request.order->expires, m_clock.now());
}

Outcome<OperationRef> Operations::submit(SignRequest request, std::string fingerprint) {
    sweep();
    auto& caller = m_callers[request.caller.owner];
    for (const auto& known : caller.operations) {
        if (known->request.request_id != request.request_id) continue;
        if (known->fingerprint != fingerprint) return Errc::request_conflict;
        known->last_seen = SteadyClock::now();
        return known;
    }
    if (auto ok = admit(caller, request); !ok) return ok.error();
    auto operation = std::make_shared<Operation>(m_executor, "o_" + random_id(12), std::move(request));
    operation->fingerprint = std::move(fingerprint);
    operation->created = m_clock.now();
    operation->marking = m_gate.profile().marking();
    caller.operations.push_back(operation);
    ++m_running;
    net::co_spawn(m_executor, run(operation), ipc::LogEscape{"operation"});
    if (!m_watching && operation->request.caller.door == Door::http) {
        m_watching = true;
        net::co_spawn(m_executor, watch_leases(), ipc::LogEscape{"operation"});
    }
    return operation;
}

/// One dialog at a time for the one person: the turn is taken before anything is prepared, and the person is free when a token has the answer.
Task<void> Operations::run(OperationRef operation) {
    {
        auto given_up = [operation] { return operation->cancelled.has_value(); };
        auto turn = co_await m_attention.turn(std::move(given_up));
        co_await m_gate.sign(operation, turn);
    }
    ended(*operation);
}

void Operations::ended(Operation& operation) {
    m_on_ended(operation);
    if (!operation.consent.value.empty()) m_attention.ended(operation.request.caller.owner, operation.state == OperationState::done, operation.error);
    keep(operation);
    operation.request.items = {};
    --m_running;
    operation.changed();
    m_finished.notify();
}

void Operations::keep(Operation& operation) {
    operation.kept_until = SteadyClock::now() + m_gate.profile().limits.keep;
    operation.kept_until_wall = m_clock.now() + m_gate.profile().limits.keep;
}

/// The oldest ended ones go where there are too many, by number or by items.
void Operations::give_way(std::deque<OperationRef>& operations) const {
    std::size_t items = 0;
    for (const auto& operation : operations) items += operation->items.size();
    while (operations.size() > 1 && operations.front()->finished() &&
           (operations.size() > m_limits.kept_per_caller || items > m_limits.kept_items_per_caller)) {
        items -= operations.front()->items.size();
        operations.pop_front();
    }
}

void Operations::sweep() {
    const auto now = SteadyClock::now();
    for (auto& [origin, caller] : m_callers) {
        std::erase_if(caller.operations, [&](const auto& o) { return o->kept_until && *o->kept_until <= now; });
        give_way(caller.operations);
    }
    std::erase_if(m_callers, [](const auto& entry) { return entry.second.operations.empty(); });
}

Outcome<OperationRef> Operations::find(const std::string& owner, const std::string& id) {
    sweep();
    if (const auto caller = m_callers.find(owner); caller != m_callers.end())
        for (const auto& operation : caller->second.operations)
            if (operation->id == id) {
                operation->last_seen = SteadyClock::now();
                return operation;
            }
    return Error{Errc::not_found}.with("what", "operation " + id);
}

std::vector<OperationRef> Operations::list(const std::string& owner) {
    sweep();
    const auto caller = m_callers.find(owner);
    if (caller == m_callers.end()) return {};
    return {caller->second.operations.rbegin(), caller->second.operations.rend()};
}

Outcome<void> Operations::cancel(Operation& operation, Errc reason) {
    if (!operation.before_consent()) return Errc::too_late_to_cancel;
    operation.cancelled = reason;
    operation.sealing.request_stop();
    m_gate.close_dialog(operation.consent, reason);
    m_attention.look_again(); // one that still waits for its turn ends without one
    return done();
}

Task<void> Operations::watch_leases() {
    const auto watched = [](const OperationRef& o) { return o->request.caller.door == Door::http && o->before_consent(); };
    for (;;) {
        co_await ipc::sleep_for(std::chrono::milliseconds(500));
        bool any = false;
        for (auto& [origin, caller] : m_callers) {
            for (const auto& operation : caller.operations) {
                // One that signs may have to ask again.
                if (operation->request.caller.door == Door::http && !operation->finished()) any = true;
                if (!watched(operation)) continue;
                if (SteadyClock::now() - operation->last_seen > m_limits.lease && !operation->cancelled) (void)cancel(*operation, Errc::page_gone);
            }
        }
        if (!any) break;
    }
    m_watching = false;
}

void Operations::turn_away() {
    m_attention.stop();
    for (auto& [origin, caller] : m_callers)
        for (const auto& operation : caller.operations) {
            if (operation->before_consent())
                (void)cancel(*operation, Errc::agent_stopping);
            else if (!operation->finished())
                operation->cancelled = Errc::agent_stopping; // it goes on; but where the token refuses the PIN, nobody is asked for another
        }
}

Task<void> Operations::stop() {
    turn_away();
    while (m_running > 0) co_await m_finished.wait();
}

} // namespace jk::gate
