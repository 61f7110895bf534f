// Where things stand in a JSON text, so that an entry can be put in or taken out and every other byte of somebody else's file stays. Pure; any
// thread.
#pragma once
#include "jurukunci/outcome.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jk::browser_policy {

inline constexpr std::size_t max_policy_bytes = 1 << 20;

/// One element of an array, or one member of an object with its key.
struct OutlinedItem {
    std::string key;       ///< decoded; empty in arrays
    std::size_t begin = 0; ///< of the key, or of the element
    std::size_t value = 0; ///< of the value
    std::size_t end = 0;   ///< behind the value
};

struct Outline {
    char bracket = 0; ///< `{` or `[`, or 0 where the value is neither
    std::size_t begin = 0, end = 0;
    std::vector<OutlinedItem> items;
};

/// Nothing if `text` is one JSON value as RFC 8259 has it, at most 32 deep; otherwise the fault with its line and column.
std::optional<std::string> fault_of_json(std::string_view text);
/// "line 3, column 7".
std::string place_in(std::string_view text, std::size_t offset);

/// The container that begins at `at`. The text has passed fault_of_json.
Outline outline_of(std::string_view text, std::size_t at);
/// The first value of a text that has passed fault_of_json.
std::size_t first_value(std::string_view text);

/// `items` behind what `container` holds, laid out as its last item is.
std::string with_items(std::string_view text, const Outline& container, const std::vector<std::string>& items);
/// Without the items for which `leaving` says true; what separates the others stays as it was.
std::string without_items(std::string_view text, const Outline& container, const std::vector<bool>& leaving);

/// `text` as a JSON string.
std::string quoted(std::string_view text);
/// What the JSON string at `item` says; nothing if it is no string.
std::optional<std::string> string_at(std::string_view text, const OutlinedItem& item);

} // namespace jk::browser_policy
