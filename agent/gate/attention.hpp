// Attention: the one person's. One dialog at a time, whoever asks; a caller who was turned down too often in a row pauses; and a program that asks
// the same twice in one breath has its answer.
// Owner: main; lives on the event loop.
#pragma once
#include "agent/gate/turn.hpp"
#include "ipc/event.hpp"
#include "jurukunci/outcome.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace jk::gate {

struct Patience {
    int denials_before_pause = 3;
    int withdrawals_before_pause = 10; ///< questions that their caller took back: windows that open and close are noise, too
    std::chrono::steady_clock::duration pause = std::chrono::seconds(60);
    std::chrono::steady_clock::duration same_breath = std::chrono::seconds(2); ///< after a no; what waited when it was said has it anyway
};

/// Did the person turn a question down? Silence, and a caller who went away, did not.
bool is_no(Errc code);

class Attention {
public:
    explicit Attention(net::any_io_executor executor, Patience patience = {}) : m_executor(executor), m_patience(patience), m_changed(executor) {}

    /// May this caller come now? agent_stopping, cooling_down.
    Outcome<void> admit(const std::string& owner) const;

    /// Waits until nobody else has the dialog, or `given_up` says so: such a turn has none.
    Task<Turn> turn(std::function<bool()> given_up);
    bool taken() const { return m_asking != 0 || !m_at_work.empty(); } ///< somebody is being asked, or something is done with the answer
    /// Somebody who waits has given up.
    void look_again() { m_changed.notify(); }

    /// How a question that was shown for this caller ended; counts what wears a person down.
    void ended(const std::string& owner, bool agreed, const std::optional<Error>& error);

    /// The person said no to this caller about `what`.
    void said_no(const std::string& owner, const std::string& what, const Error& error);
    /// That no, for a question about the same that was `asked` before it or in the same breath: nobody needs to say it twice.
    std::optional<Error> just_refused(const std::string& owner, const std::string& what, std::chrono::steady_clock::time_point asked) const;

    /// Nobody is admitted any more.
    void stop() { m_stopping = true; }

private:
    friend class Turn;
    void give_back(std::uint64_t turn);

    struct Caller {
        int denials = 0, withdrawals = 0; ///< in a row
        std::chrono::steady_clock::time_point paused_until{};
    };
    net::any_io_executor m_executor;
    Patience m_patience;
    ipc::Event m_changed;
    struct No {
        std::chrono::steady_clock::time_point at;
        Error error;
    };
    std::map<std::string, Caller> m_callers;                  ///< only those with denials or a pause
    std::map<std::pair<std::string, std::string>, No> m_noes; ///< the newest of each owner about each thing; those of an hour
    std::uint64_t m_turns = 0, m_asking = 0;                  ///< how many there were, and the one that has the dialog
    std::uint64_t m_answers = 0;                              ///< how many tokens have had
    std::multiset<std::string> m_at_work;                     ///< modules, each with a token that works with an answer
    bool m_stopping = false;
};

} // namespace jk::gate
