// The private key that belongs to a certificate, and what the token says about its custody.
#pragma once
#include "jurukunci/certificate.hpp"
#include "jurukunci/signature.hpp"
#include "pkcs11/wrap/session.hpp"

namespace jk::pkcs11 {

struct PrivateKey {
    CK_OBJECT_HANDLE handle = 0;
    KeyCustody custody;
};

/// Finds the certificate by its bytes, the key by the certificate's CKA_ID, and reads the custody attributes on this very handle.
/// An attribute that the token does not show counts as the unsafe value.
Outcome<PrivateKey> find_key(const Session& session, const CertificateId& certificate);

} // namespace jk::pkcs11
