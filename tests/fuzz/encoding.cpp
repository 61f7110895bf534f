// Hexadecimal and base64, both ways.
#include "jurukunci/encoding.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <cctype>

using namespace jk;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    const auto text = text_of(bytes);
    const Bytes copy(data, data + size);
    if (const auto decoded = from_base64(text)) fuzz::require(to_base64(*decoded) == text, "base64 has one spelling");
    if (const auto decoded = from_hex(text)) {
        std::string lower(text);
        std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        fuzz::require(to_hex(*decoded) == lower, "hexadecimal has one spelling, but for case");
    }
    fuzz::require(from_base64(to_base64(bytes)) == copy, "base64 there and back");
    fuzz::require(from_hex(to_hex(bytes)) == copy, "hexadecimal there and back");
    fuzz::require(to_base64url(bytes).find_first_of("+/=") == std::string::npos, "base64url fits into a path");
    return 0;
}
