// The font of visible signatures: Liberation Sans, embedded as a subset in every signature. One way for all documents: PDF/A demands
// embedding, names beyond Latin-1 need it, and text looks the same everywhere.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace jk::documents::child {

struct SubsetFont {
    std::string program;            ///< TrueType with only the glyphs that are used
    std::vector<std::string> lines; ///< each line as glyph numbers, hexadecimal, for Identity-H
    std::vector<int> widths;        ///< of glyphs 0…n-1, in thousandths of the size
    std::string to_unicode;         ///< CMap, so that the text can be searched and read aloud
    int ascent = 0, descent = 0;    ///< thousandths
    int bounding_box[4] = {0, 0, 0, 0};
};

class Font {
public:
    /// Reads the font file. The document program does this once, before it sees any document.
    static std::unique_ptr<Font> load();
    ~Font();
    /// Width of UTF-8 text at size 1.
    double width(std::string_view utf8) const;
    SubsetFont subset(const std::vector<std::string>& lines) const;

private:
    struct Faces;
    explicit Font(std::unique_ptr<Faces> faces);
    std::unique_ptr<Faces> m_faces;
};

} // namespace jk::documents::child
