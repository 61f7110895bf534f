#include "agent/doors/pkcs11/program_identity.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <fstream>

namespace jk::doors {
namespace {

/// Field 22 of /proc/PID/stat: clock ticks since the machine began. The name in the second field may hold anything, also brackets.
std::optional<unsigned long long> start_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    std::size_t at = name_end;
    for (int field = 2; field < 22; ++field) {
        at = text.find(' ', at + 1);
        if (at == std::string::npos) return std::nullopt;
    }
    return std::strtoull(text.c_str() + at + 1, nullptr, 10);
}

/// Nothing where it cannot be read: a process that hides what it is.
std::optional<std::string> path_of(pid_t pid) {
    char path[4096];
    const auto length = readlink(("/proc/" + std::to_string(pid) + "/exe").c_str(), path, sizeof path);
    if (length <= 0 || length == static_cast<ssize_t>(sizeof path)) return std::nullopt;
    return std::string(path, static_cast<std::size_t>(length));
}

/// An upgrade takes the file away under a program that runs: the kernel then says so behind the path.
std::string_view without_mark(std::string_view path) {
    constexpr std::string_view mark = " (deleted)";
    return path.ends_with(mark) ? path.substr(0, path.size() - mark.size()) : path;
}

/// Ticks since the machine began, now.
unsigned long long ticks_now() {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    const auto per_second = static_cast<unsigned long long>(sysconf(_SC_CLK_TCK));
    return static_cast<unsigned long long>(now.tv_sec) * per_second + static_cast<unsigned long long>(now.tv_nsec) * per_second / 1'000'000'000;
}

} // namespace

std::optional<ProgramBehind> program_behind(int socket, const std::string& user) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != geteuid() || peer.pid <= 0) return std::nullopt;
    const auto before = start_of(peer.pid);
    const auto path = path_of(peer.pid);
    // The same process before and after its path was read, and one that began before it connected.
    if (!before || before != start_of(peer.pid) || *before > ticks_now()) return std::nullopt;
    char byte = 0;
    if (recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) return std::nullopt; // whoever connected has gone; the number may be another's by now

    CallerIdentity caller;
    caller.door = Door::pkcs11;
    caller.origin = path ? *path : "program " + std::to_string(peer.pid);
    caller.owner = "program:" + caller.origin; // a pause after three noes is not escaped by connecting again
    const auto name = path ? path->substr(path->rfind('/') + 1) : std::string("program");
    caller.application = name + " (PID " + std::to_string(peer.pid) + ", " + user + ")";
    return ProgramBehind{std::move(caller), peer.pid, *before};
}

bool is_unchanged(const ProgramBehind& program) {
    const auto path = path_of(program.pid);
    const auto& origin = program.caller.origin;
    const auto now = path ? *path : "program " + std::to_string(program.pid);
    return start_of(program.pid) == program.began && without_mark(now) == without_mark(origin);
}

} // namespace jk::doors
