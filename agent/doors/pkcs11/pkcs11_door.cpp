#include "agent/doors/pkcs11/pkcs11_door.hpp"

#include "agent/doors/pkcs11/program_identity.hpp"
#include "ipc/log_escape.hpp"
#include "jurukunci/config_fault.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <pwd.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace jk::doors {
namespace {

constexpr std::size_t max_connections = 64;

/// Asked at the start: later the agent may open no socket, and names may come from the network.
std::string user_name() {
    passwd entry{};
    passwd* found = nullptr;
    std::string room(16u << 10, '\0');
    if (getpwuid_r(geteuid(), &entry, room.data(), room.size(), &found) == 0 && found != nullptr) return entry.pw_name;
    return "uid " + std::to_string(geteuid());
}

} // namespace

Outcome<void> Pkcs11Door::open(const std::filesystem::path& socket) {
    m_path = socket;
    m_user = user_name();
    ::unlink(socket.c_str()); // ours: the folder is private and locked by this agent
    boost::system::error_code ec;
    m_acceptor = std::make_unique<net::local::stream_protocol::acceptor>(m_executor);
    m_acceptor->open(net::local::stream_protocol(), ec);
    if (!ec) m_acceptor->bind(net::local::stream_protocol::endpoint(socket.string()), ec);
    // Here already, so that also what is written before the connection is taken says who wrote it.
    if (const int yes = 1; !ec && ::setsockopt(m_acceptor->native_handle(), SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) != 0)
        ec.assign(errno, boost::system::system_category());
    if (!ec) m_acceptor->listen(64, ec);
    if (ec) return file_fault(socket.string(), ec.value());
    return done();
}

void Pkcs11Door::close() {
    boost::system::error_code ignored;
    if (m_acceptor) m_acceptor->close(ignored);
    ::unlink(m_path.c_str());
}

Task<void> Pkcs11Door::accept() {
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
        net::co_spawn(m_executor, serve(UniqueFd(socket.release(ignored))), ipc::LogEscape{"PKCS#11 door"});
    }
}

Task<void> Pkcs11Door::serve(UniqueFd socket) {
    struct Count {
        std::size_t& n;
        explicit Count(std::size_t& count) : n(++count) {}
        ~Count() { --n; }
    } count(m_connections);
    auto program = program_behind(socket.get(), m_user);
    if (!program) co_return;
    const auto calls = std::make_shared<ProgramCalls>(m_executor, m_rooms, std::move(*program), std::move(socket));
    co_await calls->serve();
}

} // namespace jk::doors
