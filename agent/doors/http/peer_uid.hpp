// Whose process is at the other end of a loopback connection: NETLINK_SOCK_DIAG, an exact question to the kernel in about 15 µs.
// The netlink socket is opened at the start, because later the agent may open none.
#pragma once
#include "jurukunci/outcome.hpp"
#include "jurukunci/unique_fd.hpp"

#include <sys/socket.h>

namespace jk::doors {

class PeerUid {
public:
    static Outcome<PeerUid> open();
    /// True only if the peer's socket is alive (has an inode) and belongs to our own effective uid. An orphan, whose process closed it before
    /// we looked, shows uid 0 or nobody and inode 0: never ours, whatever it sent.
    bool is_ours(int connected_socket);

private:
    explicit PeerUid(UniqueFd netlink) : m_netlink(std::move(netlink)) {}
    UniqueFd m_netlink;
    unsigned m_sequence = 0;
};

} // namespace jk::doors
