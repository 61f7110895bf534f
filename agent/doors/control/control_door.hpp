// ControlDoor: listens on a Unix socket in the user's runtime folder; only this user's processes are let in (SO_PEERCRED).
// docs/protocol/control.md has the calls. Owner: main; lives on the event loop.
#pragma once
#include "agent/documents/document_room.hpp"
#include "agent/doors/control/prompter_hub.hpp"
#include "agent/doors/control/reading_turn.hpp"
#include "agent/gate/operations.hpp"
#include "agent/gate/provisioning.hpp"
#include "agent/reports/report_desk.hpp"
#include "jurukunci/token.hpp"

#include <filesystem>
#include <functional>

namespace jk::doors {

/// What the door's calls reach. All outlive the door.
struct ControlRooms {
    const gate::Gate& gate;
    gate::Operations& operations;
    documents::DocumentRoom& documents;
    Token& token; ///< for listing only: signing goes through operations
    PrompterHub& prompter;
    const Clock& clock;
    std::function<json::object(Language)> about; ///< what main knows: port, modules, versions
    gate::Provisioning& provisioning;
    reports::ReportDesk& reports;
    const gate::FirstUse& first_use;
    ReadingTurn* reading = nullptr; ///< the door's own
};

class ControlDoor {
public:
    ControlDoor(net::any_io_executor executor, ControlRooms rooms) : m_executor(executor), m_rooms(std::move(rooms)), m_reading(executor) {
        m_rooms.reading = &m_reading;
    }

    Outcome<void> open(const std::filesystem::path& socket);
    Task<void> accept();
    void close();

private:
    Task<void> serve(UniqueFd socket);

    net::any_io_executor m_executor;
    ControlRooms m_rooms;
    ReadingTurn m_reading;
    std::filesystem::path m_path;
    std::unique_ptr<net::local::stream_protocol::acceptor> m_acceptor;
    std::uint64_t m_next_connection = 1;
    std::size_t m_connections = 0;
};

} // namespace jk::doors
