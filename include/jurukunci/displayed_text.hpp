// Text from outside as it may be shown to a person or written to a log: nothing in it can move the cursor, reverse the line or forge another.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace jk {

/// UTF-8 with control, right-to-left, invisible and heaped combining characters shown as \u{202E}; bad bytes as \x{FF}; cut at `limit`
/// characters with "…". Letters of other scripts that look like Latin ones are not told apart here: the origin stands beside every name.
std::string displayed(std::string_view text, std::size_t limit = 200);

/// Well-formed UTF-8 without overlong forms, surrogates or NUL.
bool is_utf8(std::string_view text);

} // namespace jk
