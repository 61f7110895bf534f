#include "jurukunci/displayed_text.hpp"

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

/// Controls, line separators, bidirectional overrides and marks, zero-width characters, the byte order mark, tags.
bool hides_or_moves(std::uint32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x180e || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff0 && c <= 0xfffb) ||
           (c >= 0xe0000 && c <= 0xe0fff);
}

} // namespace

std::string displayed(std::string_view text, std::size_t limit) {
    std::string out;
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
        if (hides_or_moves(c.value)) {
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
