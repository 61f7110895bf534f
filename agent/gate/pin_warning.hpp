// What the token itself says of its PIN, for the person who is about to type it. The agent's own count starts at five on each computer; the token
// also remembers what was typed elsewhere.
#pragma once
#include "jurukunci/consent.hpp"
#include "jurukunci/token.hpp"

namespace jk::gate {

inline void warn_of_pin(ConsentQuestion& question, PinState state, bool to_be_changed) {
    question.pin_count_low = state == PinState::count_low || state == PinState::final_try;
    question.pin_to_be_changed = to_be_changed;
}

} // namespace jk::gate
