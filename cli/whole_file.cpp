#include "cli/whole_file.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace jk::cli {
namespace {

constexpr std::size_t most_waiting = 64 << 10; ///< bytes

Error already_there(const std::filesystem::path& target) { return Error{Errc::output_exists, target.string()}.with("file", target.string()); }

} // namespace

Error WholeFile::unwritable(int error_number) const {
    const std::string reason = std::strerror(error_number);
    return Error{Errc::output_unwritable, m_target.string() + ": " + reason}.with("file", m_target.string()).with("reason", reason);
}

Outcome<std::unique_ptr<WholeFile>> WholeFile::create(const std::filesystem::path& target, bool replace) {
    struct stat there {};
    if (lstat(target.c_str(), &there) == 0 && !replace) return already_there(target);
    // Beside the target: a name can only be given within one file system.
    std::string fresh = (target.parent_path() / ("." + target.filename().string() + ".XXXXXX")).string();
    UniqueFd fd(mkostemp(fresh.data(), O_CLOEXEC));
    const int fault = errno;
    if (!fd) fresh.clear();
    std::unique_ptr<WholeFile> file(new WholeFile(target, fresh, std::move(fd), replace));
    if (!file->m_fd) return file->unwritable(fault);
    return file;
}

WholeFile::~WholeFile() {
    if (!m_fresh.empty()) unlink(m_fresh.c_str());
}

Outcome<void> WholeFile::write(std::string_view bytes) {
    m_waiting += bytes;
    return m_waiting.size() < most_waiting ? done() : flush();
}

Outcome<void> WholeFile::flush() {
    for (std::string_view left = m_waiting; !left.empty();) {
        const auto written = ::write(m_fd.get(), left.data(), left.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return unwritable(written < 0 ? errno : EIO);
        left.remove_prefix(static_cast<std::size_t>(written));
    }
    m_waiting.clear();
    return done();
}

Outcome<void> WholeFile::take_the_name() {
    if (m_replace) return rename(m_fresh.c_str(), m_target.c_str()) == 0 ? done() : unwritable(errno);
    if (renameat2(AT_FDCWD, m_fresh.c_str(), AT_FDCWD, m_target.c_str(), RENAME_NOREPLACE) == 0) return done();
    // Some file systems do not know that rename; a second name is as good, where there are such.
    if (errno == EINVAL && link(m_fresh.c_str(), m_target.c_str()) == 0) return unlink(m_fresh.c_str()), done();
    return errno == EEXIST ? already_there(m_target) : unwritable(errno);
}

Outcome<void> WholeFile::finish() {
    if (auto ok = flush(); !ok) return ok;
    if (fsync(m_fd.get()) != 0) return unwritable(errno);
    if (auto ok = take_the_name(); !ok) return ok;
    m_fresh.clear();
    return done();
}

} // namespace jk::cli
