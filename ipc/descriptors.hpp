// The msghdr part of both channels: descriptors beside bytes.
#pragma once
#include "ipc/frame.hpp"

#include <sys/socket.h>

#include <cstring>
#include <optional>
#include <span>
#include <vector>

namespace jk::ipc {

/// A msghdr over one buffer with room for the descriptors of one frame. Not movable: it points into itself.
class Message {
public:
    Message(void* data, std::size_t size) : m_vector{data, size} {
        m_header.msg_iov = &m_vector;
        m_header.msg_iovlen = 1;
    }
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;

    void make_room_for_fds() {
        m_header.msg_control = m_control;
        m_header.msg_controllen = sizeof m_control;
    }
    void attach(std::span<const int> fds) {
        if (fds.empty()) return;
        m_header.msg_control = m_control;
        m_header.msg_controllen = CMSG_SPACE(fds.size_bytes());
        auto* control = CMSG_FIRSTHDR(&m_header);
        control->cmsg_level = SOL_SOCKET;
        control->cmsg_type = SCM_RIGHTS;
        control->cmsg_len = CMSG_LEN(fds.size_bytes());
        std::memcpy(CMSG_DATA(control), fds.data(), fds.size_bytes());
    }
    void collect(std::vector<UniqueFd>& into) {
        for (auto* control = CMSG_FIRSTHDR(&m_header); control != nullptr; control = CMSG_NXTHDR(&m_header, control)) {
            if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) continue;
            const std::size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            for (std::size_t i = 0; i < count; ++i) {
                int fd = -1;
                std::memcpy(&fd, CMSG_DATA(control) + i * sizeof(int), sizeof fd);
                into.emplace_back(fd);
            }
        }
    }
    /// Who wrote these bytes, as the kernel says it; only on sockets that ask for it.
    std::optional<pid_t> sender() {
        for (auto* control = CMSG_FIRSTHDR(&m_header); control != nullptr; control = CMSG_NXTHDR(&m_header, control)) {
            if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_CREDENTIALS) continue;
            ucred who{};
            std::memcpy(&who, CMSG_DATA(control), sizeof who);
            return who.pid;
        }
        return std::nullopt;
    }
    msghdr* get() { return &m_header; }

private:
    iovec m_vector;
    msghdr m_header{};
    alignas(cmsghdr) char m_control[CMSG_SPACE(sizeof(int) * max_fds) + CMSG_SPACE(sizeof(ucred))]{};
};

inline void put_u32(std::uint8_t* to, std::uint32_t value) {
    for (int i = 0; i < 4; ++i) to[i] = static_cast<std::uint8_t>(value >> (8 * i));
}
inline std::uint32_t get_u32(const std::uint8_t* from) {
    return from[0] | std::uint32_t(from[1]) << 8 | std::uint32_t(from[2]) << 16 | std::uint32_t(from[3]) << 24;
}

} // namespace jk::ipc
