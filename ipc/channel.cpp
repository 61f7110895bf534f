#include "ipc/channel.hpp"

#include "ipc/descriptors.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <poll.h>

#include <cerrno>
#include <utility>

namespace jk::ipc {

Channel::Channel(net::any_io_executor executor, UniqueFd socket)
    : m_socket(executor, net::local::stream_protocol(), socket.release()), m_sent(executor) {
    m_socket.native_non_blocking(true);
}

Task<Outcome<Frame>> Channel::receive(std::size_t body_limit) {
    for (;;) {
        auto whole = m_received.take(body_limit);
        if (!whole) co_return whole.error();
        if (*whole) co_return std::move(**whole);
        if (!m_socket.is_open()) co_return Error{Errc::device_failed, "closed"};
        if (!m_drained) {
            auto more = read();
            if (!more) co_return more.error();
            if (*more) continue;
        }
        m_drained = false;
        boost::system::error_code ec;
        co_await m_socket.async_wait(net::socket_base::wait_read, net::redirect_error(net::use_awaitable, ec));
        if (ec) co_return Error{Errc::device_failed, "closed"};
    }
}

/// False when nothing is there.
Outcome<bool> Channel::read() {
    const auto room = m_received.room();
    Message message(room.data(), room.size());
    message.make_room_for_fds();
    const auto n = ::recvmsg(m_socket.native_handle(), message.get(), MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (n < 0) {
        if (errno == EAGAIN || errno == EINTR) return false;
        return Error{Errc::device_failed, std::string("recvmsg: ") + std::strerror(errno)};
    }
    if (n == 0) return Error{Errc::device_failed, m_received.begun() ? "closed in the middle of a frame" : "closed"};
    std::vector<UniqueFd> fds;
    message.collect(fds);
    if (m_only_from && message.sender() != m_only_from) return Error{Errc::device_failed, "bytes of another process"};
    m_drained = static_cast<std::size_t>(n) < room.size();
    auto ok = m_received.filled(static_cast<std::size_t>(n), std::move(fds));
    if (!ok) return ok.error();
    return true;
}

Task<Outcome<void>> Channel::send(Bytes body, std::vector<UniqueFd> fds) {
    while (m_sending) co_await m_sent.wait();
    if (!m_socket.is_open()) co_return Error{Errc::device_failed, "closed"};
    m_sending = true;
    std::uint8_t header[header_size];
    put_u32(header, static_cast<std::uint32_t>(body.size()));
    put_u32(header + 4, static_cast<std::uint32_t>(fds.size()));
    body.insert(body.begin(), header, header + header_size);
    std::vector<int> raw;
    raw.reserve(fds.size());
    for (const auto& fd : fds) raw.push_back(fd.get());

    Outcome<void> outcome = done();
    for (std::size_t sent = 0; sent < body.size();) {
        Message message(body.data() + sent, body.size() - sent);
        if (sent == 0) message.attach(raw);
        const auto n = ::sendmsg(m_socket.native_handle(), message.get(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) {
            sent += static_cast<std::size_t>(n);
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) {
            outcome = Error{Errc::device_failed, std::string("sendmsg: ") + std::strerror(errno)};
            break;
        }
        boost::system::error_code ec;
        co_await m_socket.async_wait(net::socket_base::wait_write, net::redirect_error(net::use_awaitable, ec));
        if (ec) {
            outcome = Error{Errc::device_failed, "closed"};
            break;
        }
    }
    m_sending = false;
    m_sent.notify();
    co_return outcome;
}

Outcome<void> Channel::only_from(pid_t pid) {
    const int yes = 1;
    if (::setsockopt(m_socket.native_handle(), SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) != 0)
        return Error{Errc::device_failed, std::string("SO_PASSCRED: ") + std::strerror(errno)};
    m_only_from = pid;
    return done();
}

Task<void> Channel::hung_up() {
    for (;;) {
        boost::system::error_code ec;
        co_await m_socket.async_wait(net::socket_base::wait_error, net::redirect_error(net::use_awaitable, ec));
        if (ec || !m_socket.is_open()) co_return;
        pollfd look{m_socket.native_handle(), 0, 0};
        if (::poll(&look, 1, 0) != 0) co_return; // POLLHUP or POLLERR
    }
}

void Channel::close() {
    boost::system::error_code ignored;
    m_socket.close(ignored);
}

} // namespace jk::ipc
