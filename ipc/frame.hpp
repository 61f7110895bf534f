// Frame: one message on a Unix socket. On the wire: length (u32 LE), number of descriptors (u32 LE), body.
#pragma once
#include "jurukunci/bytes.hpp"
#include "jurukunci/unique_fd.hpp"

#include <cstddef>
#include <vector>

namespace jk::ipc {

struct Frame {
    Bytes body;
    std::vector<UniqueFd> fds; ///< travel by SCM_RIGHTS; close-on-exec here
};

inline constexpr std::size_t header_size = 8;
inline constexpr std::size_t max_fds = 4;
/// No honest message is larger; a peer that announces more is cut off before a byte of it is kept.
inline constexpr std::size_t max_body = 16u << 20;

} // namespace jk::ipc
