// Channel: frames on the agent's event loop. Owns its socket; lives on one io_context thread.
// One coroutine receives; any number may send, whole frames never mix.
#pragma once
#include "ipc/event.hpp"
#include "ipc/frame.hpp"
#include "jurukunci/async.hpp"
#include "jurukunci/outcome.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <sys/types.h>

#include <deque>
#include <optional>

namespace jk::ipc {

class Channel {
public:
    Channel(net::any_io_executor executor, UniqueFd socket);

    /// The next frame; an error with detail "closed" when the peer hung up between frames.
    Task<Outcome<Frame>> receive(std::size_t body_limit = max_body);
    Task<Outcome<void>> send(Bytes body, std::vector<UniqueFd> fds);
    Task<Outcome<void>> send(Bytes body) { return send(std::move(body), std::vector<UniqueFd>()); }
    /// From now on bytes count only if process `pid` wrote them itself (SCM_CREDENTIALS): a descriptor that it handed to another is of no use there.
    Outcome<void> only_from(pid_t pid);
    /// Until the peer has hung up or close() was called; also while nobody receives.
    Task<void> hung_up();
    /// Ends pending receives and sends with an error.
    void close();
    bool is_open() const { return m_socket.is_open(); }
    int native_handle() { return m_socket.native_handle(); }

private:
    Outcome<bool> take(Frame& frame, std::size_t body_limit);
    void make_room();

    net::local::stream_protocol::socket m_socket;
    Event m_sent;
    bool m_sending = false;
    Bytes m_buffer; ///< room; received and not yet taken is what lies between m_taken and m_filled
    std::size_t m_taken = 0, m_filled = 0;
    std::deque<UniqueFd> m_fds;
    std::optional<pid_t> m_only_from;
};

} // namespace jk::ipc
