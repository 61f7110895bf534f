#include "ipc/pin_channel.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace jk::ipc {
namespace {

constexpr int patience_ms = 2000;

/// Bytes read, 0 at the end of the channel or of patience.
std::size_t read_some(int fd, std::uint8_t* to, std::size_t count) {
    pollfd waiting{fd, POLLIN, 0};
    if (fd < 0 || poll(&waiting, 1, patience_ms) != 1) return 0;
    const auto n = read(fd, to, count);
    return n > 0 ? static_cast<std::size_t>(n) : 0;
}

} // namespace

Outcome<Secret> read_pin(int fd) {
    auto pin = Secret::create();
    if (!pin) return pin;
    std::uint8_t length = 0;
    if (read_some(fd, &length, 1) != 1 || length == 0) return Errc::pin_empty;
    while (pin->size() < length) {
        const auto n = read_some(fd, pin->room().data(), length - pin->size());
        if (n == 0) return Errc::pin_empty;
        pin->grow(n);
    }
    return pin;
}

Outcome<void> write_pin(int fd, const Secret& pin) {
    const auto length = static_cast<std::uint8_t>(pin.size());
    const auto value = pin.expose();
    // The kernel's buffer takes it whole: a PIN is far smaller than a socket's.
    if (send(fd, &length, 1, MSG_NOSIGNAL) != 1 || (length > 0 && send(fd, value.data(), value.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(length)))
        return Error{Errc::device_failed, "the PIN could not be handed over"};
    return done();
}

} // namespace jk::ipc
