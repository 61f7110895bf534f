// BlockingChannel: frames for child processes and the command line, which have nothing else to do while they wait.
// Owns its socket. One thread at a time may send and one may receive.
#pragma once
#include "ipc/frame.hpp"
#include "jurukunci/outcome.hpp"

#include <span>
#include <utility>

namespace jk::ipc {

class BlockingChannel {
public:
    explicit BlockingChannel(UniqueFd socket) : m_socket(std::move(socket)) {}

    /// The next frame; an error with detail "closed" when the peer hung up between frames.
    Outcome<Frame> receive(std::size_t body_limit = max_body);
    Outcome<void> send(ByteView body, std::span<const int> fds = {});
    /// What add_frame() put together, in one system call.
    Outcome<void> send_frames(ByteView frames, std::span<const int> fds = {});
    int fd() const { return m_socket.get(); }

private:
    Outcome<void> read_exactly(std::uint8_t* to, std::size_t count, std::vector<UniqueFd>& fds);
    UniqueFd m_socket;
};

/// Appends one frame without descriptors, for send_frames().
void add_frame(Bytes& frames, ByteView body);

/// Two connected stream sockets, both close-on-exec.
Outcome<std::pair<UniqueFd, UniqueFd>> socket_pair();

} // namespace jk::ipc
