// HttpDoor: accepts connections on loopback, lets in only this user's processes, and bounds how many there are.
// Owner: main; lives on the event loop.
#pragma once
#include "agent/doors/http/connection.hpp"
#include "agent/doors/http/listener.hpp"
#include "agent/doors/http/peer_uid.hpp"

#include <list>

namespace jk::doors {

class HttpDoor {
public:
    HttpDoor(net::any_io_executor executor, HttpRooms rooms, Listeners listeners, PeerUid peers)
        : m_executor(executor), m_calls(rooms), m_listeners(std::move(listeners)), m_peers(std::move(peers)) {}

    /// Starts accepting on all its addresses.
    void open();
    void close();
    unsigned short port() const { return m_listeners.port; }
    std::size_t connections() const { return m_connections.size(); }

private:
    static constexpr std::size_t max_connections = 32;

    Task<void> accept(tcp::acceptor& acceptor);
    Task<void> serve(tcp::socket socket);
    bool make_room();

    net::any_io_executor m_executor;
    Calls m_calls;
    Listeners m_listeners;
    PeerUid m_peers;
    ConnectionLimits m_limits;
    std::list<Connection*> m_connections; ///< oldest first
};

} // namespace jk::doors
