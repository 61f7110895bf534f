// DocumentProcess: the agent's side of jurukunci-document. Each question is a process of its own; an answer is read as an attacker's.
// Lives on the event loop; owner: main. A few lives at a time, shared among owners; the rest wait.
#pragma once
#include "agent/documents/library.hpp"
#include "agent/documents/life_turns.hpp"
#include "agent/documents/messages.hpp"
#include "ipc/channel.hpp"
#include "launcher/launcher.hpp"

#include <memory>
#include <stop_token>

namespace jk::documents {

/// For whom a life is lived, and when it need not be lived any more.
struct Asker {
    std::string owner;
    std::stop_token stop{};
};

/// True when a document used up its life's memory or time: the next life would end like this one.
bool ran_out(const Error& error);

class DocumentProcess {
public:
    /// The age at which a life is ended from outside, whatever it does. It has its own limit of processor time below that.
    static constexpr auto usual_patience = std::chrono::seconds(
#ifdef JURUKUNCI_SANITIZED
        130
#else
        25
#endif
    );
    DocumentProcess(net::any_io_executor executor, launcher::Launcher& launcher, std::chrono::steady_clock::duration patience = usual_patience);

    /// Starts the program and its waiting lives, so that the first document does not wait for them.
    Task<Outcome<void>> warm_up();

    Task<Outcome<Inspection>> inspect(Asker asker, PieceRef document);
    Task<Outcome<Update>> prepare(Asker asker, PieceRef document, PrepareRequest request);
    Task<Outcome<void>> check(Asker asker, PieceRef document, CheckRequest request);
    Task<Outcome<std::string>> verify(Asker asker, PieceRef document, VerifyRequest request);
    /// For a file the caller holds, such as one the command line passed in. Read-only.
    Task<Outcome<std::string>> verify(Asker asker, UniqueFd document, VerifyRequest request);
    /// As many as are useful at once.
    static std::size_t lives();

private:
    struct Life;
    using LifeRef = std::shared_ptr<Life>;

    Task<Outcome<Bytes>> ask(Asker asker, Errand errand, PieceRef document, Bytes question);
    Task<Outcome<Bytes>> live(UniqueFd document, Bytes question, std::stop_token stop);
    Task<Outcome<LifeRef>> next_life();
    Task<Outcome<void>> start_program();
    bool running() const { return m_program && m_program->is_open() && m_child.running(); }

    net::any_io_executor m_executor;
    launcher::Launcher& m_launcher;
    const std::chrono::steady_clock::duration m_patience;
    std::shared_ptr<ipc::Channel> m_program; ///< its socket holds the lives that wait
    launcher::Child m_child;
    bool m_starting = false, m_receiving = false;
    ipc::Event m_changed;
    LifeTurns m_turns;
};

} // namespace jk::documents
