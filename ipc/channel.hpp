// Channel: frames on the agent's event loop. Owns its socket; lives on one io_context thread.
// One coroutine receives; any number may send, whole frames never mix.
#pragma once
#include "ipc/event.hpp"
#include "ipc/frame_buffer.hpp"
#include "jurukunci/async.hpp"
#include "jurukunci/outcome.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <sys/types.h>

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
    Outcome<bool> read();

    net::local::stream_protocol::socket m_socket;
    Event m_sent;
    bool m_sending = false;
    FrameBuffer m_received;
    bool m_drained = false; ///< the last read gave less than there was room for: the next one would find nothing, most of the time
    std::optional<pid_t> m_only_from;
};

} // namespace jk::ipc
