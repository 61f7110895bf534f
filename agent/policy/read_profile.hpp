// From profile.yaml to Profile. Strict: an unknown key is an error, because a misspelt limit would otherwise be no limit.
#pragma once
#include "agent/policy/profile.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace jk::policy {

/// Gives the content of a file that the profile names, relative to it; the caller has checked its owner and mode.
using FileReader = std::function<Outcome<std::string>(const std::string& name)>;

Outcome<Profile> read_profile(std::string_view yaml, const FileReader& read_file);

} // namespace jk::policy
