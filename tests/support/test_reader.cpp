// jurukunci-test-reader FOLDER: a smart card reader for one test. Stock pcscd with the virtual reader of vsmartcard, in namespaces of its own,
// because that reader listens on every interface; and the cards that are put into it.
//
// FOLDER/pcscd/pcscd.comm is where a PC/SC client finds it (PCSCLITE_CSOCK_NAME): a socket with a name is reachable from other network
// namespaces. FOLDER/orders is a socket for orders, one line each, answered with one line:
//   insert N CARD     a card (a folder of make_piv_card) into reader N, 0 or 1       remove N     pull it out
//   leave N COUNT     pull it out when its COUNT-th signature from now is asked for  stop · start  pcscd itself
#include "tests/support/piv_card.hpp"
#include "tests/support/process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

namespace {

using namespace jk;
using namespace jk::test;
namespace fs = std::filesystem;

constexpr int first_port = 0x8c7b; // of vpcd's reader.conf; the second reader is one above

[[noreturn]] void give_up(const std::string& what) {
    std::printf("cannot make a card reader: %s: %s\n", what.c_str(), std::strerror(errno));
    std::fflush(stdout);
    std::exit(1);
}

void write_line(const char* file, const std::string& line) {
    const int fd = open(file, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size())) give_up(file);
    close(fd);
}

/// Network and mounts of our own; a user namespace where we are not root.
void enter_namespaces(const fs::path& folder) {
    const auto uid = getuid(), gid = getgid();
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) != 0) give_up("unshare (neither root nor user namespaces)");
        write_line("/proc/self/setgroups", "deny");
        write_line("/proc/self/uid_map", "0 " + std::to_string(uid) + " 1");
        write_line("/proc/self/gid_map", "0 " + std::to_string(gid) + " 1");
    }
    const int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq loopback{};
    std::strcpy(loopback.ifr_name, "lo");
    loopback.ifr_flags = IFF_UP | IFF_RUNNING;
    if (ioctl(s, SIOCSIFFLAGS, &loopback) != 0) give_up("lo");
    close(s);
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) give_up("private mounts");
    const auto kept = fs::canonical(folder / "pcscd");
    const int place = open(kept.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); // /run may be where the folder is
    if (mount("run", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") != 0) give_up("tmpfs on /run");
    mkdir("/run/pcscd", 0755);
    if (mount(("/proc/self/fd/" + std::to_string(place)).c_str(), "/run/pcscd", nullptr, MS_BIND, nullptr) != 0) give_up("bind /run/pcscd");
    close(place);
}

class Reader {
public:
    explicit Reader(fs::path folder) : m_folder(std::move(folder)) {}

    std::string start() {
        fs::remove(m_folder / "pcscd/pcscd.comm");
        m_daemon.emplace(Process::start({"pcscd", "--foreground"}, {}, m_folder / "pcscd.log"));
        for (int i = 0; i < 500; ++i) {
            if (m_daemon->wait(0)) return "pcscd ended: " + m_daemon->output();
            // The virtual reader listens when its driver is loaded; the probe is a card that goes at once.
            if (listening(0) && fs::exists(m_folder / "pcscd/pcscd.comm")) return "ok";
            usleep(10'000);
        }
        return "pcscd does not listen: " + m_daemon->output();
    }

    std::string stop() {
        for (int n = 0; n < 2; ++n) remove(n);
        m_daemon.reset();
        return "ok";
    }

    std::string insert(int n, const fs::path& card) {
        remove(n);
        auto& slot = m_slots.at(static_cast<std::size_t>(n));
        slot.card.emplace(card);
        slot.fd = connected(n);
        return slot.fd >= 0 ? "ok" : std::string("the reader takes no card: ") + std::strerror(errno);
    }

    std::string remove(int n) {
        auto& slot = m_slots.at(static_cast<std::size_t>(n));
        if (slot.fd >= 0) close(slot.fd);
        slot.fd = -1;
        slot.card.reset();
        return "ok";
    }

    std::string leave(int n, int count) {
        auto& slot = m_slots.at(static_cast<std::size_t>(n));
        if (slot.fd < 0) return "no card there";
        slot.card->leave_at_signature(count);
        return "ok";
    }

    int fd(int n) const { return m_slots.at(static_cast<std::size_t>(n)).fd; }

    /// One message of the virtual reader: two bytes of length, then an APDU, or one byte that moves the card's power or asks for its ATR.
    void serve(int n) {
        auto& slot = m_slots.at(static_cast<std::size_t>(n));
        std::uint8_t head[2];
        if (!read_all(slot.fd, head, 2)) return (void)remove(n);
        Bytes message(std::size_t(head[0]) << 8 | head[1]);
        if (message.empty() || !read_all(slot.fd, message.data(), message.size())) return (void)remove(n);
        if (message.size() == 1 && message[0] != 4) return slot.card->reset();
        const auto answer = message.size() == 1 ? std::optional(PivCard::answer_to_reset()) : slot.card->answer(message);
        if (!answer) return (void)remove(n);
        Bytes reply{static_cast<std::uint8_t>(answer->size() >> 8), static_cast<std::uint8_t>(answer->size())};
        reply.insert(reply.end(), answer->begin(), answer->end());
        if (send(slot.fd, reply.data(), reply.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(reply.size())) remove(n);
    }

private:
    struct Slot {
        int fd = -1;
        std::optional<PivCard> card;
    };

    static bool read_all(int fd, std::uint8_t* to, std::size_t size) {
        for (std::size_t got = 0; got < size;) {
            const auto more = recv(fd, to + got, size - got, 0);
            if (more <= 0) return false;
            got += static_cast<std::size_t>(more);
        }
        return true;
    }

    static int attempt(int n) {
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(first_port + n));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
            const int yes = 1;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
            return fd;
        }
        close(fd);
        return -1;
    }

    static bool listening(int n) {
        const int fd = attempt(n);
        if (fd >= 0) close(fd);
        return fd >= 0;
    }

    static int connected(int n) {
        for (int i = 0; i < 300; ++i) {
            const int fd = attempt(n);
            if (fd >= 0) return fd;
            usleep(10'000);
        }
        return -1;
    }

    fs::path m_folder;
    std::optional<Process> m_daemon;
    std::array<Slot, 2> m_slots;
};

std::string carry_out(Reader& reader, const std::string& line) {
    std::istringstream words(line);
    std::string order, card;
    int n = 0, count = 0;
    words >> order >> n;
    if (n < 0 || n > 1) return "there are readers 0 and 1";
    try {
        if (order == "insert" && words >> card) return reader.insert(n, card);
        if (order == "remove") return reader.remove(n);
        if (order == "leave" && words >> count) return reader.leave(n, count);
        if (order == "stop") return reader.stop();
        if (order == "start") return reader.start();
    } catch (const std::exception& e) {
        return e.what();
    }
    return "unknown order";
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    std::signal(SIGPIPE, SIG_IGN);
    const fs::path folder = argv[1];
    fs::create_directories(folder / "pcscd");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto name = (folder / "orders").string();
    if (name.size() >= sizeof address.sun_path) give_up("the folder's name is too long");
    std::strcpy(address.sun_path, name.c_str());
    const int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener, 4) != 0) give_up("orders");
    enter_namespaces(folder);
    Reader reader(folder);
    if (const auto said = reader.start(); said != "ok") {
        std::printf("cannot make a card reader: %s\n", said.c_str());
        return 1;
    }
    std::puts("ready");
    std::fflush(stdout);
    for (int client = -1;;) {
        pollfd waiting[] = {{client < 0 ? listener : client, POLLIN, 0}, {reader.fd(0), POLLIN, 0}, {reader.fd(1), POLLIN, 0}};
        if (poll(waiting, 3, -1) < 0) continue;
        for (int n = 0; n < 2; ++n)
            if (waiting[1 + n].revents != 0) reader.serve(n);
        if (waiting[0].revents == 0) continue;
        if (client < 0) {
            client = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
            continue;
        }
        char line[1024];
        const auto size = recv(client, line, sizeof line - 1, 0);
        if (size <= 0) {
            close(client);
            client = -1;
            continue;
        }
        const auto said = carry_out(reader, std::string(line, static_cast<std::size_t>(size)));
        (void)!send(client, said.data(), said.size(), MSG_NOSIGNAL);
    }
}
