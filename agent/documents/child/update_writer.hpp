// UpdateWriter: an incremental update (ISO 32000-1 7.5.6): objects, then a cross-reference section of the kind the last one had.
#pragma once
#include "agent/documents/child/object_text.hpp"
#include "agent/documents/child/pdf_file.hpp"
#include "agent/documents/messages.hpp"

#include <map>
#include <string>

namespace jk::documents::child {

class UpdateWriter {
public:
    explicit UpdateWriter(PdfFile& file);

    /// A number for a new object.
    int allocate() { return m_next++; }
    Place place(int object, int generation = 0) const { return {m_cipher.get(), object, generation}; }
    Place place(const QPDFObjGen& object) const { return place(object.getObj(), object.getGen()); }

    void add(int object, const std::string& text, int generation = 0);
    /// An object of the document, changed.
    void replace(QPDFObjectHandle object);
    void add_stream(int object, const std::string& dictionary_entries, const std::string& data);
    /// The signature dictionary: `entries` without ByteRange and Contents, which are written here with a gap.
    void add_signature(int object, const std::string& entries, std::uint32_t cms_room);

    /// Cross-reference, trailer, ByteRange. Nothing can be added afterwards.
    Update finish();

private:
    std::uint64_t offset() const; ///< where the next byte will stand, counted as offsets in this file are
    void begin(int object, int generation);
    std::string trailer_entries() const;
    void write_table();
    void write_stream();

    PdfFile& m_file;
    std::unique_ptr<StringCipher> m_cipher;
    int m_next;
    std::string m_bytes; ///< without the gap
    std::size_t m_gap_at = 0, m_byte_range_at = 0;
    std::uint32_t m_cms_room = 0;
    struct Entry {
        std::uint64_t offset;
        int generation;
    };
    std::map<int, Entry> m_entries;
};

} // namespace jk::documents::child
