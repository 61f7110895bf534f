// Frames as a child process or the command line receives them. Input: one byte says how many descriptors travel with each piece (0 to 7), one
// how large the pieces are, the rest is the stream.
#include "ipc/blocking_channel.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

using namespace jk;

namespace {

constexpr std::size_t most_bytes = 16u << 10; ///< fits into the socket's buffer, so that one thread can write and then read
constexpr std::size_t body_limit = 4096;

void send_piece(int socket, ByteView piece, std::size_t fd_count) {
    char control[CMSG_SPACE(7 * sizeof(int))]{};
    iovec vector{const_cast<std::uint8_t*>(piece.data()), piece.size()};
    msghdr header{};
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    if (fd_count > 0) {
        header.msg_control = control;
        header.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
        auto* rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
        const int fds[7] = {2, 2, 2, 2, 2, 2, 2};
        std::memcpy(CMSG_DATA(rights), fds, fd_count * sizeof(int));
    }
    fuzz::require(::sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT) == static_cast<ssize_t>(piece.size()), "the stream fits into the socket");
}

int lowest_free_fd() {
    const UniqueFd fd(::dup(2));
    return fd.get();
}

} // namespace

static void read_all(const std::uint8_t* data, std::size_t size, ipc::Reading reading) {
    const std::size_t fd_count = data[0] & 7, piece = std::max<std::size_t>(std::size_t(data[1]) * 8, size / 64 + 1);
    const ByteView stream(data + 2, size - 2);
    const int before = lowest_free_fd();
    {
        auto ends = ipc::socket_pair();
        fuzz::require(ends.has_value(), "there are sockets");
        for (std::size_t at = 0; at < stream.size(); at += piece)
            send_piece(ends->first.get(), stream.subspan(at, std::min(piece, stream.size() - at)), fd_count);
        ends->first.reset();
        ipc::BlockingChannel channel(std::move(ends->second), reading);
        std::size_t read = 0;
        for (;;) {
            const auto frame = channel.receive(body_limit);
            if (!frame) break;
            fuzz::require(frame->body.size() <= body_limit && frame->fds.size() <= ipc::max_fds, "a frame keeps its limits");
            read += ipc::header_size;
            fuzz::require(read + frame->body.size() <= stream.size(), "a frame was sent");
            fuzz::require(std::ranges::equal(frame->body, stream.subspan(read, frame->body.size())), "a frame's body is what was sent");
            read += frame->body.size();
        }
    }
    fuzz::require(lowest_free_fd() == before, "no descriptor is left open");
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2 || size > most_bytes) return 0;
    for (const auto reading : {ipc::Reading::by_frame, ipc::Reading::ahead}) read_all(data, size, reading);
    return 0;
}
