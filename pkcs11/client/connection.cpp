#include "pkcs11/client/connection.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace jk::pkcs11::client {
namespace {

std::atomic<int> open_socket{-1};

std::string socket_path() {
    const char* folder = secure_getenv("XDG_RUNTIME_DIR");
    const std::string base = folder != nullptr && folder[0] == '/' ? folder : "/run/user/" + std::to_string(geteuid());
    return base + "/jurukunci/pkcs11.sock";
}

/// Nobody else's agent may show us keys or ask for PINs.
bool is_ours(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

} // namespace

std::shared_ptr<Connection> Connection::open() {
    const auto path = socket_path();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return nullptr;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || !is_ours(socket.get()))
        return nullptr;
    auto connection = std::make_shared<Connection>(std::move(socket));
    const auto id = connection->next_id();
    auto hello = frames::start(id, frames::Ask::hello);
    hello.u32(frames::protocol_version);
    const auto answer = connection->call(id, hello.take());
    if (!answer) return nullptr;
    ipc::Reader reader(*answer);
    if (reader.u64() != 0 || reader.u32() != frames::protocol_version) return nullptr;
    return connection;
}

Connection::Connection(UniqueFd socket) : m_channel(std::move(socket), ipc::Reading::ahead) { open_socket = m_channel.fd(); }

Connection::~Connection() {
    int mine = m_channel.fd();
    open_socket.compare_exchange_strong(mine, -1);
}

std::uint32_t Connection::next_id() {
    const std::lock_guard lock(m_mutex);
    return m_next++;
}

void Connection::give_up() {
    m_lost = true;
    m_answered.notify_all();
}

std::optional<Bytes> Connection::call(std::uint32_t id, Bytes request) {
    {
        const std::lock_guard lock(m_mutex);
        if (m_lost) return std::nullopt;
        m_waiting[id]; // before the agent can answer
    }
    {
        const std::lock_guard one(m_sending);
        if (!m_channel.send(request)) {
            const std::lock_guard lock(m_mutex);
            give_up();
        }
    }
    std::unique_lock lock(m_mutex);
    for (;;) {
        auto& answer = m_waiting[id];
        if (answer || m_lost) {
            auto mine = std::move(answer);
            m_waiting.erase(id);
            return mine;
        }
        if (m_reading) {
            m_answered.wait(lock);
            continue;
        }
        m_reading = true;
        lock.unlock();
        if (const auto look = m_wait.begin(ipc::BriefWait::Clock::now())) m_channel.look(*look);
        auto frame = m_channel.receive(frames::max_answer);
        m_wait.end(ipc::BriefWait::Clock::now());
        lock.lock();
        m_reading = false;
        std::uint32_t whose = 0;
        if (frame) whose = ipc::Reader(frame->body).u32();
        const auto place = frame && frame->body.size() >= 12 ? m_waiting.find(whose) : m_waiting.end();
        if (place == m_waiting.end()) { // gone, or it says something that nobody asked for
            give_up();
            continue;
        }
        place->second.emplace(frame->body.begin() + 4, frame->body.end());
        m_answered.notify_all();
    }
}

bool Connection::lost() {
    const std::lock_guard lock(m_mutex);
    if (m_lost || m_reading || !m_waiting.empty()) return m_lost; // an answer that was read already is still somebody's
    const auto now = std::chrono::steady_clock::now();
    if (now - m_looked < std::chrono::milliseconds(1)) return false; // whoever asks it something then learns it, too
    m_looked = now;
    char byte = 0;
    const auto n = ::recv(m_channel.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) give_up();
    return m_lost;
}

void Connection::shut() { ::shutdown(m_channel.fd(), SHUT_RDWR); }

void close_in_child() {
    if (const int fd = open_socket.exchange(-1); fd >= 0) ::close(fd);
}

} // namespace jk::pkcs11::client
