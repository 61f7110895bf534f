// JSON from outside: bounded depth, no duplicate keys, UTF-8 only, one value and nothing behind it.
#pragma once
#include "jurukunci/outcome.hpp"

#include <boost/json/value.hpp>

#include <string_view>

namespace jk::ipc {

namespace json = boost::json;

inline constexpr std::size_t max_json_depth = 16;

Outcome<json::value> parse_json(std::string_view text);

} // namespace jk::ipc
