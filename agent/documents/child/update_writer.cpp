#include "agent/documents/child/update_writer.hpp"

#include "agent/documents/child/refusal.hpp"
#include "jurukunci/digest.hpp"
#include "jurukunci/encoding.hpp"

#include <cstdio>

namespace jk::documents::child {
namespace {

constexpr std::size_t byte_range_width = 48; ///< "[0 " and three numbers of up to ten digits, padded: its length must not depend on the numbers

std::size_t gap_size(std::uint32_t cms_room) { return 2 + 2 * std::size_t(cms_room); }

std::string big_endian(std::uint64_t value, int bytes) {
    std::string out;
    for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
    return out;
}

} // namespace

UpdateWriter::UpdateWriter(PdfFile& file)
    : m_file(file), m_cipher(StringCipher::for_document(file.qpdf())), m_next(file.next_object_number()), m_bytes("\n") {}

std::uint64_t UpdateWriter::offset() const {
    const std::size_t gap = m_gap_at > 0 ? gap_size(m_cms_room) : 0;
    return m_file.end() + m_bytes.size() + gap - m_file.header_offset();
}

void UpdateWriter::begin(int object, int generation) {
    m_entries[object] = {offset(), generation};
    m_bytes += std::to_string(object) + " " + std::to_string(generation) + " obj\n";
}

void UpdateWriter::add(int object, const std::string& text, int generation) {
    begin(object, generation);
    m_bytes += text + "\nendobj\n";
}

void UpdateWriter::replace(QPDFObjectHandle object) {
    const auto id = object.getObjGen();
    add(id.getObj(), object_text(object, place(id)), id.getGen());
}

void UpdateWriter::add_stream(int object, const std::string& dictionary_entries, const std::string& data) {
    const auto written = m_cipher ? m_cipher->encrypt_stream(data, object, 0) : data;
    begin(object, 0);
    m_bytes += "<< " + dictionary_entries + " /Length " + std::to_string(written.size()) + " >>\nstream\n" + written + "\nendstream\nendobj\n";
}

void UpdateWriter::add_signature(int object, const std::string& entries, std::uint32_t cms_room) {
    begin(object, 0);
    m_bytes += "<< " + entries + " /ByteRange ";
    m_byte_range_at = m_bytes.size();
    m_bytes += std::string(byte_range_width, ' ') + " /Contents ";
    m_gap_at = m_bytes.size();
    m_cms_room = cms_room;
    m_bytes += " >>\nendobj\n";
}

std::string UpdateWriter::trailer_entries() const {
    auto trailer = m_file.trailer();
    std::string entries = "/Size " + std::to_string(m_next) + " /Prev " + std::to_string(m_file.last_section().offset);
    for (const char* key : {"/Root", "/Info", "/Encrypt"}) {
        auto value = trailer.getKey(key);
        if (value.isNull()) continue;
        // A direct /Encrypt is legal; its strings are never encrypted.
        entries += std::string(" ") + key + " " + (value.isIndirect() ? reference_text(value.getObjGen()) : object_text(value, {}));
    }
    auto id = trailer.getKey("/ID");
    if (id.isArray() && id.getArrayNItems() == 2 && id.getArrayItem(0).isString()) {
        // The first half must stay, keys hang on it; the second names this revision (ISO 32000-1 14.4). Made from the update itself, not from chance:
        // the life that checks must come to the same bytes.
        const auto& before = id.getArrayItem(1).isString() ? id.getArrayItem(1).getStringValue() : std::string();
        const auto revision = sha256(bytes_of(before + m_bytes));
        entries += " /ID [" + string_text(id.getArrayItem(0).getStringValue(), {}) + " " +
                   string_text(std::string(text_of(revision.value().first(16))), {}) + "]";
    }
    return entries;
}

void UpdateWriter::write_table() {
    const auto at = offset();
    m_bytes += "xref\n";
    for (auto run = m_entries.begin(); run != m_entries.end();) {
        auto last = run;
        int count = 1;
        for (auto next = std::next(last); next != m_entries.end() && next->first == last->first + 1; ++next, ++count) last = next;
        m_bytes += std::to_string(run->first) + " " + std::to_string(count) + "\n";
        for (; count > 0; --count, ++run) {
            char line[32];
            std::snprintf(line, sizeof line, "%010llu %05d n \n", static_cast<unsigned long long>(run->second.offset), run->second.generation);
            m_bytes += line;
        }
    }
    m_bytes += "trailer\n<< " + trailer_entries() + " >>\nstartxref\n" + std::to_string(at) + "\n%%EOF\n";
}

void UpdateWriter::write_stream() {
    const int self = allocate();
    const auto at = offset();
    m_entries[self] = {at, 0};
    std::string index, data;
    for (const auto& [object, entry] : m_entries) {
        index += std::to_string(object) + " 1 ";
        data += '\1' + big_endian(entry.offset, 8) + big_endian(static_cast<std::uint64_t>(entry.generation), 2);
    }
    // Never encrypted (7.5.8.2), so it does not go through add_stream().
    m_bytes += std::to_string(self) + " 0 obj\n<< /Type /XRef /W [1 8 2] /Index [" + index + "] " + trailer_entries() + " /Length " +
               std::to_string(data.size()) + " >>\nstream\n" + data + "\nendstream\nendobj\nstartxref\n" + std::to_string(at) + "\n%%EOF\n";
}

Update UpdateWriter::finish() {
    m_file.last_section().is_table ? write_table() : write_stream();
    const auto gap_start = m_file.end() + m_gap_at;
    const auto gap_end = gap_start + gap_size(m_cms_room);
    const auto total = m_file.end() + m_bytes.size() + gap_size(m_cms_room);
    char range[64];
    const int used = std::snprintf(range, sizeof range, "[0 %llu %llu %llu]", static_cast<unsigned long long>(gap_start),
                                   static_cast<unsigned long long>(gap_end), static_cast<unsigned long long>(total - gap_end));
    if (used < 0 || static_cast<std::size_t>(used) > byte_range_width) refuse(Errc::document_not_examined, "is too large");
    m_bytes.replace(m_byte_range_at, static_cast<std::size_t>(used), range);

    Update update;
    update.before.assign(m_bytes.begin(), m_bytes.begin() + static_cast<std::ptrdiff_t>(m_gap_at));
    update.after.assign(m_bytes.begin() + static_cast<std::ptrdiff_t>(m_gap_at), m_bytes.end());
    update.cms_room = m_cms_room;
    return update;
}

} // namespace jk::documents::child
