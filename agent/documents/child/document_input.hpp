// DocumentInput: the document's descriptor, and what was appended since, as one file for libqpdf. Reads with pread in windows, so that
// memory stays flat at 200 MB.
#pragma once
#include "jurukunci/bytes.hpp"

#include <qpdf/InputSource.hh>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jk::documents::child {

/// The bytes of the file: `fd` up to `base_size`, then pieces. Shared by inputs that see different ends of it.
class DocumentBytes {
public:
    /// Takes the descriptor's size as it is now.
    static std::shared_ptr<DocumentBytes> over(int fd);
    void append(Bytes piece);

    std::uint64_t base_size() const { return m_base_size; }
    std::uint64_t size() const { return m_size; }
    /// Bytes read; fewer than asked only at the end.
    std::size_t read(std::uint64_t offset, std::uint8_t* to, std::size_t count) const;
    Bytes read(std::uint64_t offset, std::size_t count) const;

private:
    int m_fd = -1;
    std::uint64_t m_base_size = 0, m_size = 0;
    Bytes m_tail;
};

class DocumentInput final : public InputSource {
public:
    /// Sees only the first `end` bytes: one revision of the document.
    DocumentInput(std::shared_ptr<const DocumentBytes> bytes, std::uint64_t end);

    qpdf_offset_t findAndSkipNextEOL() override;
    std::string const& getName() const override { return m_name; }
    qpdf_offset_t tell() override { return m_position; }
    void seek(qpdf_offset_t offset, int whence) override;
    void rewind() override { m_position = 0; }
    size_t read(char* buffer, size_t length) override;
    void unreadCh(char) override { --m_position; }

private:
    bool fill(std::uint64_t offset);

    std::shared_ptr<const DocumentBytes> m_bytes;
    std::uint64_t m_end;
    std::string m_name = "dokumen";
    qpdf_offset_t m_position = 0;
    Bytes m_window; ///< libqpdf reads byte by byte
    std::uint64_t m_window_at = 0;
};

} // namespace jk::documents::child
