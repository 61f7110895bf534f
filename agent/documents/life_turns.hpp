// LifeTurns: whose question may have the next life. A document that burns its whole processor time must not make others wait for it: the
// owner with the fewest running lives comes first, and one life more than the usual number is there for whoever has none and only wants
// an upload looked at. Lives on the event loop; owner: DocumentProcess.
#pragma once
#include "ipc/event.hpp"
#include "jurukunci/async.hpp"

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace jk::documents {

/// A look at an upload is what a page waits for; the rest (prepare, check, verify) has work to do.
enum class Errand { look, work };

class LifeTurns {
public:
    LifeTurns(net::any_io_executor executor, std::size_t lives) : m_executor(executor), m_lives(lives) {}

    /// Held while a life runs; its end is the next one's turn.
    class Turn {
    public:
        Turn() = default;
        Turn(Turn&& other) noexcept : m_turns(std::exchange(other.m_turns, nullptr)), m_owner(std::move(other.m_owner)) {}
        Turn& operator=(Turn&& other) noexcept {
            std::swap(m_turns, other.m_turns);
            std::swap(m_owner, other.m_owner);
            return *this;
        }
        ~Turn() {
            if (m_turns != nullptr) m_turns->give_back(m_owner);
        }

    private:
        friend class LifeTurns;
        Turn(LifeTurns& turns, std::string owner) : m_turns(&turns), m_owner(std::move(owner)) {}
        LifeTurns* m_turns = nullptr;
        std::string m_owner;
    };

    /// Nothing once `stop` was requested.
    Task<std::optional<Turn>> take(std::string owner, Errand errand, std::stop_token stop);

private:
    struct Waiter {
        std::string owner;
        Errand errand;
        ipc::Event woken;
        bool granted = false;
    };
    using Waiters = std::list<std::shared_ptr<Waiter>>;
    struct Owner {
        std::size_t running = 0;
        std::uint64_t served = 0; ///< number of its last turn
    };

    bool may_run(const Waiter& waiter) const;
    Waiters::iterator next();
    void grant();
    void give_back(const std::string& owner);
    Owner standing_of(const std::string& owner) const;

    net::any_io_executor m_executor;
    const std::size_t m_lives;
    std::size_t m_running = 0;
    std::uint64_t m_served = 0;
    std::map<std::string, Owner> m_owners; ///< those with a running life
    Waiters m_waiting;                     ///< in the order they came
};

} // namespace jk::documents
