// What a dialog says of the PIN before it is typed: the token's own warnings, and how many tries are left.
#pragma once
#include "cli/console.hpp"

namespace jk::cli {

/// Lines that stand above the question; empty where the token warns of nothing.
std::string pin_warning(const json::object& question, bool english);
/// The end of the line in which the PIN is typed: ", sisa percobaan 5". A token that warns may know of wrong PINs that the agent never saw:
/// the agent's count is then no promise.
std::string tries_words(const json::object& question, bool english);

} // namespace jk::cli
