#include "agent/documents/spool.hpp"

#include "agent/store/state_folder.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace jk::documents {
namespace {

constexpr std::uint64_t page = 4096;

Error full(const char* what) {
    const std::string reason = std::string(what) + ": " + std::strerror(errno);
    return Error{Errc::storage_full, reason}.with("reason", reason);
}

} // namespace

Piece::~Piece() {
    m_account->bytes -= m_size;
    --m_account->pieces;
    if (m_shared_file)
        fallocate(m_file->get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(m_offset),
                  static_cast<off_t>((m_size + page - 1) / page * page));
}

Outcome<void> Piece::write(std::uint64_t at, ByteView bytes) {
    if (at + bytes.size() > m_size)
        return Error{Errc::too_large, "more bytes than announced"}.with("what", "body").with("limit", std::to_string(m_size));
    while (!bytes.empty()) {
        const auto n = pwrite(m_file->get(), bytes.data(), bytes.size(), static_cast<off_t>(m_offset + at));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return full("write");
        at += static_cast<std::uint64_t>(n);
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return done();
}

Outcome<std::size_t> Piece::read(std::uint64_t at, std::uint8_t* to, std::size_t count) const {
    if (at >= m_size) return std::size_t(0);
    const auto n = pread(m_file->get(), to, std::min<std::uint64_t>(count, m_size - at), static_cast<off_t>(m_offset + at));
    if (n < 0) return full("read");
    return static_cast<std::size_t>(n);
}

Outcome<UniqueFd> Piece::export_read_only() const {
    if (!m_shared_file) {
        UniqueFd fd(open(("/proc/self/fd/" + std::to_string(m_file->get())).c_str(), O_RDONLY | O_CLOEXEC));
        if (!fd) return full("open");
        return fd;
    }
    // The shared file holds other documents too: hand out a sealed copy of this one alone.
    UniqueFd copy(memfd_create("jurukunci-document", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!copy) return full("memfd");
    Bytes buffer(64u << 10);
    for (std::uint64_t at = 0; at < m_size;) {
        const auto n = read(at, buffer.data(), buffer.size());
        if (!n) return n.error();
        if (*n == 0 || ::write(copy.get(), buffer.data(), *n) != static_cast<ssize_t>(*n)) return full("copy");
        at += *n;
    }
    fcntl(copy.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    return copy;
}

Outcome<PieceRef> Spool::make(AccountRef account, std::uint64_t size) {
    const bool shared = size < own_file_from;
    // When nobody holds a piece of the shared file any more, it starts anew.
    if (shared && m_shared && m_shared.use_count() == 1) {
        m_shared.reset();
        m_end = 0;
    }
    std::shared_ptr<UniqueFd> file = shared ? m_shared : nullptr;
    if (!file) {
        auto fd = store::nameless_file(m_folder);
        if (!fd) return std::move(fd).error();
        file = std::make_shared<UniqueFd>(std::move(*fd));
        if (shared) m_shared = file;
    }
    const std::uint64_t offset = shared ? m_end : 0;
    if (shared) m_end += (size + page - 1) / page * page; // whole pages, so that holes give space back
    return PieceRef(new Piece(std::move(account), std::move(file), offset, size, shared));
}

} // namespace jk::documents
