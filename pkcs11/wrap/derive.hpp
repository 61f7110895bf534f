// One shared secret: CKM_ECDH1_DERIVE with CKD_NULL, read off the token and taken away there.
#pragma once
#include "jurukunci/key_task.hpp"
#include "pkcs11/wrap/key.hpp"

namespace jk::pkcs11 {

/// As wide as the field. A key that is CKA_ALWAYS_AUTHENTICATE is refused: C_DeriveKey has no place for the PIN that belongs to one operation.
Outcome<Bytes> derive(const Session& session, const PrivateKey& key, const PeerPoint& peer);

} // namespace jk::pkcs11
