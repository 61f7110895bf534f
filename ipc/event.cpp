#include "ipc/event.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace jk::ipc {

Task<void> Event::wait() { co_await wait_until(std::chrono::steady_clock::time_point::max()); }

Task<bool> Event::wait_until(std::chrono::steady_clock::time_point deadline) {
    auto waiter = std::make_shared<Waiter>(Waiter{net::steady_timer(m_executor, deadline)});
    const auto place = m_waiters.insert(m_waiters.end(), waiter);
    boost::system::error_code ignored; // cancellation is how notify() speaks
    co_await waiter->timer.async_wait(net::redirect_error(net::use_awaitable, ignored));
    if (!waiter->woken) m_waiters.erase(place);
    co_return waiter->woken;
}

void Event::notify() {
    for (auto waiters = std::exchange(m_waiters, {}); auto& weak : waiters) {
        if (auto waiter = weak.lock()) {
            waiter->woken = true;
            waiter->timer.cancel();
        }
    }
}

Task<void> sleep_for(std::chrono::steady_clock::duration duration) {
    net::steady_timer timer(co_await net::this_coro::executor, duration);
    boost::system::error_code ignored;
    co_await timer.async_wait(net::redirect_error(net::use_awaitable, ignored));
}

} // namespace jk::ipc
