// DocumentProcess: the agent's side of jurukunci-document. Each question is a process of its own; an answer is read as an attacker's.
// Lives on the event loop; owner: main. A few lives at a time, the rest wait.
#pragma once
#include "agent/documents/library.hpp"
#include "agent/documents/messages.hpp"
#include "ipc/channel.hpp"
#include "launcher/launcher.hpp"

#include <memory>

namespace jk::documents {

class DocumentProcess {
public:
    DocumentProcess(net::any_io_executor executor, launcher::Launcher& launcher);

    /// Starts the waiting program, so that the first document does not wait for it.
    Task<Outcome<void>> warm_up();

    Task<Outcome<Inspection>> inspect(PieceRef document);
    Task<Outcome<Update>> prepare(PieceRef document, PrepareRequest request);
    Task<Outcome<void>> check(PieceRef document, CheckRequest request);
    Task<Outcome<std::string>> verify(PieceRef document, VerifyRequest request);
    /// For a file the caller holds, such as one the command line passed in. Read-only.
    Task<Outcome<std::string>> verify(UniqueFd document, VerifyRequest request);

private:
    Task<Outcome<Bytes>> ask(UniqueFd document, Bytes question);
    Task<Outcome<Bytes>> ask(PieceRef document, Bytes question);

    net::any_io_executor m_executor;
    launcher::Launcher& m_launcher;
    std::unique_ptr<ipc::Channel> m_program;
    launcher::Child m_child;
    bool m_starting = false;
    std::size_t m_lives = 0;
    ipc::Event m_changed;
};

} // namespace jk::documents
