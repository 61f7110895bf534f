#include "agent/documents/child/pdf_file.hpp"

#include "agent/documents/child/refusal.hpp"

#include <qpdf/QPDFExc.hh>
#include <qpdf/QPDFXRefEntry.hh>

#include <algorithm>
#include <charconv>
#include <set>

namespace jk::documents::child {
namespace {

constexpr std::size_t header_search = 1024;
constexpr std::size_t trailer_search = 4096;
constexpr std::size_t max_tree_depth = 64;
constexpr std::size_t max_fields = 100'000;
constexpr int longest_counted_list = 500;
constexpr int max_object_number = 8'000'000;

std::string_view view(const Bytes& bytes) { return text_of(bytes); }

std::uint64_t find_header(const DocumentBytes& bytes) {
    const auto start = bytes.read(0, header_search);
    const auto at = view(start).find("%PDF-");
    if (at == std::string_view::npos) refuse(Errc::document_not_pdf, "no %PDF- in its first 1024 bytes");
    return at;
}

PdfFile::LastSection find_last_section(const DocumentBytes& bytes, std::uint64_t end, std::uint64_t header_offset) {
    const auto from = end > trailer_search ? end - trailer_search : 0;
    const auto tail = bytes.read(from, static_cast<std::size_t>(end - from));
    const auto at = view(tail).rfind("startxref");
    if (at == std::string_view::npos) refuse(Errc::document_damaged, "no startxref at its end");
    auto rest = view(tail).substr(at + 9);
    rest.remove_prefix(std::min(rest.find_first_of("0123456789"), rest.size()));
    PdfFile::LastSection section;
    if (std::from_chars(rest.data(), rest.data() + rest.size(), section.offset).ec != std::errc())
        refuse(Errc::document_damaged, "startxref names no offset");
    const auto there = bytes.read(header_offset + section.offset, 64);
    const auto text = view(there);
    const auto first = std::min(text.find_first_not_of(std::string_view("\0\t\n\f\r ", 6)), text.size());
    section.is_table = text.substr(first).starts_with("xref");
    return section;
}

[[noreturn]] void translate(const QPDFExc& e) {
    switch (e.getErrorCode()) {
    case qpdf_e_password: refuse(Errc::document_needs_password, e.getMessageDetail());
    case qpdf_e_unsupported: refuse(Errc::document_not_examined, "uses something unsupported: " + e.getMessageDetail());
    default: refuse(Errc::document_damaged, e.getMessageDetail());
    }
}

/// Kids whose own Count says how many pages are below; a leaf counts one.
int count_of(QPDFObjectHandle node) {
    auto count = node.getKey("/Count");
    if (node.getKey("/Kids").isArray() && count.isInteger()) return std::clamp(count.getIntValueAsInt(), 0, max_object_number);
    return 1;
}

} // namespace

PdfFile PdfFile::open(std::shared_ptr<const DocumentBytes> bytes, std::uint64_t end) {
    PdfFile file;
    file.m_end = std::min(end, bytes->size());
    file.m_header_offset = find_header(*bytes);
    file.m_bytes = std::move(bytes);
    file.m_qpdf = std::make_unique<QPDF>();
    file.m_qpdf->setSuppressWarnings(true);
    file.m_qpdf->setAttemptRecovery(false);
    try {
        file.m_qpdf->processInputSource(std::make_shared<DocumentInput>(file.m_bytes, file.m_end), "");
        if (!file.root().isDictionary() || !file.root().getKey("/Pages").isDictionary()) refuse(Errc::document_damaged, "has no page tree");
    } catch (const QPDFExc& e) {
        translate(e);
    }
    file.m_last_section = find_last_section(*file.m_bytes, file.m_end, file.m_header_offset);
    return file;
}

int PdfFile::next_object_number() {
    int next = 1;
    if (auto size = trailer().getKey("/Size"); size.isInteger()) next = std::clamp(size.getIntValueAsInt(), 1, max_object_number);
    const auto table = m_qpdf->getXRefTable(); // a wrong /Size is common and harmless; a reused number would not be
    if (!table.empty()) next = std::max(next, table.rbegin()->first.getObj() + 1);
    if (next >= max_object_number) refuse(Errc::document_not_examined, "has too many objects");
    return next;
}

int PdfFile::page_count() { return count_of(root().getKey("/Pages")); }

QPDFObjectHandle PdfFile::page(int number) {
    const int count = page_count();
    int left = (number == -1 ? count : number) - 1;
    if (left < 0 || left >= count) refuse(Errc::appearance_refused, "page " + std::to_string(number) + " of " + std::to_string(count));
    auto node = root().getKey("/Pages");
    std::set<QPDFObjGen> seen;
    for (std::size_t depth = 0; depth < max_tree_depth; ++depth) {
        auto kids = node.getKey("/Kids");
        if (!kids.isArray()) return node;
        if (node.isIndirect() && !seen.insert(node.getObjGen()).second) refuse(Errc::document_damaged, "its page tree runs in a circle");
        const int kid_count = kids.getArrayNItems();
        // A long flat list: each kid is a page, and none has to be opened to find the one we want. Short ones are counted: they may be uneven.
        if (kid_count == count_of(node) && kid_count > longest_counted_list) {
            node = kids.getArrayItem(left);
            left = 0;
        } else {
            int i = 0;
            for (; i < kid_count; ++i) {
                const int below = count_of(kids.getArrayItem(i));
                if (left < below) break;
                left -= below;
            }
            if (i == kid_count) refuse(Errc::document_damaged, "its page tree has fewer pages than it says");
            node = kids.getArrayItem(i);
        }
        if (!node.isDictionary()) refuse(Errc::document_damaged, "its page tree holds something that is no page");
    }
    refuse(Errc::document_not_examined, "nests its pages too deep");
}

QPDFObjectHandle inherited(QPDFObjectHandle page, const std::string& key) {
    for (std::size_t depth = 0; depth < max_tree_depth && page.isDictionary(); ++depth) {
        auto value = page.getKey(key);
        if (!value.isNull()) return value;
        page = page.getKey("/Parent");
    }
    return QPDFObjectHandle::newNull();
}

namespace {

/// Walks the field tree. A node may be listed twice by a careless producer; one that contains itself is damage.
class FieldWalk {
public:
    std::vector<Field> walk(QPDFObjectHandle form) {
        list(form.getKey("/Fields"), "", "");
        return std::move(m_found);
    }

private:
    void list(QPDFObjectHandle nodes, const std::string& prefix, const std::string& type) {
        if (!nodes.isArray()) return;
        for (int i = 0; i < nodes.getArrayNItems(); ++i) visit(nodes.getArrayItem(i), prefix, type);
    }

    void visit(QPDFObjectHandle node, const std::string& prefix, std::string type) {
        if (!node.isDictionary()) return;
        const auto id = node.getObjGen();
        if (node.isIndirect()) {
            if (std::ranges::find(m_path, id) != m_path.end()) refuse(Errc::document_damaged, "its form fields run in a circle");
            if (!m_seen.insert(id).second) return;
        }
        if (m_path.size() > max_tree_depth || m_found.size() > max_fields)
            refuse(Errc::document_not_examined, "has too many or too deeply nested fields");
        auto partial = node.getKey("/T");
        const auto name = partial.isString() ? (prefix.empty() ? "" : prefix + ".") + partial.getUTF8Value() : prefix;
        if (node.getKey("/FT").isName()) type = node.getKey("/FT").getName();
        m_path.push_back(id);
        auto kids = node.getKey("/Kids");
        // Kids with names are fields; kids without are the widgets of this field.
        const bool has_fields =
            kids.isArray() && kids.getArrayNItems() > 0 && kids.getArrayItem(0).isDictionary() && kids.getArrayItem(0).hasKey("/T");
        if (has_fields)
            list(kids, name, type);
        else
            m_found.push_back({node, name, type == "/Sig"});
        m_path.pop_back();
    }

    std::vector<Field> m_found;
    std::set<QPDFObjGen> m_seen;
    std::vector<QPDFObjGen> m_path;
};

} // namespace

std::vector<Field> fields_of(PdfFile& file) {
    auto form = file.root().getKey("/AcroForm");
    if (!form.isDictionary()) return {};
    return FieldWalk().walk(form);
}

} // namespace jk::documents::child
