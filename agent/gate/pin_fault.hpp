// Whose fault it was that a login window did not open: what the agent's own count of PIN tries goes by.
#pragma once
#include "agent/audit/pin_tries.hpp"
#include "jurukunci/error.hpp"

#include <string>
#include <utility>

namespace jk::gate {

/// The window ended before C_Login looked at the PIN, or after it had taken it: the try that was counted for it is given back.
inline bool pin_not_at_fault(Errc code) {
    switch (code) {
    case Errc::pin_empty:
    case Errc::token_absent:
    case Errc::token_swapped:
    case Errc::pin_must_change:
    case Errc::key_mismatch:
    case Errc::certificate_unknown: return true;
    default: return false;
    }
}

/// The sentence of a wrong PIN says how many tries are left by the agent's own count.
inline Error telling_tries(Error error, const audit::PinTries& tries, const TokenId& token) {
    if (error.code != Errc::pin_incorrect) return error;
    return std::move(error).with("tries", std::to_string(tries.left(token)));
}

} // namespace jk::gate
