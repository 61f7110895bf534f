// Launcher: starts our own helper programs for an agent that can no longer exec.
// Owner: main, which forks it before any thread exists. Lives on the event loop; one request at a time.
#pragma once
#include "ipc/channel.hpp"
#include "jurukunci/async.hpp"
#include "jurukunci/outcome.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace jk::launcher {

/// A helper program of ours, beside the agent's own executable; never a path from outside.
struct Command {
    std::string program;                                          ///< file name, such as "jurukunci-worker"
    std::vector<std::string> arguments;                           ///< visible in /proc: no secrets
    std::vector<std::pair<std::string, std::string>> environment; ///< added to the launcher's own
    std::vector<UniqueFd> fds;                                    ///< become 3, 4, … in the child
};

/// A running child, named by a pidfd so that a recycled pid is never hit. Dropping it does not end the child.
class Child {
public:
    Child() = default;
    Child(UniqueFd pidfd, int pid) : m_pidfd(std::move(pidfd)), m_pid(pid) {}
    void kill();
    int pid() const { return m_pid; } ///< for logs
    bool running() const;

private:
    UniqueFd m_pidfd;
    int m_pid = 0;
};

/// Forks the launcher process and returns our end of its socket. Call it while the process has one thread.
Outcome<UniqueFd> fork_launcher();

class Launcher {
public:
    Launcher(net::any_io_executor executor, UniqueFd socket) : m_channel(executor, std::move(socket)), m_free(executor) {}
    Task<Outcome<Child>> start(Command command);

private:
    ipc::Channel m_channel;
    ipc::Event m_free;
    bool m_busy = false;
};

} // namespace jk::launcher
