#include "launcher/launcher.hpp"

#include "ipc/wire.hpp"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

namespace jk::launcher {

void Child::kill() {
    if (m_pidfd) syscall(SYS_pidfd_send_signal, m_pidfd.get(), SIGKILL, nullptr, 0);
}

bool Child::running() const {
    if (!m_pidfd) return false;
    pollfd waiting{m_pidfd.get(), POLLIN, 0};
    return poll(&waiting, 1, 0) == 0; // readable once the process has ended
}

Task<Outcome<Child>> Launcher::start(Command command) {
    while (m_busy) co_await m_free.wait();
    m_busy = true;
    ipc::Writer request;
    request.text(command.program).u32(static_cast<std::uint32_t>(command.arguments.size()));
    for (const auto& argument : command.arguments) request.text(argument);
    request.u32(static_cast<std::uint32_t>(command.environment.size()));
    for (const auto& [name, value] : command.environment) request.text(name).text(value);

    Outcome<ipc::Frame> reply;
    auto sent = co_await m_channel.send(request.take(), std::move(command.fds));
    if (sent)
        reply = co_await m_channel.receive(4096);
    else
        reply = sent.error();
    m_busy = false;
    m_free.notify();

    if (!reply) co_return Error{Errc::device_failed, "the launcher is gone: " + reply.error().detail};
    ipc::Reader reader(reply->body);
    const auto pid = reader.u32();
    const auto fault = reader.text(1024);
    if (!reader.end() || pid == 0 || reply->fds.size() != 1) co_return Error{Errc::device_failed, command.program + " did not start: " + fault};
    co_return Child(std::move(reply->fds[0]), static_cast<int>(pid));
}

} // namespace jk::launcher
