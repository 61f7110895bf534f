#include "ipc/channel.hpp"

#include "ipc/descriptors.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace jk::ipc {
namespace {

constexpr std::size_t read_size = 64u << 10;

} // namespace

Channel::Channel(net::any_io_executor executor, UniqueFd socket)
    : m_socket(executor, net::local::stream_protocol(), socket.release()), m_sent(executor) {
    m_socket.native_non_blocking(true);
}

/// True when a whole frame was there.
Outcome<bool> Channel::take(Frame& frame, std::size_t body_limit) {
    const std::size_t held = m_filled - m_taken;
    if (held < header_size) return false;
    const auto* header = m_buffer.data() + m_taken;
    const std::size_t size = get_u32(header), fds = get_u32(header + 4);
    if (size > body_limit || fds > max_fds) return Error{Errc::device_failed, "a frame over its limits"};
    if (held < header_size + size) return false;
    if (m_fds.size() < fds) return Error{Errc::device_failed, "a frame without the descriptors it announced"};
    frame.body.assign(header + header_size, header + header_size + size);
    for (std::size_t i = 0; i < fds; ++i) {
        frame.fds.push_back(std::move(m_fds.front()));
        m_fds.pop_front();
    }
    m_taken += header_size + size;
    return true;
}

/// For one more read. The room is kept: making 64 KiB of zeros for every read would cost more than the read.
void Channel::make_room() {
    std::copy(m_buffer.begin() + static_cast<std::ptrdiff_t>(m_taken), m_buffer.begin() + static_cast<std::ptrdiff_t>(m_filled), m_buffer.begin());
    m_filled -= std::exchange(m_taken, 0);
    if (m_filled + read_size > m_buffer.size()) m_buffer.resize(m_filled + read_size);
}

Task<Outcome<Frame>> Channel::receive(std::size_t body_limit) {
    for (;;) {
        Frame frame;
        auto whole = take(frame, body_limit);
        if (!whole) co_return whole.error();
        if (*whole) co_return frame;
        if (!m_socket.is_open()) co_return Error{Errc::device_failed, "closed"};

        make_room();
        const std::size_t held = m_filled;
        Message message(m_buffer.data() + held, read_size);
        message.make_room_for_fds();
        const auto n = ::recvmsg(m_socket.native_handle(), message.get(), MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
        const int fault = errno;
        if (n > 0) {
            m_filled += static_cast<std::size_t>(n);
            std::vector<UniqueFd> fds;
            message.collect(fds);
            if (m_only_from && message.sender() != m_only_from) co_return Error{Errc::device_failed, "bytes of another process"};
            for (auto& fd : fds) m_fds.push_back(std::move(fd));
            if (m_fds.size() > max_fds * 4) co_return Error{Errc::device_failed, "more descriptors than frames"};
            continue;
        }
        if (n == 0) co_return Error{Errc::device_failed, held == 0 ? "closed" : "closed in the middle of a frame"};
        if (fault != EAGAIN && fault != EINTR) co_return Error{Errc::device_failed, std::string("recvmsg: ") + std::strerror(fault)};
        boost::system::error_code ec;
        co_await m_socket.async_wait(net::socket_base::wait_read, net::redirect_error(net::use_awaitable, ec));
        if (ec) co_return Error{Errc::device_failed, "closed"};
    }
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
