#include "agent/documents/child/document_input.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace jk::documents::child {
namespace {

constexpr std::size_t window_size = 32u << 10;
constexpr std::uint64_t read_whole = 256u << 10; ///< a letter fits into one window, whatever order it is read in

} // namespace

std::shared_ptr<DocumentBytes> DocumentBytes::over(int fd) {
    struct stat status {};
    if (fstat(fd, &status) != 0) throw std::runtime_error("the document cannot be read");
    auto bytes = std::make_shared<DocumentBytes>();
    bytes->m_fd = fd;
    bytes->m_base_size = bytes->m_size = static_cast<std::uint64_t>(status.st_size);
    return bytes;
}

void DocumentBytes::append(Bytes piece) {
    m_tail.insert(m_tail.end(), piece.begin(), piece.end());
    m_size = m_base_size + m_tail.size();
}

std::size_t DocumentBytes::read(std::uint64_t offset, std::uint8_t* to, std::size_t count) const {
    std::size_t got = 0;
    while (got < count && offset + got < m_base_size) {
        const auto want = std::min<std::uint64_t>(count - got, m_base_size - offset - got);
        const auto n = pread(m_fd, to + got, want, static_cast<off_t>(offset + got));
        if (n <= 0) throw std::runtime_error("the document became shorter while it was read");
        got += static_cast<std::size_t>(n);
    }
    if (got < count && offset + got >= m_base_size && offset + got < m_size) {
        const auto at = static_cast<std::size_t>(offset + got - m_base_size);
        const auto n = std::min(count - got, m_tail.size() - at);
        std::memcpy(to + got, m_tail.data() + at, n);
        got += n;
    }
    return got;
}

Bytes DocumentBytes::read(std::uint64_t offset, std::size_t count) const {
    Bytes bytes(offset < m_size ? std::min<std::uint64_t>(count, m_size - offset) : 0);
    bytes.resize(read(offset, bytes.data(), bytes.size()));
    return bytes;
}

DocumentInput::DocumentInput(std::shared_ptr<const DocumentBytes> bytes, std::uint64_t end)
    : m_bytes(std::move(bytes)), m_end(std::min(end, m_bytes->size())) {}

bool DocumentInput::fill(std::uint64_t offset) {
    if (offset >= m_end) return false;
    if (offset >= m_window_at && offset < m_window_at + m_window.size()) return true;
    // A little before the wanted byte too: parsers step back.
    const bool whole = m_end <= read_whole;
    m_window_at = offset > 256 && !whole ? offset - 256 : 0;
    m_window.resize(std::min<std::uint64_t>(whole ? m_end : window_size, m_end - m_window_at));
    m_window.resize(m_bytes->read(m_window_at, m_window.data(), m_window.size()));
    return offset < m_window_at + m_window.size();
}

void DocumentInput::seek(qpdf_offset_t offset, int whence) {
    const auto base = whence == SEEK_SET ? 0 : whence == SEEK_END ? static_cast<qpdf_offset_t>(m_end) : m_position;
    if (base + offset < 0) throw std::runtime_error("seek before the start of the document");
    m_position = base + offset;
}

size_t DocumentInput::read(char* to, size_t length) {
    last_offset = m_position;
    size_t got = 0;
    while (got < length && fill(static_cast<std::uint64_t>(m_position))) {
        const auto at = static_cast<std::size_t>(static_cast<std::uint64_t>(m_position) - m_window_at);
        const auto n = std::min(length - got, m_window.size() - at);
        std::memcpy(to + got, m_window.data() + at, n);
        got += n;
        m_position += static_cast<qpdf_offset_t>(n);
    }
    return got;
}

qpdf_offset_t DocumentInput::findAndSkipNextEOL() {
    const auto is_eol = [](std::uint8_t c) { return c == '\r' || c == '\n'; };
    const auto byte = [&](qpdf_offset_t at) { return m_window[static_cast<std::size_t>(static_cast<std::uint64_t>(at) - m_window_at)]; };
    while (fill(static_cast<std::uint64_t>(m_position)) && !is_eol(byte(m_position))) ++m_position;
    const auto eol = m_position;
    while (fill(static_cast<std::uint64_t>(m_position)) && is_eol(byte(m_position))) ++m_position;
    return eol;
}

} // namespace jk::documents::child
