// FrameBuffer: bytes and descriptors as a stream socket gave them, until whole frames are made of them. Both channels read through one.
#pragma once
#include "ipc/frame.hpp"
#include "jurukunci/outcome.hpp"

#include <deque>
#include <optional>
#include <span>

namespace jk::ipc {

class FrameBuffer {
public:
    static constexpr std::size_t read_size = 64u << 10;

    FrameBuffer() = default;
    FrameBuffer(FrameBuffer&&) = default;
    FrameBuffer& operator=(FrameBuffer&&) = default;
    ~FrameBuffer();

    /// Room for one read. It is kept: making 64 KiB of zeros for every read would cost more than the read.
    std::span<std::uint8_t> room();
    /// What the read put there; an error where more descriptors wait than honest frames announce.
    Outcome<void> filled(std::size_t count, std::vector<UniqueFd> fds);
    /// The next frame, if it is whole. Nothing of it stays in the buffer: a body may be what a key decrypted.
    Outcome<std::optional<Frame>> take(std::size_t body_limit);
    /// In the middle of a frame.
    bool begun() const { return m_filled > m_taken; }

private:
    Bytes m_buffer; ///< received and not yet taken is what lies between m_taken and m_filled
    std::size_t m_taken = 0, m_filled = 0;
    std::deque<UniqueFd> m_fds;
};

} // namespace jk::ipc
