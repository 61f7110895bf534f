// Narrowing: what a user's own file may do to the machine's profile. Only less: its form has no word for more.
#pragma once
#include "agent/policy/profile.hpp"

#include <string_view>

namespace jk::policy {

/// `without_applications: [origin …]`, `items_per_consent: N`, and `false` for `terminal_prompter`, `raw_hashes`, `authentication`,
/// `local_programs`. Anything that would permit more is an error, and nothing is changed.
Outcome<void> narrow(Profile& profile, std::string_view yaml);

} // namespace jk::policy
