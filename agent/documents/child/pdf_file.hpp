// PdfFile: one revision of a PDF, opened strictly: a cross-reference that has to be guessed is a refusal, not a repair.
#pragma once
#include "agent/documents/child/document_input.hpp"

#include <qpdf/QPDF.hh>
#include <qpdf/QPDFObjectHandle.hh>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jk::documents::child {

class PdfFile {
public:
    /// Throws Refusal: not a PDF, damaged, needs a password.
    static PdfFile open(std::shared_ptr<const DocumentBytes> bytes, std::uint64_t end);

    QPDF& qpdf() { return *m_qpdf; }
    QPDFObjectHandle root() { return m_qpdf->getRoot(); }
    QPDFObjectHandle trailer() { return m_qpdf->getTrailer(); }
    const DocumentBytes& bytes() const { return *m_bytes; }
    std::uint64_t end() const { return m_end; }

    /// Junk before %PDF-; offsets inside the file count from there.
    std::uint64_t header_offset() const { return m_header_offset; }
    struct LastSection {
        std::uint64_t offset = 0; ///< as startxref says it
        bool is_table = false;    ///< "xref" rather than a cross-reference stream; a hybrid file counts as table
    };
    const LastSection& last_section() const { return m_last_section; }
    int next_object_number();

    int page_count();
    /// From 1; -1 is the last. Finds it without walking all pages. Throws Refusal for a page that is not there.
    QPDFObjectHandle page(int number);
    /// Title of the document, UTF-8: from /Info, else from XMP; may be empty.
    std::string title();

private:
    std::shared_ptr<const DocumentBytes> m_bytes;
    std::uint64_t m_end = 0, m_header_offset = 0;
    std::unique_ptr<QPDF> m_qpdf;
    LastSection m_last_section;
};

/// An attribute of a page that it may inherit (ISO 32000-1 7.7.3.4).
QPDFObjectHandle inherited(QPDFObjectHandle page, const std::string& key);

/// A field of the form: its dictionary and its full name.
struct Field {
    QPDFObjectHandle dictionary;
    std::string name;
    bool is_signature = false;
};
/// All terminal fields. Cycles, depth and number are limited.
std::vector<Field> fields_of(PdfFile& file);

} // namespace jk::documents::child
