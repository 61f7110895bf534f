#include "agent/config/trusted_file.hpp"

#include "jurukunci/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace jk::config {
namespace {

namespace fs = std::filesystem;

constexpr off_t max_size = 4 << 20;

Error refuse(const fs::path& path, const std::string& why) {
    return Error{Errc::config_refused, why}.with("file", path.string()).with("reason", why);
}

std::string fault_of(const struct stat& status, Owner owner) {
    const bool owned = status.st_uid == 0 || (owner == Owner::root_or_self && status.st_uid == geteuid());
    if (!owned) return "belongs to uid " + std::to_string(status.st_uid);
    // A sticky folder such as /tmp may be writable: names in it can only be changed by their owners.
    const bool sticky_folder = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
    if ((status.st_mode & 022) != 0 && !sticky_folder) return "is writable by others";
    return {};
}

Outcome<void> judge_folder(const fs::path& folder, Owner owner) {
    struct stat status {};
    if (stat(folder.c_str(), &status) != 0) return refuse(folder, std::strerror(errno));
    if (const auto fault = fault_of(status, owner); !fault.empty()) return refuse(folder, fault);
    return done();
}

} // namespace

Outcome<std::string> read_trusted(const fs::path& file, Owner owner) {
    if (auto ok = judge_folder(file.parent_path(), owner); !ok) return ok.error();
    const UniqueFd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status {};
    if (!fd || fstat(fd.get(), &status) != 0) return refuse(file, std::strerror(errno));
    if (!S_ISREG(status.st_mode)) return refuse(file, "is no regular file");
    if (const auto fault = fault_of(status, owner); !fault.empty()) return refuse(file, fault);
    if (status.st_size > max_size) return refuse(file, "is larger than 4 MiB");
    std::string content(static_cast<std::size_t>(status.st_size), '\0');
    const auto n = read(fd.get(), content.data(), content.size());
    if (n != status.st_size) return refuse(file, "could not be read whole");
    return content;
}

Outcome<std::vector<fs::path>> list_trusted(const fs::path& folder, const std::string& extension, Owner owner) {
    std::vector<fs::path> names;
    std::error_code ec;
    if (!fs::is_directory(folder, ec)) return names;
    if (auto ok = judge_folder(folder, owner); !ok) return ok.error();
    for (const auto& entry : fs::directory_iterator(folder, ec))
        if (entry.path().extension() == extension) names.push_back(entry.path());
    std::ranges::sort(names);
    return names;
}

Outcome<fs::path> trusted_library(const fs::path& file, Owner owner) {
    if (!file.is_absolute()) return refuse(file, "is no absolute path");
    std::error_code ec;
    const auto real = fs::canonical(file, ec);
    if (ec) return refuse(file, ec.message());
    struct stat status {};
    if (stat(real.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return refuse(real, "is no regular file");
    if (const auto fault = fault_of(status, owner); !fault.empty()) return refuse(real, fault);
    for (auto folder = real.parent_path(); folder != folder.root_path(); folder = folder.parent_path())
        if (auto ok = judge_folder(folder, owner); !ok) return ok.error();
    return real;
}

} // namespace jk::config
