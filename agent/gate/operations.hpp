// Operations: every caller's requests, running and ended: queueing, idempotence, leases, cancellation, and how long results are kept.
// Owner: main; lives on the event loop. Doors speak to the gate through this.
#pragma once
#include "agent/audit/recovery.hpp"
#include "agent/gate/attention.hpp"
#include "agent/gate/gate.hpp"
#include "agent/store/used_orders.hpp"

#include <deque>
#include <map>

namespace jk::gate {

struct OperationLimits {
    std::size_t unfinished_per_caller = 2;                                ///< one with its dialog, one waiting
    std::size_t kept_per_caller = 200;                                    ///< ended ones; the oldest give way,
    std::size_t kept_items_per_caller = 2000;                             ///< also where together they have more items than this
    std::chrono::steady_clock::duration lease = std::chrono::seconds(10); ///< a page that does not ask for this long, before consent, is gone
};

class Operations {
public:
    Operations(net::any_io_executor executor, Gate& gate, Attention& attention, store::UsedOrders& used_orders, const Clock& clock,
               OperationLimits limits = {});

    /// What the last agent left open, from the log.
    void remember(const std::vector<audit::InterruptedOperation>& interrupted);

    /// Starts it, and uses up its order. The same caller, request id and fingerprint again: the same operation.
    Outcome<OperationRef> submit(SignRequest request, std::string fingerprint);
    Outcome<OperationRef> find(const std::string& owner, const std::string& id);
    std::vector<OperationRef> list(const std::string& owner); ///< newest first
    /// Before consent: closes the dialog. Later it is too late.
    Outcome<void> cancel(Operation& operation, Errc reason);

    /// Refuses new ones and cancels what is before consent; returns when the rest has ended.
    /// The agent ends: nobody is asked any more. What a token is doing is waited for with stop().
    void turn_away();
    Task<void> stop();
    bool busy() const { return m_running > 0; }
    /// Called with each operation that has ended, before anybody else hears of it.
    void on_ended(std::function<void(const Operation&)> call) { m_on_ended = std::move(call); }

private:
    struct Caller {
        std::deque<OperationRef> operations; ///< oldest first
    };

    Outcome<void> admit(const Caller& caller, const SignRequest& request);
    Task<void> run(OperationRef operation);
    Task<void> watch_leases();
    void ended(Operation& operation);
    void keep(Operation& operation);
    void sweep();
    void give_way(std::deque<OperationRef>& operations) const;

    net::any_io_executor m_executor;
    Gate& m_gate;
    Attention& m_attention;
    store::UsedOrders& m_used_orders;
    const Clock& m_clock;
    OperationLimits m_limits;
    std::map<std::string, Caller> m_callers; ///< by owner
    std::size_t m_running = 0;
    bool m_watching = false;
    ipc::Event m_finished;
    std::function<void(const Operation&)> m_on_ended = [](const Operation&) {};
};

} // namespace jk::gate
