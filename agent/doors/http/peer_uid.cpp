#include "agent/doors/http/peer_uid.hpp"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

namespace jk::doors {
namespace {

struct Question {
    nlmsghdr header{};
    inet_diag_req_v2 request{};
};

/// The client's socket is the mirror image of ours: its source is our peer.
std::optional<Question> question_about(int socket, unsigned sequence) {
    sockaddr_storage me{}, peer{};
    socklen_t me_size = sizeof me, peer_size = sizeof peer;
    if (getsockname(socket, reinterpret_cast<sockaddr*>(&me), &me_size) != 0 ||
        getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0)
        return std::nullopt;
    Question q;
    q.header.nlmsg_len = sizeof q;
    q.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    q.header.nlmsg_flags = NLM_F_REQUEST;
    q.header.nlmsg_seq = sequence;
    q.request.sdiag_family = static_cast<__u8>(me.ss_family);
    q.request.sdiag_protocol = IPPROTO_TCP;
    q.request.idiag_states = ~0U;
    q.request.id.idiag_cookie[0] = q.request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    if (me.ss_family == AF_INET) {
        const auto& m = reinterpret_cast<const sockaddr_in&>(me);
        const auto& p = reinterpret_cast<const sockaddr_in&>(peer);
        q.request.id.idiag_src[0] = p.sin_addr.s_addr;
        q.request.id.idiag_dst[0] = m.sin_addr.s_addr;
        q.request.id.idiag_sport = p.sin_port;
        q.request.id.idiag_dport = m.sin_port;
    } else if (me.ss_family == AF_INET6) {
        const auto& m = reinterpret_cast<const sockaddr_in6&>(me);
        const auto& p = reinterpret_cast<const sockaddr_in6&>(peer);
        std::memcpy(q.request.id.idiag_src, &p.sin6_addr, 16);
        std::memcpy(q.request.id.idiag_dst, &m.sin6_addr, 16);
        q.request.id.idiag_sport = p.sin6_port;
        q.request.id.idiag_dport = m.sin6_port;
    } else {
        return std::nullopt;
    }
    return q;
}

} // namespace

Outcome<PeerUid> PeerUid::open() {
    UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    if (!fd) return Error{Errc::device_failed, std::string("NETLINK_SOCK_DIAG: ") + std::strerror(errno)};
    const timeval patience{1, 0};
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return PeerUid(std::move(fd));
}

bool PeerUid::is_ours(int connected_socket) {
    const auto question = question_about(connected_socket, ++m_sequence);
    if (!question || ::send(m_netlink.get(), &*question, sizeof *question, 0) != static_cast<ssize_t>(sizeof *question)) return false;
    alignas(nlmsghdr) char buffer[8192];
    for (int attempt = 0; attempt < 4; ++attempt) { // an answer to an older, timed-out question is passed over
        const auto n = ::recv(m_netlink.get(), buffer, sizeof buffer, 0);
        if (n <= 0) return false;
        auto left = static_cast<unsigned>(n);
        for (auto* message = reinterpret_cast<nlmsghdr*>(buffer); NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
            if (message->nlmsg_seq != m_sequence) continue;
            if (message->nlmsg_type != SOCK_DIAG_BY_FAMILY || message->nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg))) return false;
            const auto* found = static_cast<const inet_diag_msg*>(NLMSG_DATA(message));
            return found->idiag_inode != 0 && found->idiag_uid == geteuid();
        }
    }
    return false;
}

} // namespace jk::doors
