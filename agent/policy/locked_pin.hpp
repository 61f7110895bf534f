// A PIN that is locked, in words: who unlocks it, and what this city wants to be done besides (row 15.4).
#pragma once
#include "agent/policy/profile.hpp"

namespace jk::policy {

/// pin_locked. Where the city counts the passphrase's disturbances as cases for its helpdesk, the next step names the report, too.
Error locked_pin(const Profile& profile, const std::string& token_label, std::string detail = {});

/// The same for the token's own answer; everything else stays as it is.
Outcome<void> tell_locked(const Profile& profile, const std::string& token_label, Outcome<void> outcome);

} // namespace jk::policy
