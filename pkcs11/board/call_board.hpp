// CallBoard: which C_* function each thread of a worker is in, and since when, on a page that the worker and the agent share.
// The worker writes without a system call; the agent looks only while it waits for an answer, and ends a worker whose call is overdue.
// The agent never trusts the page: a worker that lies on it can only get itself ended later, at the agent's overall deadline.
#pragma once
#include "jurukunci/outcome.hpp"
#include "jurukunci/unique_fd.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace jk::pkcs11 {

/// Calls that can hang. libp11's enumeration makes many C_* calls and counts as one.
enum class Call : std::uint8_t {
    none,
    load_module,
    initialize,
    enumerate,
    get_token_info,
    open_session,
    find_objects,
    get_attributes,
    login,
    login_on_pin_pad,
    sign,
    generate_key_pair,
    logout,
    close_session,
    init_token,
    set_pin,
    write_object,
};
inline constexpr int call_count = static_cast<int>(Call::write_object) + 1;

std::string_view name_of(Call call);

/// How long each function may take: a person at a PIN pad 90 s, a card making a key or being emptied 300 s, everything else 10 s.
struct Deadlines {
    std::chrono::milliseconds ordinary{10'000};
    std::chrono::milliseconds pin_pad{90'000};
    std::chrono::milliseconds key_generation{300'000};
    std::chrono::milliseconds of(Call call) const;
};

class CallBoard {
public:
    static constexpr int lanes = 8; ///< one per thread that calls the module

    /// In the agent: a new page and the descriptor for the worker.
    static Outcome<CallBoard> create();
    /// In the worker: the page behind an inherited descriptor.
    static Outcome<CallBoard> map(UniqueFd fd);
    CallBoard(CallBoard&& other) noexcept;
    CallBoard& operator=(CallBoard&&) = delete;
    ~CallBoard();

    void enter(int lane, Call call);
    void leave(int lane);

    struct Running {
        Call call = Call::none;
        std::chrono::steady_clock::time_point since;
    };
    Running running(int lane) const;
    UniqueFd share() const { return m_fd.duplicate(); }

private:
    CallBoard(UniqueFd fd, std::atomic<std::uint64_t>* cells) : m_fd(std::move(fd)), m_cells(cells) {}
    UniqueFd m_fd;
    std::atomic<std::uint64_t>* m_cells; ///< call in the top byte, nanoseconds of CLOCK_MONOTONIC below
};

/// Marks a call for as long as it runs.
class CallMark {
public:
    CallMark(CallBoard& board, int lane, Call call) : m_board(board), m_lane(lane) { board.enter(lane, call); }
    ~CallMark() { m_board.leave(m_lane); }
    CallMark(const CallMark&) = delete;
    CallMark& operator=(const CallMark&) = delete;

private:
    CallBoard& m_board;
    int m_lane;
};

} // namespace jk::pkcs11
