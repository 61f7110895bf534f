#include "agent/config/trusted_file.hpp"

#include "jurukunci/config_fault.hpp"
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

struct Words {
    std::string indonesian, english;
    bool none() const { return english.empty(); }
};

Words fault_of(const struct stat& status, Owner owner) {
    const bool owned = status.st_uid == 0 || (owner == Owner::root_or_self && status.st_uid == geteuid());
    if (!owned) return {"milik pengguna lain (uid " + std::to_string(status.st_uid) + ")", "belongs to uid " + std::to_string(status.st_uid)};
    // A sticky folder such as /tmp may be writable: names in it can only be changed by their owners.
    const bool sticky_folder = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
    if ((status.st_mode & 022) != 0 && !sticky_folder) return {"dapat ditulis oleh pengguna lain", "is writable by others"};
    return {};
}

Outcome<void> judge_folder(const fs::path& folder, Owner owner) {
    struct stat status {};
    if (stat(folder.c_str(), &status) != 0) return file_fault(folder, errno);
    if (const auto fault = fault_of(status, owner); !fault.none()) return file_fault(folder, fault.indonesian, fault.english);
    return done();
}

Error untrusted(const fs::path& library, const Words& fault) {
    return Error{Errc::module_untrusted, fault.english}
        .with("module", library.string())
        .with("alasan", fault.indonesian)
        .with("reason", fault.english);
}

Error unusable(const fs::path& library, const Words& fault) {
    return Error{Errc::module_unusable, fault.english}
        .with("module", library.string())
        .with("alasan", fault.indonesian)
        .with("reason", fault.english);
}

} // namespace

Outcome<std::string> read_trusted(const fs::path& file, Owner owner) {
    if (auto ok = judge_folder(file.parent_path(), owner); !ok) return ok.error();
    const UniqueFd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status {};
    if (!fd || fstat(fd.get(), &status) != 0) return file_fault(file, errno);
    if (!S_ISREG(status.st_mode)) return file_fault(file, "bukan berkas biasa", "is no regular file");
    if (const auto fault = fault_of(status, owner); !fault.none()) return file_fault(file, fault.indonesian, fault.english);
    if (status.st_size > max_size) return file_fault(file, "lebih besar dari 4 MiB", "is larger than 4 MiB");
    std::string content(static_cast<std::size_t>(status.st_size), '\0');
    const auto n = read(fd.get(), content.data(), content.size());
    if (n != status.st_size) return file_fault(file, "tidak terbaca seluruhnya", "could not be read whole");
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
    if (!file.is_absolute()) return unusable(file, {"letaknya tidak ditulis lengkap dari /", "is no absolute path"});
    std::error_code ec;
    const auto real = fs::canonical(file, ec);
    if (ec == std::errc::no_such_file_or_directory) return Error{Errc::module_missing, ec.message()}.with("module", file.string());
    if (ec) return unusable(file, {alasan_of(ec.value()), ec.message()});
    struct stat status {};
    if (stat(real.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return unusable(real, {"bukan berkas biasa", "is no regular file"});
    if (const auto fault = fault_of(status, owner); !fault.none()) return untrusted(real, fault);
    // Who may change a folder on the way can exchange the library.
    for (auto folder = real.parent_path(); folder != folder.root_path(); folder = folder.parent_path()) {
        if (stat(folder.c_str(), &status) != 0) return unusable(real, {alasan_of(errno), std::strerror(errno)});
        if (const auto fault = fault_of(status, owner); !fault.none())
            return untrusted(real, {"folder " + folder.string() + " " + fault.indonesian, "its folder " + folder.string() + " " + fault.english});
    }
    return real;
}

} // namespace jk::config
