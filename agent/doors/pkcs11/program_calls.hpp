// ProgramCalls: one connection of the PKCS#11 door: request frames in, answer frames out. What waits for the person or the token is answered
// when it is done, beside the others; everything else in order. A program that goes away takes its question and its windows with it.
#pragma once
#include "agent/doors/pkcs11/program_identity.hpp"
#include "agent/gate/local_programs.hpp"
#include "ipc/channel.hpp"
#include "ipc/eager_loop.hpp"
#include "pkcs11/frames/messages.hpp"

namespace jk::doors {

/// What the door's calls reach. All outlive the door.
struct ProgramRooms {
    gate::LocalPrograms& programs;
    const policy::Profile& profile;
    Token& token; ///< for listing only
    const Clock& clock;
};

class ProgramCalls : public std::enable_shared_from_this<ProgramCalls> {
public:
    ProgramCalls(net::any_io_executor executor, ProgramRooms& rooms, ProgramBehind program, UniqueFd socket);
    /// Until the program hangs up or says something that makes no sense.
    Task<void> serve();

private:
    static constexpr std::size_t most_at_once = 32; ///< requests that wait for the person or the token

    Task<bool> handle(Bytes body);
    Task<bool> send_tokens(std::uint32_t id);
    Task<bool> send_objects(std::uint32_t id, TokenId token);
    Task<void> login(std::uint32_t id, TokenId token);
    Task<void> use(std::uint32_t id, TokenId token, KeyTask task);
    Task<bool> refuse(std::uint32_t id, Error error);
    void beside(Task<void> work);
    /// Also while requests wait for room, and nothing is read.
    Task<void> leave_at_hang_up();

    net::any_io_executor m_executor;
    ProgramRooms& m_rooms;
    pid_t m_pid;
    ipc::Channel m_channel;
    gate::ProgramRef m_program;
    std::size_t m_at_once = 0;
    ipc::Event m_room;
    ipc::EagerWait m_next_wait;
    bool m_greeted = false;
};

} // namespace jk::doors
