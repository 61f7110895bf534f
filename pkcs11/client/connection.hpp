// Connection: one socket to the agent's PKCS#11 door. Any number of threads ask at the same time; whoever waits reads for the others.
// Owner: whoever asks (Application of the module, AgentKey), and calls in progress, by shared_ptr. No signal is ever raised; nothing throws but bad_alloc.
#pragma once
#include "ipc/blocking_channel.hpp"
#include "pkcs11/frames/messages.hpp"

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace jk::pkcs11::client {

class Connection {
public:
    /// Null while no agent of this user listens.
    static std::shared_ptr<Connection> open();
    explicit Connection(UniqueFd socket);
    ~Connection();

    std::uint32_t next_id();
    /// The answer's bytes, from the result on; nothing when the agent is gone. `id` is the request's.
    std::optional<Bytes> call(std::uint32_t id, Bytes request);
    /// The agent has hung up, also if nobody has asked it since.
    bool lost();
    /// Whoever waits gets nothing.
    void shut();

private:
    void give_up();

    ipc::BlockingChannel m_channel;
    std::mutex m_sending, m_mutex;
    std::condition_variable m_answered;
    std::map<std::uint32_t, std::optional<Bytes>> m_waiting;
    bool m_reading = false, m_lost = false;
    ipc::BriefWait m_wait; ///< of the thread that reads
    std::uint32_t m_next = 1;
    std::chrono::steady_clock::time_point m_looked{}; ///< for the agent's end
};

/// In a child after fork(): the parent's socket must not stay open in it. Safe in a signal handler.
void close_in_child();

} // namespace jk::pkcs11::client
