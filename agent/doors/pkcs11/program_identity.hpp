// Which program is at the other end of a local socket, as the kernel says it: nothing of this is the program's own claim.
#pragma once
#include "jurukunci/requests.hpp"

#include <optional>
#include <string>

namespace jk::doors {

/// Of a socket whose peer is a process of our own user and still alive; otherwise nothing. A number that was given to another process between
/// connect() and now is noticed by the time that process began. `user` is this user's name.
std::optional<CallerIdentity> program_behind(int socket, const std::string& user);

} // namespace jk::doors
