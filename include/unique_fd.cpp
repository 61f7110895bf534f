#include "jurukunci/unique_fd.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace jk {

void UniqueFd::reset(int fd) noexcept {
    if (m_fd >= 0) ::close(m_fd);
    m_fd = fd;
}

UniqueFd UniqueFd::duplicate() const { return UniqueFd(::fcntl(m_fd, F_DUPFD_CLOEXEC, 3)); }

} // namespace jk
