// Pkcs11Door: listens on a Unix socket in the user's runtime folder for programs that loaded libjurukunci-pkcs11.so; only this user's
// processes are let in. docs/protocol/pkcs11-door.md has the frames. Owner: main; lives on the event loop.
#pragma once
#include "agent/doors/pkcs11/program_calls.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <filesystem>

namespace jk::doors {

class Pkcs11Door {
public:
    Pkcs11Door(net::any_io_executor executor, ProgramRooms rooms) : m_executor(executor), m_rooms(rooms) {}

    Outcome<void> open(const std::filesystem::path& socket);
    Task<void> accept();
    void close();

private:
    Task<void> serve(UniqueFd socket);

    net::any_io_executor m_executor;
    ProgramRooms m_rooms;
    std::filesystem::path m_path;
    std::string m_user; ///< as the consent names it
    std::unique_ptr<net::local::stream_protocol::acceptor> m_acceptor;
    std::size_t m_connections = 0;
};

} // namespace jk::doors
