// The last PIN before a token locks, or before the agent's own count does: a yes to the question is not a yes to that.
#pragma once
#include "jurukunci/consent.hpp"
#include "jurukunci/token.hpp"

namespace jk::gate {

/// `tries_left`: of the agent's own count.
inline bool is_final_try(PinState token, int tries_left) { return token == PinState::final_try || tries_left == 1; }

/// pin_final_try unless the person has confirmed, apart from the yes, that the last try is to be used.
inline void want_final_try(Outcome<ConsentAnswer>& answer, bool final_try, const std::string& token_label) {
    if (answer && final_try && !answer->final_try) answer = Error{Errc::pin_final_try}.with("token", token_label);
}

} // namespace jk::gate
