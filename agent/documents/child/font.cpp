#include "agent/documents/child/font.hpp"

#include "agent/documents/child/refusal.hpp"

#include <hb-ot.h>
#include <hb-subset.h>
#include <hb.h>

#include <cstdio>
#include <map>

namespace jk::documents::child {
namespace {

// Debian's fonts-liberation2 (SIL Open Font License).
constexpr const char* font_file = "/usr/share/fonts/truetype/liberation2/LiberationSans-Regular.ttf";

template <auto Destroy> struct Destroyer {
    template <class T> void operator()(T* p) const { Destroy(p); }
};
using BlobPtr = std::unique_ptr<hb_blob_t, Destroyer<hb_blob_destroy>>;
using FacePtr = std::unique_ptr<hb_face_t, Destroyer<hb_face_destroy>>;
using FontPtr = std::unique_ptr<hb_font_t, Destroyer<hb_font_destroy>>;

/// Code points; text here has been checked to be UTF-8.
std::vector<std::uint32_t> code_points(std::string_view utf8) {
    std::vector<std::uint32_t> all;
    for (std::size_t i = 0; i < utf8.size();) {
        const auto first = static_cast<std::uint8_t>(utf8[i]);
        const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
        std::uint32_t value = length == 1 ? first : first & (0xffu >> (length + 1));
        for (std::size_t k = 1; k < length && i + k < utf8.size(); ++k) value = value << 6 | (static_cast<std::uint8_t>(utf8[i + k]) & 0x3f);
        all.push_back(value);
        i += length;
    }
    return all;
}

std::string hex4(std::uint32_t value) {
    char text[8];
    std::snprintf(text, sizeof text, "%04X", value & 0xffff);
    return text;
}

std::string utf16_hex(std::uint32_t code) {
    if (code < 0x10000) return hex4(code);
    code -= 0x10000;
    return hex4(0xd800 + (code >> 10)) + hex4(0xdc00 + (code & 0x3ff));
}

std::string cmap(const std::map<std::uint32_t, std::uint32_t>& unicode_of_glyph) {
    std::string out =
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def "
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def 1 begincodespacerange <0000> <FFFF> endcodespacerange\n";
    int in_block = 0;
    std::string block;
    const auto flush = [&] {
        if (in_block > 0) out += std::to_string(in_block) + " beginbfchar\n" + block + "endbfchar\n";
        in_block = 0;
        block.clear();
    };
    for (const auto& [glyph, code] : unicode_of_glyph) {
        block += "<" + hex4(glyph) + "> <" + utf16_hex(code) + ">\n";
        if (++in_block == 100) flush();
    }
    flush();
    return out + "endcmap CMapName currentdict /CMap defineresource pop end end";
}

} // namespace

struct Font::Faces {
    BlobPtr blob;
    FacePtr face;
    FontPtr font;
    unsigned units_per_em = 1000;
    int thousandths(int units) const { return static_cast<int>(units * 1000.0 / units_per_em + (units < 0 ? -0.5 : 0.5)); }
};

Font::Font(std::unique_ptr<Faces> faces) : m_faces(std::move(faces)) {}
Font::~Font() = default;

std::unique_ptr<Font> Font::load() {
    auto faces = std::make_unique<Faces>();
    faces->blob.reset(hb_blob_create_from_file_or_fail(font_file));
    if (!faces->blob) return nullptr;
    faces->face.reset(hb_face_create(faces->blob.get(), 0));
    faces->font.reset(hb_font_create(faces->face.get()));
    faces->units_per_em = hb_face_get_upem(faces->face.get());
    return std::unique_ptr<Font>(new Font(std::move(faces)));
}

double Font::width(std::string_view utf8) const {
    double units = 0;
    for (const auto code : code_points(utf8)) {
        hb_codepoint_t glyph = 0;
        hb_font_get_nominal_glyph(m_faces->font.get(), code, &glyph); // a missing one is glyph 0, the box
        units += hb_font_get_glyph_h_advance(m_faces->font.get(), glyph);
    }
    return units / m_faces->units_per_em;
}

SubsetFont Font::subset(const std::vector<std::string>& lines) const {
    const std::unique_ptr<hb_subset_input_t, Destroyer<hb_subset_input_destroy>> input(hb_subset_input_create_or_fail());
    if (!input) refuse(Errc::document_not_examined, "ran out of memory");
    for (const auto& line : lines)
        for (const auto code : code_points(line)) hb_set_add(hb_subset_input_unicode_set(input.get()), code);
    hb_set_t* drop = hb_subset_input_set(input.get(), HB_SUBSET_SETS_DROP_TABLE_TAG);
    for (const auto tag :
         {HB_TAG('G', 'S', 'U', 'B'), HB_TAG('G', 'P', 'O', 'S'), HB_TAG('G', 'D', 'E', 'F'), HB_TAG('k', 'e', 'r', 'n'), HB_TAG('n', 'a', 'm', 'e')})
        hb_set_add(drop, tag);
    hb_subset_input_set_flags(input.get(), HB_SUBSET_FLAGS_NO_HINTING | HB_SUBSET_FLAGS_NOTDEF_OUTLINE);
    const FacePtr face(hb_subset_or_fail(m_faces->face.get(), input.get()));
    if (!face) refuse(Errc::document_not_examined, "could not embed the font");
    const BlobPtr blob(hb_face_reference_blob(face.get()));
    // The finished file gives the new glyph numbers through its own cmap.
    const FacePtr finished(hb_face_create(blob.get(), 0));
    const FontPtr font(hb_font_create(finished.get()));

    SubsetFont result;
    unsigned size = 0;
    const char* data = hb_blob_get_data(blob.get(), &size);
    result.program.assign(data, size);
    for (unsigned glyph = 0; glyph < hb_face_get_glyph_count(finished.get()); ++glyph)
        result.widths.push_back(m_faces->thousandths(hb_font_get_glyph_h_advance(font.get(), glyph)));
    std::map<std::uint32_t, std::uint32_t> unicode_of_glyph;
    for (const auto& line : lines) {
        std::string hex;
        for (const auto code : code_points(line)) {
            hb_codepoint_t glyph = 0;
            hb_font_get_nominal_glyph(font.get(), code, &glyph);
            hex += hex4(glyph);
            if (glyph != 0) unicode_of_glyph[glyph] = code;
        }
        result.lines.push_back(std::move(hex));
    }
    result.to_unicode = cmap(unicode_of_glyph);
    hb_font_extents_t extents{};
    hb_font_get_h_extents(m_faces->font.get(), &extents);
    result.ascent = m_faces->thousandths(extents.ascender);
    result.descent = m_faces->thousandths(extents.descender);
    // The subset's glyphs lie within the whole font's box, which is what head says.
    const BlobPtr head(hb_face_reference_table(m_faces->face.get(), HB_TAG('h', 'e', 'a', 'd')));
    const auto* bytes = reinterpret_cast<const unsigned char*>(hb_blob_get_data(head.get(), &size));
    for (int i = 0; i < 4 && size >= 44; ++i)
        result.bounding_box[i] = m_faces->thousandths(static_cast<std::int16_t>(bytes[36 + 2 * i] << 8 | bytes[37 + 2 * i]));
    return result;
}

} // namespace jk::documents::child
