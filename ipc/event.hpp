// Event: coroutines wait for it, notify() wakes all that wait now. The single-threaded sister of a condition variable.
#pragma once
#include "jurukunci/async.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <list>
#include <memory>

namespace jk::ipc {

class Event {
public:
    explicit Event(net::any_io_executor executor) : m_executor(std::move(executor)) {}

    Task<void> wait();
    /// False when the time ran out first.
    Task<bool> wait_until(std::chrono::steady_clock::time_point deadline);
    void notify();

private:
    struct Waiter {
        net::steady_timer timer;
        bool woken = false;
    };
    net::any_io_executor m_executor;
    std::list<std::weak_ptr<Waiter>> m_waiters;
};

/// The executor of the running coroutine's loop, slept on for `duration`.
Task<void> sleep_for(std::chrono::steady_clock::duration duration);

} // namespace jk::ipc
