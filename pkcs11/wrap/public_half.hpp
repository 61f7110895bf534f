// The public half of a key on a token, as X.509 writes it.
#pragma once
#include "jurukunci/bytes.hpp"
#include "pkcs11/wrap/session.hpp"

namespace jk::pkcs11 {

/// SubjectPublicKeyInfo in DER of a public key object: RSA, or EC on a named curve. Empty for any other, or where the token does not show it.
Bytes public_half(const Session& session, CK_OBJECT_HANDLE public_key);

} // namespace jk::pkcs11
