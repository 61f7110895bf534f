// Text from outside on its way to a person or a log.
#include "jurukunci/displayed_text.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <array>

using namespace jk;

namespace {

/// In UTF-8, so that the target does not decode with the code it checks.
constexpr std::array<std::string_view, 20> movers{"\u061c", "\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202b",
                                                  "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\ufeff", "\u00ad", "\u0085"};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = text_of({data, size});
    const bool utf8 = is_utf8(text);
    const auto shown = displayed(text, 40);
    fuzz::require(is_utf8(shown), "what is shown is UTF-8");
    fuzz::require(std::ranges::none_of(shown, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }),
                  "no control character is shown");
    for (const auto mover : movers) fuzz::require(shown.find(mover) == std::string::npos, "nothing shown hides or moves text");
    fuzz::require(shown.size() <= 40 * std::string_view("\\u{10FFFF}").size() + std::string_view("…").size(), "what is shown is bounded");
    fuzz::require(displayed(shown, 10'000) == shown, "showing twice changes nothing");
    if (utf8) fuzz::require(shown.find("\\x{") == std::string::npos || text.find("\\x{") != std::string::npos, "UTF-8 has no bad bytes");
    return 0;
}
