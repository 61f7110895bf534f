#include "agent/doors/http/http_door.hpp"
#include "ipc/log_escape.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/spdlog.h>

namespace jk::doors {
namespace {

/// Away with a reset: who is not ours gets no goodbye.
void reset(tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.set_option(net::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
}

} // namespace

void HttpDoor::open() {
    for (auto& acceptor : m_listeners.acceptors) net::co_spawn(m_executor, accept(acceptor), ipc::LogEscape{"HTTP door"});
}

void HttpDoor::close() {
    boost::system::error_code ignored;
    for (auto& acceptor : m_listeners.acceptors) acceptor.close(ignored);
    for (auto* connection : m_connections)
        if (connection->expendable()) connection->close();
}

Task<void> HttpDoor::accept(tcp::acceptor& acceptor) {
    for (;;) {
        boost::system::error_code ec;
        auto socket = co_await acceptor.async_accept(net::redirect_error(net::use_awaitable, ec));
        if (ec == net::error::operation_aborted || !acceptor.is_open()) co_return;
        if (ec) {
            co_await ipc::sleep_for(std::chrono::milliseconds(100)); // out of descriptors: let others end
            continue;
        }
        // Before a byte is read. Another user's browser, root, or a process that has already gone: not ours.
        if (!m_peers.is_ours(socket.native_handle())) {
            spdlog::info("{}", Error(Errc::not_owner_session).log_line());
            reset(socket);
            continue;
        }
        if (m_connections.size() >= max_connections && !make_room()) {
            reset(socket);
            continue;
        }
        net::co_spawn(m_executor, serve(std::move(socket)), ipc::LogEscape{"HTTP door"});
    }
}

/// The oldest connection that is expendable goes: neither idle ones nor those of pages that are refused can keep the official's out.
bool HttpDoor::make_room() {
    for (auto* connection : m_connections) {
        if (!connection->expendable()) continue;
        connection->close();
        return true;
    }
    return false;
}

Task<void> HttpDoor::serve(tcp::socket socket) {
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    Connection connection(boost::beast::tcp_stream(std::move(socket)), m_listeners.port, m_calls, m_limits);
    const auto place = m_connections.insert(m_connections.end(), &connection);
    struct Leave {
        std::list<Connection*>& all;
        std::list<Connection*>::iterator place;
        ~Leave() { all.erase(place); }
    } leave{m_connections, place};
    co_await connection.serve();
}

} // namespace jk::doors
