#include "ipc/blocking_channel.hpp"

#include "ipc/descriptors.hpp"

#include <poll.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

namespace jk::ipc {
namespace {

Error broken(const char* what) { return {Errc::device_failed, std::string(what) + ": " + std::strerror(errno)}; }

} // namespace

/// At least one byte; an error with detail "closed" at the end.
Outcome<std::size_t> BlockingChannel::read(std::span<std::uint8_t> to, std::vector<UniqueFd>& fds) {
    for (;;) {
        Message message(to.data(), to.size());
        message.make_room_for_fds();
        const auto n = ::recvmsg(m_socket.get(), message.get(), MSG_CMSG_CLOEXEC);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return broken("recvmsg");
        message.collect(fds);
        if (n == 0) return Error{Errc::device_failed, "closed"};
        return static_cast<std::size_t>(n);
    }
}

Outcome<void> BlockingChannel::read_exactly(std::span<std::uint8_t> to, std::vector<UniqueFd>& fds) {
    while (!to.empty()) {
        const auto got = read(to, fds);
        if (!got) return got.error();
        to = to.subspan(*got);
    }
    return done();
}

Outcome<Frame> BlockingChannel::receive(std::size_t body_limit) {
    if (m_ahead) return receive_ahead(body_limit);
    Frame frame;
    std::uint8_t header[header_size];
    const auto first = read(header, frame.fds);
    if (!first) return first.error();
    const auto in_the_middle = [](const Error& error) {
        return error.detail == "closed" ? Error{Errc::device_failed, "closed in the middle of a frame"} : error;
    };
    if (auto ok = read_exactly(std::span(header).subspan(*first), frame.fds); !ok) return in_the_middle(ok.error());
    const std::size_t size = get_u32(header), fds = get_u32(header + 4);
    if (size > body_limit || fds > max_fds) return Error{Errc::device_failed, "a frame over its limits"};
    frame.body.resize(size);
    if (auto ok = read_exactly(frame.body, frame.fds); !ok) return in_the_middle(ok.error());
    if (frame.fds.size() != fds) return Error{Errc::device_failed, "a frame without the descriptors it announced"};
    return frame;
}

Outcome<Frame> BlockingChannel::receive_ahead(std::size_t body_limit) {
    for (;;) {
        auto whole = m_ahead->take(body_limit);
        if (!whole) return whole.error();
        if (*whole) return std::move(**whole);
        // A sleeping recvmsg is woken also when the peer has read what was sent to it; poll only when there is something here.
        pollfd look{m_socket.get(), POLLIN, 0};
        (void)::poll(&look, 1, -1);
        std::vector<UniqueFd> fds;
        const auto got = read(m_ahead->room(), fds);
        if (!got) return m_ahead->begun() ? Error{Errc::device_failed, "closed in the middle of a frame"} : got.error();
        if (auto ok = m_ahead->filled(*got, std::move(fds)); !ok) return ok.error();
    }
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

bool BlockingChannel::look(BriefWait::Look when) const {
    if (m_ahead && m_ahead->begun()) return true;
    pollfd here{m_socket.get(), POLLIN, 0};
    for (auto now = BriefWait::Clock::now(); now < when.until; now = BriefWait::Clock::now()) {
        const auto left = std::max<std::int64_t>(0, std::chrono::nanoseconds(when.from - now).count());
        const timespec sleep{left / 1'000'000'000, static_cast<long>(left % 1'000'000'000)};
        if (::ppoll(&here, 1, &sleep, nullptr) > 0) return true;
        if (left == 0) sched_yield();
    }
    return false;
}

Outcome<std::pair<UniqueFd, UniqueFd>> socket_pair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return broken("socketpair");
    return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

} // namespace jk::ipc
