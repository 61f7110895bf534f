// EagerLoop: an event loop that looks for what comes within microseconds instead of sleeping for it (BriefWait has the rule). Between two looks it
// leaves the processor to whoever wants it, so a busy machine loses nothing to it.
#pragma once
#include "ipc/brief_wait.hpp"
#include "jurukunci/async.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <map>

namespace jk::ipc {

/// A loop has one. The loop's thread only.
class EagerLoop final : public net::execution_context::service {
public:
    using key_type = EagerLoop;
    static net::execution_context::id id;
    static EagerLoop& of(const net::any_io_executor& executor);
    explicit EagerLoop(net::execution_context& context) : service(context) {}

    /// Runs `io` as its own run() does.
    static void run(net::io_context& io);
    /// One at a time for each `who`.
    void look(const void* who, const net::any_io_executor& executor, BriefWait::Look when);
    void stop_looking(const void* who) { m_looks.erase(who); }

private:
    void shutdown() override { m_alarm.reset(); }
    bool looks_now();
    void set_alarm();

    std::map<const void*, BriefWait::Look> m_looks; ///< of now and of later
    std::optional<net::steady_timer> m_alarm;       ///< wakes the loop where the next look begins
};

/// One kind of wait on such a loop: for this token's answer, for this program's next wish. On a loop that is run in another way it does nothing.
class EagerWait {
public:
    explicit EagerWait(net::any_io_executor executor) : m_executor(std::move(executor)), m_loop(EagerLoop::of(m_executor)) {}
    EagerWait(const EagerWait&) = delete;
    EagerWait& operator=(const EagerWait&) = delete;
    ~EagerWait() { m_loop.stop_looking(this); }

    void begin() {
        if (const auto when = m_rule.begin(BriefWait::Clock::now())) m_loop.look(this, m_executor, *when);
    }
    void end() {
        m_rule.end(BriefWait::Clock::now());
        m_loop.stop_looking(this);
    }

private:
    net::any_io_executor m_executor;
    EagerLoop& m_loop;
    BriefWait m_rule;
};

} // namespace jk::ipc
