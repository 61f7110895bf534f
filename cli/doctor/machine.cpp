#include "cli/doctor/machine.hpp"

#include "jurukunci/unique_fd.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace jk::doctor {

namespace fs = std::filesystem;

std::optional<std::string> Machine::text(const fs::path& path, std::size_t limit) const {
    const UniqueFd fd(::open(at(path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (fd.get() < 0) return std::nullopt;
    std::string all(limit, '\0');
    std::size_t filled = 0;
    while (filled < limit) {
        const ssize_t n = ::read(fd.get(), all.data() + filled, limit - filled);
        if (n < 0) return std::nullopt;
        if (n == 0) break;
        filled += static_cast<std::size_t>(n);
    }
    all.resize(filled);
    return all;
}

std::string Machine::line(const fs::path& path) const {
    const auto all = text(path, 4096).value_or("");
    return all.substr(0, all.find('\n'));
}

std::vector<std::string> Machine::names(const fs::path& folder) const {
    constexpr std::size_t most = 4096;
    std::vector<std::string> all;
    std::error_code ec;
    for (fs::directory_iterator entry(at(folder), ec), end; !ec && entry != end && all.size() < most; entry.increment(ec))
        all.push_back(entry->path().filename().string());
    std::ranges::sort(all);
    return all;
}

std::optional<FileFacts> Machine::facts(const fs::path& path) const {
    struct stat found {};
    if (::lstat(at(path).c_str(), &found) != 0) return std::nullopt;
    return FileFacts{found.st_uid, found.st_mode};
}

std::string Machine::link(const fs::path& path) const {
    std::error_code ec;
    const auto target = fs::read_symlink(at(path), ec);
    return ec ? "" : target.string();
}

std::string ThisMachine::environment(const std::string& name) const {
    const char* value = std::getenv(name.c_str());
    return value != nullptr ? value : "";
}

uid_t ThisMachine::user() const { return ::getuid(); }

std::string ThisMachine::user_name(uid_t uid) const {
    const passwd* known = ::getpwuid(uid);
    return known != nullptr ? known->pw_name : "uid " + std::to_string(uid);
}

WallTime ThisMachine::now() const { return SystemClock().now(); }

ClockState ThisMachine::clock() const {
    timex state{}; // no mode: only asks
    if (::adjtimex(&state) < 0) return ClockState::unknown;
    return (state.status & STA_UNSYNC) != 0 ? ClockState::unsynchronised : ClockState::synchronised;
}

std::optional<std::uint64_t> ThisMachine::free_bytes(const fs::path& path) const {
    struct statvfs found {};
    if (::statvfs(path.c_str(), &found) != 0) return std::nullopt;
    return static_cast<std::uint64_t>(found.f_bavail) * found.f_frsize;
}

bool ThisMachine::may_open(const fs::path& path) const { return ::access(path.c_str(), R_OK | W_OK) == 0; }

bool ThisMachine::listens(const fs::path& socket) const {
    const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto name = socket.string();
    if (fd.get() < 0 || name.size() >= sizeof address.sun_path) return false;
    name.copy(address.sun_path, name.size());
    // A full queue is somebody who listens, too.
    return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 || errno == EAGAIN;
}

std::map<std::string, std::string> assignments(const std::string& text) {
    std::map<std::string, std::string> all;
    std::istringstream lines(text);
    for (std::string one; all.size() < 256 && std::getline(lines, one);)
        if (const auto equals = one.find('='); equals != std::string::npos && equals > 0) all[one.substr(0, equals)] = one.substr(equals + 1);
    return all;
}

} // namespace jk::doctor
