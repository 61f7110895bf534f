#include "ipc/eager_loop.hpp"

#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>

#include <sched.h>

#include <algorithm>

namespace jk::ipc {

net::execution_context::id EagerLoop::id;

EagerLoop& EagerLoop::of(const net::any_io_executor& executor) { return net::use_service<EagerLoop>(net::query(executor, net::execution::context)); }

void EagerLoop::look(const void* who, const net::any_io_executor& executor, BriefWait::Look when) {
    m_looks[who] = when;
    if (when.from <= BriefWait::Clock::now()) return;
    if (!m_alarm) m_alarm.emplace(executor);
    set_alarm();
}

void EagerLoop::set_alarm() {
    const auto now = BriefWait::Clock::now();
    auto next = BriefWait::Clock::time_point::max();
    for (const auto& [who, when] : m_looks)
        if (when.from > now) next = std::min(next, when.from);
    if (next == BriefWait::Clock::time_point::max()) return;
    m_alarm->expires_at(next);
    m_alarm->async_wait([this](const boost::system::error_code& ec) {
        if (!ec) set_alarm();
    });
}

bool EagerLoop::looks_now() {
    if (m_looks.empty()) return false;
    const auto now = BriefWait::Clock::now();
    std::erase_if(m_looks, [&](const auto& look) { return look.second.until <= now; });
    return std::ranges::any_of(m_looks, [&](const auto& look) { return look.second.from <= now; });
}

void EagerLoop::run(net::io_context& io) {
    auto& self = net::use_service<EagerLoop>(io);
    while (!io.stopped()) {
        if (!self.looks_now())
            io.run_one();
        else if (io.poll() == 0)
            sched_yield();
    }
}

} // namespace jk::ipc
