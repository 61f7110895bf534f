// The launcher process itself: reads a command, forks, execs, answers with a pidfd. It reads nothing that came from outside the agent.
#include "ipc/blocking_channel.hpp"
#include "ipc/wire.hpp"
#include "launcher/launcher.hpp"
#include "sandbox/process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>

namespace jk::launcher {
namespace {

/// Our helpers stand beside our own executable, in the build folder as in /usr/libexec.
std::string own_folder() {
    char path[4096];
    const auto size = readlink("/proc/self/exe", path, sizeof path - 1);
    const std::string_view whole(path, size > 0 ? static_cast<std::size_t>(size) : 0);
    return std::string(whole.substr(0, whole.rfind('/') + 1));
}

bool is_ours(std::string_view program) { return program.starts_with("jurukunci-") && program.find('/') == std::string_view::npos; }

/// In the new child: descriptors to 3, 4, …, everything else closed, then exec. Only async-signal-safe calls after fork.
[[noreturn]] void become(const char* path, char* const* arguments, char* const* environment, std::vector<UniqueFd>& fds) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    const int count = static_cast<int>(fds.size());
    int parked[ipc::max_fds];
    for (int i = 0; i < count; ++i) parked[i] = fcntl(fds[static_cast<std::size_t>(i)].get(), F_DUPFD, 64);
    for (int i = 0; i < count; ++i) dup2(parked[i], 3 + i);
    syscall(SYS_close_range, 3 + count, ~0U, 0);
    std::signal(SIGCHLD, SIG_DFL);
    execve(path, arguments, environment);
    _exit(127);
}

Outcome<Bytes> start(ipc::Frame& request, const std::string& folder, UniqueFd& pidfd) {
    ipc::Reader reader(request.body);
    const auto program = reader.text(255);
    std::vector<std::string> arguments{program}, environment;
    for (auto left = reader.count(4); left > 0; --left) arguments.push_back(reader.text(4096));
    for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
    for (auto left = reader.count(8); left > 0; --left) {
        auto name = reader.text(255);
        environment.push_back(name + "=" + reader.text(4096));
    }
    if (auto ok = reader.end(); !ok) return ok.error();
    if (!is_ours(program)) return Error{Errc::device_failed, "not a helper of ours"};

    const std::string path = folder + program;
    if (access(path.c_str(), X_OK) != 0) return Error{Errc::device_failed, path + ": " + std::strerror(errno)};
    std::vector<char*> argv, envp;
    for (auto& text : arguments) argv.push_back(text.data());
    for (auto& text : environment) envp.push_back(text.data());
    argv.push_back(nullptr);
    envp.push_back(nullptr);
    const pid_t pid = fork();
    if (pid < 0) return Error{Errc::device_failed, std::string("fork: ") + std::strerror(errno)};
    if (pid == 0) become(path.c_str(), argv.data(), envp.data(), request.fds);
    pidfd.reset(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    return ipc::Writer().u32(static_cast<std::uint32_t>(pid)).text("").take();
}

[[noreturn]] void run(UniqueFd socket) {
    prctl(PR_SET_NAME, "jurukunci-start", 0, 0, 0);
    sandbox::harden();
    if (!sandbox::die_with_parent()) _exit(0);
    sandbox::reap_children();
    std::signal(SIGINT, SIG_IGN); // Ctrl-C in a terminal ends the agent in order; this process ends with it

    const auto folder = own_folder();
    ipc::BlockingChannel channel(std::move(socket));
    for (;;) {
        auto request = channel.receive(64u << 10);
        if (!request) _exit(0);
        UniqueFd pidfd;
        auto reply = start(*request, folder, pidfd);
        request->fds.clear();
        const int fd = pidfd.get();
        const auto sent = reply && pidfd ? channel.send(*reply, {&fd, 1})
                                         : channel.send(ipc::Writer().u32(0).text(reply ? "no pidfd" : reply.error().detail).take());
        if (!sent) _exit(0);
    }
}

} // namespace

Outcome<UniqueFd> fork_launcher() {
    auto ends = ipc::socket_pair();
    if (!ends) return ends.error();
    const pid_t pid = fork();
    if (pid < 0) return Error{Errc::device_failed, std::string("fork: ") + std::strerror(errno)};
    if (pid == 0) {
        ends->first.reset();
        run(std::move(ends->second));
    }
    return std::move(ends->first);
}

} // namespace jk::launcher
