#include "cli/browser_policy/judged_root.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace jk::browser_policy {
namespace {

namespace fs = std::filesystem;

// One name, so that what a power cut leaves is found and removed by the next run. Chromium reads every file of its folder: what would lie
// there until then is our own policy, whole or (as no JSON) without effect.
constexpr const char* new_name = ".jurukunci-new";

std::string last_name(const std::string& path) { return fs::path(path).filename().string(); }

std::string words(int number) {
    if (number == ELOOP || number == ENOTDIR) return "is a symlink, or no folder";
    std::string said = std::strerror(number);
    return number == EACCES || number == EPERM ? said + "; run it as root" : said;
}

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const auto n = ::write(fd, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

} // namespace

Error JudgedRoot::refuse(const std::string& path, const std::string& reason) const {
    return Error{Errc::browser_policy_refused, reason}.with("file", shown(path)).with("reason", reason);
}

Outcome<JudgedRoot> JudgedRoot::open(const fs::path& folder) {
    JudgedRoot root(folder, UniqueFd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
    if (!root.m_fd) return root.refuse("", words(errno));
    if (const auto fault = root.fault_of(root.m_fd.get()); !fault.empty()) return root.refuse("", fault);
    return root;
}

std::string JudgedRoot::fault_of(int fd) const {
    struct stat status {};
    if (fstat(fd, &status) != 0) return words(errno);
    const bool owned = status.st_uid == 0 || (m_folder != "/" && status.st_uid == geteuid());
    if (!owned) return "belongs to uid " + std::to_string(status.st_uid);
    if ((status.st_mode & 022) != 0) return "is writable by others";
    return {};
}

Outcome<UniqueFd> JudgedRoot::folder_of(const std::string& path, std::vector<std::string>* made) const {
    auto here = m_fd.duplicate();
    if (!here) return refuse(path, words(errno));
    fs::path so_far;
    for (const auto& name : fs::path(path).parent_path()) {
        so_far /= name;
        if (name == "." || name == "..") return refuse(path, "is no plain path");
        constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        UniqueFd next(openat(here.get(), name.c_str(), flags));
        if (!next && errno == ENOENT) {
            if (made == nullptr) return UniqueFd();
            if (mkdirat(here.get(), name.c_str(), 0755) != 0) return refuse(so_far.string(), words(errno));
            made->push_back(so_far.string());
            fsync(here.get());
            next.reset(openat(here.get(), name.c_str(), flags));
        }
        if (!next) return refuse(so_far.string(), words(errno));
        if (const auto fault = fault_of(next.get()); !fault.empty()) return refuse(so_far.string(), fault);
        here = std::move(next);
    }
    return here;
}

Outcome<std::optional<std::string>> JudgedRoot::read(const std::string& path, std::size_t most) const {
    using Result = Outcome<std::optional<std::string>>;
    const auto folder = folder_of(path, nullptr);
    if (!folder) return folder.error();
    if (!*folder) return Result(std::nullopt);
    const UniqueFd fd(openat(folder->get(), last_name(path).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd && errno == ENOENT) return Result(std::nullopt);
    if (!fd) return refuse(path, errno == ELOOP ? "is a symlink" : words(errno));
    struct stat status {};
    if (fstat(fd.get(), &status) != 0) return refuse(path, words(errno));
    if (!S_ISREG(status.st_mode)) return refuse(path, "is no regular file");
    if (const auto fault = fault_of(fd.get()); !fault.empty()) return refuse(path, fault);
    if (static_cast<std::size_t>(status.st_size) > most) return refuse(path, "is larger than " + std::to_string(most >> 20) + " MiB");
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    if (::read(fd.get(), text.data(), text.size()) != status.st_size) return refuse(path, "could not be read whole");
    return Result(std::optional(std::move(text)));
}

Outcome<std::vector<std::string>> JudgedRoot::beside(const std::string& path) const {
    std::vector<std::string> names;
    auto folder = folder_of(path, nullptr);
    if (!folder) return folder.error();
    if (!*folder) return names;
    DIR* entries = fdopendir(folder->get());
    if (entries == nullptr) return refuse(path, words(errno));
    folder->release(); // closedir closes it
    while (const auto* entry = readdir(entries)) {
        const std::string name = entry->d_name;
        if (name != "." && name != ".." && name != last_name(path)) names.push_back((fs::path(path).parent_path() / name).string());
    }
    closedir(entries);
    std::ranges::sort(names);
    return names;
}

Outcome<void> JudgedRoot::write(const std::string& path, const std::string& text, std::vector<std::string>& made) const {
    const auto folder = folder_of(path, &made);
    if (!folder) return folder.error();
    struct stat replaced {};
    const bool replaces = fstatat(folder->get(), last_name(path).c_str(), &replaced, AT_SYMLINK_NOFOLLOW) == 0;
    unlinkat(folder->get(), new_name, 0);
    const UniqueFd fd(openat(folder->get(), new_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd) return refuse(path, words(errno));
    const auto give_up = [&](int number) {
        unlinkat(folder->get(), new_name, 0);
        return refuse(path, words(number));
    };
    if (!write_all(fd.get(), text)) return give_up(errno);
    if (replaces && replaced.st_gid != getegid() && fchown(fd.get(), static_cast<uid_t>(-1), replaced.st_gid) != 0) return give_up(errno);
    if (fchmod(fd.get(), replaces ? replaced.st_mode & 0777 : 0644) != 0) return give_up(errno);
    if (fsync(fd.get()) != 0) return give_up(errno);
    if (renameat(folder->get(), new_name, folder->get(), last_name(path).c_str()) != 0) return give_up(errno);
    if (fsync(folder->get()) != 0) return refuse(path, words(errno));
    return done();
}

Outcome<void> JudgedRoot::remove(const std::string& path) const {
    const auto folder = folder_of(path, nullptr);
    if (!folder) return folder.error();
    if (!*folder) return done();
    unlinkat(folder->get(), new_name, 0);
    if (unlinkat(folder->get(), last_name(path).c_str(), 0) != 0 && errno != ENOENT) return refuse(path, words(errno));
    fsync(folder->get());
    return done();
}

Outcome<void> JudgedRoot::remove_empty_folder(const std::string& path) const {
    const auto above = folder_of(path, nullptr);
    if (!above) return above.error();
    if (*above && unlinkat(above->get(), last_name(path).c_str(), AT_REMOVEDIR) == 0) fsync(above->get());
    return done();
}

Outcome<UniqueFd> JudgedRoot::lock_folder_of(const std::string& path, std::vector<std::string>& made) const {
    auto folder = folder_of(path, &made);
    if (!folder) return folder;
    if (flock(folder->get(), LOCK_EX | LOCK_NB) != 0) return refuse(path, "another jurukunci browser-policy is at work; wait for it");
    return folder;
}

bool JudgedRoot::exists(const std::string& path) const {
    std::error_code ec;
    return fs::exists(m_folder / path, ec);
}

} // namespace jk::browser_policy
