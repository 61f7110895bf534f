// The private key that belongs to a certificate, and what the token says about its custody.
#pragma once
#include "jurukunci/certificate.hpp"
#include "jurukunci/signature.hpp"
#include "pkcs11/wrap/session.hpp"

#include <optional>

namespace jk::pkcs11 {

struct PrivateKey {
    CK_OBJECT_HANDLE handle = 0;
    KeyCustody custody;
};

/// Finds the certificate by its bytes, the key by the certificate's CKA_ID, and reads the custody attributes on this very handle.
/// An attribute that the token does not show counts as the unsafe value.
/// `public_key` is the certificate's subjectPublicKey: what the key on the token is compared with, where the token shows its public half.
Outcome<PrivateKey> find_key(const Session& session, const CertificateId& certificate, ByteView public_key);

struct ShownKey {
    std::optional<CK_KEY_TYPE> type;
    KeyCustody custody;
};
/// Kind and custody attributes, read on this handle.
ShownKey show_key(const Session& session, CK_OBJECT_HANDLE handle);

} // namespace jk::pkcs11
