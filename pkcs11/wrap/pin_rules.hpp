// What a new PIN or SO-PIN must not be. Asked in the process that holds it, before the token sees it; no answer holds a part of it.
#pragma once
#include "jurukunci/administration.hpp"
#include "jurukunci/secret.hpp"

namespace jk::pkcs11 {

struct PinLength {
    std::uint32_t least = 0, most = 0; ///< bytes, as C_GetTokenInfo says; most 0: the token does not say
};

/// Errors: pin_empty, pin_length, pin_factory, so_pin_factory. What makes a passphrase strong enough belongs here, too.
Outcome<void> judge_new_secret(const Secret& secret, SecretRole role, const PinLength& length);

/// A published one, or a sequence that everybody tries first.
bool is_factory(const Secret& secret, SecretRole role);

/// The new one must not be the old one, nor the SO-PIN.
Outcome<void> judge_change(const Secret& old, const Secret& fresh);

} // namespace jk::pkcs11
