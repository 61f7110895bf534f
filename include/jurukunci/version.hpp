// The version of this build and the level of its HTTP contract.
#pragma once
#include <string_view>

namespace jk {
std::string_view version();
inline constexpr int api_level = 1;
} // namespace jk
