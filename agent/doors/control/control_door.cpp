#include "agent/doors/control/control_door.hpp"

#include "agent/doors/control/control_calls.hpp"
#include "ipc/log_escape.hpp"
#include "jurukunci/config_fault.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace jk::doors {
namespace {

constexpr std::size_t max_connections = 32;

/// Whose process is at the other end. SO_PEERCRED is what the kernel saw at connect().
std::optional<ucred> peer_of(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != geteuid()) return std::nullopt;
    return peer;
}

std::string program_of(pid_t pid) {
    char path[4096];
    const auto size = readlink(("/proc/" + std::to_string(pid) + "/exe").c_str(), path, sizeof path);
    // A hardened program (ours is one) does not show its path; its number is all that can be said.
    if (size <= 0 || size == static_cast<ssize_t>(sizeof path)) return "program " + std::to_string(pid);
    return {path, static_cast<std::size_t>(size)};
}

} // namespace

Outcome<void> ControlDoor::open(const std::filesystem::path& socket) {
    m_path = socket;
    ::unlink(socket.c_str()); // ours: the folder is private and locked by this agent
    boost::system::error_code ec;
    m_acceptor = std::make_unique<net::local::stream_protocol::acceptor>(m_executor);
    m_acceptor->open(net::local::stream_protocol(), ec);
    if (!ec) m_acceptor->bind(net::local::stream_protocol::endpoint(socket.string()), ec);
    if (!ec) m_acceptor->listen(16, ec);
    if (ec) return file_fault(socket.string(), ec.value());
    return done();
}

void ControlDoor::close() {
    boost::system::error_code ignored;
    if (m_acceptor) m_acceptor->close(ignored);
    ::unlink(m_path.c_str());
}

Task<void> ControlDoor::accept() {
    for (;;) {
        boost::system::error_code ec;
        auto socket = co_await m_acceptor->async_accept(net::redirect_error(net::use_awaitable, ec));
        if (ec == net::error::operation_aborted || !m_acceptor->is_open()) co_return;
        if (ec) {
            co_await ipc::sleep_for(std::chrono::milliseconds(100)); // out of descriptors: let others end
            continue;
        }
        if (m_connections >= max_connections) continue;
        boost::system::error_code ignored;
        net::co_spawn(m_executor, serve(UniqueFd(socket.release(ignored))), ipc::LogEscape{"control door"});
    }
}

Task<void> ControlDoor::serve(UniqueFd socket) {
    struct Count {
        std::size_t& n;
        explicit Count(std::size_t& count) : n(++count) {}
        ~Count() { --n; }
    } count(m_connections);
    const auto peer = peer_of(socket.get());
    if (!peer) co_return;
    CallerIdentity caller;
    caller.door = Door::control;
    caller.owner = "control:" + std::to_string(m_next_connection++);
    caller.origin = program_of(peer->pid);
    caller.application = "jurukunci (baris perintah)";
    auto channel = std::make_shared<ipc::Channel>(m_executor, std::move(socket));
    ControlCalls calls(m_rooms, std::move(caller), channel);
    co_await calls.serve();
}

} // namespace jk::doors
