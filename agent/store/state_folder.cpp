#include "agent/store/state_folder.hpp"

#include "jurukunci/config_fault.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace jk::store {
namespace {

namespace fs = std::filesystem;

Outcome<fs::path> from_environment(const char* variable, const char* below_home) {
    const char* value = std::getenv(variable);
    if (value != nullptr && value[0] == '/') return fs::path(value);
    const char* home = std::getenv("HOME");
    if (below_home == nullptr || home == nullptr || home[0] != '/') return file_fault(variable, "tidak disetel", "is not set");
    return fs::path(home) / below_home;
}

} // namespace

Outcome<void> make_private_folder(const fs::path& path) {
    std::error_code ec;
    fs::create_directories(path.parent_path(), ec);
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return file_fault(path, errno);
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0) return file_fault(path, errno);
    if (!S_ISDIR(status.st_mode))
        return file_fault(path, "bukan folder", "is not a folder"); // a symlink is none: somebody else could have put it there
    if (status.st_uid != geteuid()) return file_fault(path, "milik pengguna lain", "belongs to another user");
    if ((status.st_mode & 077) != 0 && chmod(path.c_str(), 0700) != 0) return file_fault(path, "terbuka bagi pengguna lain", "is open to others");
    return done();
}

Outcome<fs::path> state_folder(std::string_view environment) {
    auto base = from_environment("XDG_STATE_HOME", ".local/state");
    if (!base) return base;
    for (const auto& folder : {*base / "jurukunci", *base / "jurukunci" / environment})
        if (auto ok = make_private_folder(folder); !ok) return ok.error();
    return *base / "jurukunci" / environment;
}

Outcome<fs::path> runtime_folder() {
    auto base = from_environment("XDG_RUNTIME_DIR", nullptr);
    if (!base) return base;
    const auto folder = *base / "jurukunci";
    if (auto ok = make_private_folder(folder); !ok) return ok.error();
    return folder;
}

Outcome<UniqueFd> lock_folder(const fs::path& folder) {
    const auto path = folder / "lock";
    UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return file_fault(path, errno);
    if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return Error{Errc::agent_running}.with("file", path.string());
    return fd;
}

Outcome<UniqueFd> nameless_file(const fs::path& folder) {
    UniqueFd fd(open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (fd) return fd;
    // Some file systems (overlayfs of old kernels, NFS) have no O_TMPFILE: make a name and take it away at once.
    std::string pattern = (folder / ".doc-XXXXXX").string();
    fd.reset(mkostemp(pattern.data(), O_CLOEXEC));
    if (!fd) return Error{Errc::storage_full, std::strerror(errno)};
    unlink(pattern.c_str());
    return fd;
}

Outcome<void> replace_file(const fs::path& path, std::string_view text) {
    const auto fresh = path.string() + ".new";
    unlink(fresh.c_str());
    const UniqueFd fd(open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd || write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) || rename(fresh.c_str(), path.c_str()) != 0)
        return file_fault(path, errno);
    return done();
}

Outcome<void> replace_file_durably(const fs::path& path, std::string_view text) {
    if (auto ok = replace_file(path, text); !ok) return ok;
    const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)), folder(open(path.parent_path().c_str(), O_RDONLY | O_CLOEXEC));
    if (!file || !folder || fsync(file.get()) != 0 || fsync(folder.get()) != 0) return file_fault(path, errno);
    return done();
}

} // namespace jk::store
