// How hard a new PIN is to guess. Asked in the process that holds it; the answer names the rule that failed and no part of the PIN.
// The rules are agent policy: no regulation sets a length, classes or a list.
#pragma once
#include "jurukunci/secret.hpp"
#include "pkcs11/wrap/pin_rules.hpp"

#include <string>
#include <vector>

namespace jk::pkcs11 {

/// What somebody who knows the holder or sees the token would try first.
struct Guesses {
    std::vector<std::string> about_holder; ///< names, numbers (NIP, NIK), offices, addresses; as they were given
    std::string token_label, token_serial;
};

/// Printable ASCII; 8 to 64 characters within what the token takes; three classes below 15 characters; no word of `guesses`, forwards or
/// backwards; no four of a sequence or of the same; at least 27 bits by zxcvbn. A token that takes fewer than 8 (a PIN pad's digits) is asked
/// for 6 and only the lists. Errors: pin_length, pin_weak.
Outcome<void> judge_strength(const Secret& secret, const PinLength& length, const Guesses& guesses);

} // namespace jk::pkcs11
