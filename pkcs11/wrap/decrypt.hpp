// One ciphertext, one plaintext, with CKM_RSA_PKCS or CKM_RSA_PKCS_OAEP; never CKM_RSA_X_509.
#pragma once
#include "jurukunci/key_task.hpp"
#include "jurukunci/secret.hpp"
#include "pkcs11/wrap/key.hpp"

namespace jk::pkcs11 {

/// `pin` as in sign().
Outcome<Bytes> decrypt(const Session& session, const PrivateKey& key, const Ciphertext& ciphertext, const Secret* pin);

} // namespace jk::pkcs11
