// Whose fault it was that a login window did not open: what the agent's own count of PIN tries goes by.
#pragma once
#include "jurukunci/error.hpp"

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

} // namespace jk::gate
