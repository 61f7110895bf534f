// Hexadecimal and base64, strict: what does not decode to exactly one byte string is refused.
#pragma once
#include "jurukunci/bytes.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace jk {

std::string to_hex(ByteView bytes);
std::string to_base64(ByteView bytes);
/// Without padding and with - and _, for identifiers in paths.
std::string to_base64url(ByteView bytes);
/// Standard alphabet with padding, no white space, no stray bits.
std::optional<Bytes> from_base64(std::string_view text);
/// The form of to_base64url only.
std::optional<Bytes> from_base64url(std::string_view text);
std::optional<Bytes> from_hex(std::string_view text);

/// `count` bytes of the system's randomness as base64url.
std::string random_id(std::size_t count);

} // namespace jk
