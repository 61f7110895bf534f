// ReadingTurn: one file at a time is read into the agent's memory, however many programs hand one in. The next waits. Owner: the control door; lives on
// the event loop.
#pragma once
#include "ipc/event.hpp"

#include <memory>

namespace jk::doors {

class ReadingTurn {
    struct Release {
        void operator()(ReadingTurn* turn) const {
            turn->m_taken = false;
            turn->m_free.notify();
        }
    };

public:
    /// The turn ends with it.
    using Held = std::unique_ptr<ReadingTurn, Release>;

    explicit ReadingTurn(net::any_io_executor executor) : m_free(std::move(executor)) {}
    Task<Held> take() {
        while (m_taken) co_await m_free.wait();
        m_taken = true;
        Held held(this);
        co_return held;
    }

private:
    bool m_taken = false;
    ipc::Event m_free;
};

} // namespace jk::doors
