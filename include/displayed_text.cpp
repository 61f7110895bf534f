#include "jurukunci/displayed_text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>

namespace jk {
namespace {

/// The code point at the front of `text` and its length, or length 0 for bytes that are not UTF-8.
struct CodePoint {
    std::uint32_t value = 0;
    std::size_t length = 0;
};

CodePoint front(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t first = byte(0);
    if (first < 0x80) return {first, 1};
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) return {};
    std::uint32_t value = first & (0xffu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return {};
        value = value << 6 | (byte(i) & 0x3f);
    }
    const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    if (overlong || (value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) return {};
    return {value, length};
}

/// What nobody sees, or what moves other text: controls, separators, bidirectional marks and overrides, zero-width and filler characters,
/// variation selectors, the byte order mark, tags, and spaces that are none (U+2800 is a Braille cell without dots).
bool hides_or_moves(std::uint32_t c) {
    struct Range {
        std::uint32_t first, last;
    };
    static constexpr Range ranges[] = {{0, 0x1f},        {0x7f, 0x9f},     {0xad, 0xad},     {0x34f, 0x34f},   {0x61c, 0x61c},   {0x115f, 0x1160},
                                       {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0x2800, 0x2800},
                                       {0x3164, 0x3164}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0xe0000, 0xe0fff}};
    return std::ranges::any_of(ranges, [c](const Range& r) { return c >= r.first && c <= r.last; });
}

/// Marks that are drawn upon the letter before them; a heap of them covers other lines.
bool combines(std::uint32_t c) {
    return (c >= 0x300 && c <= 0x36f) || (c >= 0x483 && c <= 0x489) || (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x1dc0 && c <= 0x1dff) ||
           (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xfe20 && c <= 0xfe2f);
}

/// Hebrew, Arabic and their neighbours: a browser or terminal may turn the digits and the ending of a name beside them around.
bool runs_backwards(std::uint32_t c) {
    return (c >= 0x590 && c <= 0x8ff) || (c >= 0xfb1d && c <= 0xfdff) || (c >= 0xfe70 && c <= 0xfefc) || (c >= 0x10800 && c <= 0x10fff) ||
           (c >= 0x1e800 && c <= 0x1efff);
}

} // namespace

std::string displayed(std::string_view text, std::size_t limit) {
    std::string out;
    int marks = 0;
    for (std::size_t shown = 0; !text.empty(); ++shown) {
        if (shown == limit) return out + "…";
        const auto c = front(text);
        char escape[16];
        if (c.length == 0) {
            std::snprintf(escape, sizeof escape, "\\x{%02X}", static_cast<std::uint8_t>(text[0]));
            out += escape;
            text.remove_prefix(1);
            continue;
        }
        marks = combines(c.value) ? marks + 1 : 0;
        if (hides_or_moves(c.value) || runs_backwards(c.value) || marks > 2) {
            std::snprintf(escape, sizeof escape, "\\u{%X}", c.value);
            out += escape;
        } else {
            out += text.substr(0, c.length);
        }
        text.remove_prefix(c.length);
    }
    return out;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto c = front(text);
        if (c.length == 0 || c.value == 0) return false;
        text.remove_prefix(c.length);
    }
    return true;
}

} // namespace jk
