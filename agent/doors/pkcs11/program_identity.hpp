// Which program is at the other end of a local socket, as the kernel says it: nothing of this is the program's own claim.
#pragma once
#include "jurukunci/requests.hpp"

#include <sys/types.h>

#include <optional>
#include <string>

namespace jk::doors {

/// The process that connected, and what tells it from a later one with its number or in its place.
struct ProgramBehind {
    CallerIdentity caller;
    pid_t pid = -1;
    unsigned long long began = 0; ///< clock ticks since the machine did
};

/// Is it still the program that it was? execve keeps number and beginning, and changes the path that the person would read.
bool is_unchanged(const ProgramBehind& program);

/// Of a socket whose peer is a process of our own user and still alive; otherwise nothing. A number that was given to another process between
/// connect() and now is noticed by the time that process began. `user` is this user's name.
std::optional<ProgramBehind> program_behind(int socket, const std::string& user);

} // namespace jk::doors
