#include "ipc/frame_buffer.hpp"

#include "ipc/descriptors.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace jk::ipc {
namespace {

void wipe(Bytes& bytes) {
    if (!bytes.empty()) explicit_bzero(bytes.data(), bytes.size());
}

} // namespace

FrameBuffer::~FrameBuffer() { wipe(m_buffer); }

std::span<std::uint8_t> FrameBuffer::room() {
    if (m_taken > 0) {
        const std::size_t held = m_filled - m_taken;
        std::memmove(m_buffer.data(), m_buffer.data() + m_taken, held);
        explicit_bzero(m_buffer.data() + held, m_filled - held);
        m_filled = held;
        m_taken = 0;
    }
    if (m_filled + read_size > m_buffer.size()) {
        Bytes larger(m_filled + read_size);
        std::copy_n(m_buffer.begin(), m_filled, larger.begin());
        wipe(m_buffer);
        m_buffer.swap(larger);
    }
    return {m_buffer.data() + m_filled, read_size};
}

Outcome<void> FrameBuffer::filled(std::size_t count, std::vector<UniqueFd> fds) {
    m_filled += count;
    for (auto& fd : fds) m_fds.push_back(std::move(fd));
    if (m_fds.size() > max_fds * 4) return Error{Errc::device_failed, "more descriptors than frames"};
    return done();
}

Outcome<std::optional<Frame>> FrameBuffer::take(std::size_t body_limit) {
    const std::size_t held = m_filled - m_taken;
    if (held < header_size) return std::optional<Frame>();
    auto* header = m_buffer.data() + m_taken;
    const std::size_t size = get_u32(header), fds = get_u32(header + 4);
    if (size > body_limit || fds > max_fds) return Error{Errc::device_failed, "a frame over its limits"};
    if (held < header_size + size) return std::optional<Frame>();
    if (m_fds.size() < fds) return Error{Errc::device_failed, "a frame without the descriptors it announced"};
    Frame frame;
    frame.body.assign(header + header_size, header + header_size + size);
    explicit_bzero(header, header_size + size);
    for (std::size_t i = 0; i < fds; ++i) {
        frame.fds.push_back(std::move(m_fds.front()));
        m_fds.pop_front();
    }
    m_taken += header_size + size;
    return std::optional(std::move(frame));
}

} // namespace jk::ipc
