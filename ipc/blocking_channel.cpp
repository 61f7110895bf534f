#include "ipc/blocking_channel.hpp"

#include "ipc/descriptors.hpp"

#include <cerrno>
#include <iterator>

namespace jk::ipc {
namespace {

Error broken(const char* what) { return {Errc::device_failed, std::string(what) + ": " + std::strerror(errno)}; }

} // namespace

Outcome<void> BlockingChannel::read_exactly(std::uint8_t* to, std::size_t count, std::vector<UniqueFd>& fds) {
    for (std::size_t got = 0; got < count;) {
        Message message(to + got, count - got);
        message.make_room_for_fds();
        const auto n = ::recvmsg(m_socket.get(), message.get(), MSG_CMSG_CLOEXEC);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return broken("recvmsg");
        message.collect(fds);
        if (n == 0) return Error{Errc::device_failed, got == 0 ? "closed" : "closed in the middle of a frame"};
        got += static_cast<std::size_t>(n);
    }
    return done();
}

Outcome<Frame> BlockingChannel::receive(std::size_t body_limit) {
    Frame frame;
    std::uint8_t header[header_size];
    if (auto ok = read_exactly(header, sizeof header, frame.fds); !ok) return ok.error();
    const std::size_t size = get_u32(header), fds = get_u32(header + 4);
    if (size > body_limit || fds > max_fds) return Error{Errc::device_failed, "a frame over its limits"};
    frame.body.resize(size);
    if (size > 0) {
        if (auto ok = read_exactly(frame.body.data(), size, frame.fds); !ok) return Error{Errc::device_failed, "closed in the middle of a frame"};
    }
    if (frame.fds.size() != fds) return Error{Errc::device_failed, "a frame without the descriptors it announced"};
    return frame;
}

namespace {

void add_frame(Bytes& frames, ByteView body, std::size_t fds) {
    std::uint8_t header[header_size];
    put_u32(header, static_cast<std::uint32_t>(body.size()));
    put_u32(header + 4, static_cast<std::uint32_t>(fds));
    frames.insert(frames.end(), header, header + header_size);
    frames.insert(frames.end(), body.begin(), body.end());
}

} // namespace

void add_frame(Bytes& frames, ByteView body) { add_frame(frames, body, 0); }

Outcome<void> BlockingChannel::send(ByteView body, std::span<const int> fds) {
    Bytes all;
    all.reserve(header_size + body.size());
    add_frame(all, body, fds.size());
    return send_frames(all, fds);
}

Outcome<void> BlockingChannel::send_frames(ByteView all, std::span<const int> fds) {
    for (std::size_t sent = 0; sent < all.size();) {
        Message message(const_cast<std::uint8_t*>(all.data()) + sent, all.size() - sent);
        if (sent == 0) message.attach(fds);
        const auto n = ::sendmsg(m_socket.get(), message.get(), MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return broken("sendmsg");
        sent += static_cast<std::size_t>(n);
    }
    return done();
}

Outcome<std::pair<UniqueFd, UniqueFd>> socket_pair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return broken("socketpair");
    return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

} // namespace jk::ipc
