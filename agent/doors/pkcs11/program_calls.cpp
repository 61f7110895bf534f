#include "agent/doors/pkcs11/program_calls.hpp"

#include "agent/doors/pkcs11/objects.hpp"
#include "agent/doors/pkcs11/to_ckr.hpp"
#include "agent/doors/pkcs11/token_facts.hpp"
#include "ipc/log_escape.hpp"

#include <boost/asio/co_spawn.hpp>
#include <p11-kit/pkcs11.h>
#include <spdlog/spdlog.h>

namespace jk::doors {

namespace frames = pkcs11::frames;

ProgramCalls::ProgramCalls(net::any_io_executor executor, ProgramRooms& rooms, ProgramBehind program, UniqueFd socket)
    : m_executor(executor), m_rooms(rooms), m_pid(program.pid), m_channel(executor, std::move(socket)),
      m_program(rooms.programs.arrived(program.caller, [program] { return is_unchanged(program); })), m_room(executor), m_next_wait(executor) {}

Task<void> ProgramCalls::serve() {
    const auto self = shared_from_this();
    if (!m_channel.only_from(m_pid)) co_return m_rooms.programs.left(m_program);
    net::co_spawn(m_executor, leave_at_hang_up(), [self](const std::exception_ptr& escaped) { ipc::LogEscape{"PKCS#11 door"}(escaped); });
    for (;;) {
        while (m_at_once >= most_at_once) co_await m_room.wait();
        auto frame = co_await m_channel.receive(frames::max_request);
        m_next_wait.end();
        if (!frame || !frame->fds.empty()) break;
        const bool go_on = co_await handle(std::move(frame->body));
        if (!go_on) break;
    }
    m_channel.close();
    m_rooms.programs.left(m_program);
}

Task<void> ProgramCalls::leave_at_hang_up() {
    co_await m_channel.hung_up();
    m_rooms.programs.left(m_program);
}

/// Keeps the connection alive until the work is answered.
void ProgramCalls::beside(Task<void> work) {
    ++m_at_once;
    net::co_spawn(m_executor, std::move(work), [self = shared_from_this()](const std::exception_ptr& escaped) {
        ipc::LogEscape{"PKCS#11 door"}(escaped);
        --self->m_at_once;
        self->m_room.notify();
    });
}

Task<bool> ProgramCalls::refuse(std::uint32_t id, Error error) {
    spdlog::info("{}: {}", m_program->caller.application, error.log_line());
    auto sent = co_await m_channel.send(frames::start_answer(id, ckr_of(error.code)).take());
    co_return static_cast<bool>(sent);
}

/// False ends the connection.
Task<bool> ProgramCalls::handle(Bytes body) {
    ipc::Reader reader(body);
    const auto head = frames::read_head(reader);
    if (!head) co_return false;
    const auto id = head->id;
    if (head->ask == frames::Ask::hello) {
        const auto version = reader.u32();
        if (!reader.end() || version == 0) co_return false;
        m_greeted = true;
        auto answer = frames::start_answer(id, CKR_OK);
        answer.u32(frames::protocol_version);
        auto sent = co_await m_channel.send(answer.take());
        co_return static_cast<bool>(sent);
    }
    if (!m_greeted) co_return false;
    if (head->ask == frames::Ask::tokens) {
        if (!reader.end()) co_return false;
        co_return co_await send_tokens(id);
    }
    auto token = frames::read_token(reader);
    if (head->ask == frames::Ask::use) {
        auto task = frames::read_task(reader);
        if (!task || !reader.end()) co_return false;
        beside(use(id, std::move(token), std::move(*task)));
        co_return true;
    }
    if (!reader.end()) co_return false;
    if (head->ask == frames::Ask::objects) co_return co_await send_objects(id, std::move(token));
    if (head->ask == frames::Ask::login) {
        beside(login(id, std::move(token)));
        co_return true;
    }
    m_rooms.programs.logout(*m_program, token);
    auto sent = co_await m_channel.send(frames::start_answer(id, CKR_OK).take());
    co_return static_cast<bool>(sent);
}

Task<bool> ProgramCalls::send_tokens(std::uint32_t id) {
    auto found = co_await m_rooms.token.recent_tokens();
    std::vector<frames::Token> tokens;
    if (found) // modules that all fail are no tokens; the agent's log and `jurukunci doctor` say why
        for (const auto& token : *found) tokens.push_back(token_facts(token, m_rooms.profile.local_programs));
    auto answer = frames::start_answer(id, CKR_OK);
    write(answer, tokens);
    auto sent = co_await m_channel.send(answer.take());
    co_return static_cast<bool>(sent);
}

Task<bool> ProgramCalls::send_objects(std::uint32_t id, TokenId token) {
    auto found = co_await m_rooms.token.recent_tokens();
    if (!found) co_return co_await refuse(id, found.error());
    for (const auto& candidate : *found) {
        if (candidate.id != token) continue;
        const auto seen =
            m_rooms.profile.local_programs.ask_at_use || m_rooms.programs.logged_in(*m_program, token) ? Seen::logged_in : Seen::without_login;
        auto answer = frames::start_answer(id, CKR_OK);
        write(answer, objects_of(m_rooms.profile, candidate, seen, m_rooms.clock.now()));
        auto sent = co_await m_channel.send(answer.take());
        co_return static_cast<bool>(sent);
    }
    co_return co_await refuse(id, Error(Errc::token_absent));
}

Task<void> ProgramCalls::login(std::uint32_t id, TokenId token) {
    auto done = co_await m_rooms.programs.login(m_program, std::move(token));
    if (done)
        (void)co_await m_channel.send(frames::start_answer(id, CKR_OK).take());
    else
        (void)co_await refuse(id, done.error());
}

Task<void> ProgramCalls::use(std::uint32_t id, TokenId token, KeyTask task) {
    auto result = co_await m_rooms.programs.use(m_program, std::move(token), std::move(task));
    if (!result) {
        (void)co_await refuse(id, result.error());
        co_return;
    }
    auto answer = frames::start_answer(id, CKR_OK);
    answer.bytes(*result);
    (void)co_await m_channel.send(answer.take());
    m_next_wait.begin();
}

} // namespace jk::doors
