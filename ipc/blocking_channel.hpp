// BlockingChannel: frames for child processes and the command line, which have nothing else to do while they wait.
// Owns its socket. One thread at a time may send and one may receive.
#pragma once
#include "ipc/brief_wait.hpp"
#include "ipc/frame_buffer.hpp"
#include "jurukunci/outcome.hpp"

#include <optional>
#include <span>
#include <utility>

namespace jk::ipc {

/// By frame: whoever polls the socket beside the channel sees each frame that was not received. Ahead: one system call for a frame, and frames that
/// were read with another wait in the channel, unseen by poll().
enum class Reading { by_frame, ahead };

class BlockingChannel {
public:
    explicit BlockingChannel(UniqueFd socket, Reading reading = Reading::by_frame) : m_socket(std::move(socket)) {
        if (reading == Reading::ahead) m_ahead.emplace();
    }

    /// The next frame; an error with detail "closed" when the peer hung up between frames.
    Outcome<Frame> receive(std::size_t body_limit = max_body);
    Outcome<void> send(ByteView body, std::span<const int> fds = {});
    /// What add_frame() put together, in one system call.
    Outcome<void> send_frames(ByteView frames, std::span<const int> fds = {});
    /// Looks whether something came, without sleeping when it is time to look; between two looks the processor is anybody's. True when it did.
    bool look(BriefWait::Look when) const;
    int fd() const { return m_socket.get(); }

private:
    Outcome<std::size_t> read(std::span<std::uint8_t> to, std::vector<UniqueFd>& fds);
    Outcome<void> read_exactly(std::span<std::uint8_t> to, std::vector<UniqueFd>& fds);
    Outcome<Frame> receive_ahead(std::size_t body_limit);

    UniqueFd m_socket;
    std::optional<FrameBuffer> m_ahead;
};

/// Appends one frame without descriptors, for send_frames().
void add_frame(Bytes& frames, ByteView body);

/// Two connected stream sockets, both close-on-exec.
Outcome<std::pair<UniqueFd, UniqueFd>> socket_pair();

} // namespace jk::ipc
