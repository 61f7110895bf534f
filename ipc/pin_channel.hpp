// The PIN's way from the prompter to the worker: one byte of length, then the PIN, on a socketpair that nobody else keeps an end of.
#pragma once
#include "jurukunci/outcome.hpp"
#include "jurukunci/secret.hpp"

namespace jk::ipc {

/// Straight into locked memory. An empty PIN, or a channel closed without one, is pin_empty. Waits at most two seconds:
/// the prompter writes before it says yes.
Outcome<Secret> read_pin(int fd);
Outcome<void> write_pin(int fd, const Secret& pin);

} // namespace jk::ipc
