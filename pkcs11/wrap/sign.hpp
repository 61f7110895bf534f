// One signature, with the mechanism's true name: CKM_RSA_PKCS, CKM_RSA_PKCS_PSS or CKM_ECDSA of a digest, CKM_EDDSA (PKCS#11 v3.0) of a message,
// never CKM_RSA_X_509.
#pragma once
#include "jurukunci/digest.hpp"
#include "jurukunci/secret.hpp"
#include "pkcs11/wrap/key.hpp"

namespace jk::pkcs11 {

enum class Hashing { here, on_the_token };
/// CKM_RSA_PKCS and its sisters that take a digest; CKM_SHA256_RSA_PKCS and its sisters that take what is to be hashed.
CK_MECHANISM_TYPE ck_type(const Mechanism& mechanism, Hashing hashing);

/// What the token in this slot takes of the two, by its list of mechanisms: a digest where it can. Neither: `here`, and the token says no itself.
Hashing hashing_for(const Module& module, CK_SLOT_ID slot, const Mechanism& mechanism);

/// `pin` is needed where the key is CKA_ALWAYS_AUTHENTICATE (context-specific login, v2.40 11.6); null means the PIN pad.
/// The result is as the token gives it: RSA octets, or r‖s.
Outcome<Bytes> sign(const Session& session, const PrivateKey& key, const Mechanism& mechanism, const Digest& digest, const Secret* pin);
/// The same by a token that hashes: `hashed` is what the digest is of.
Outcome<Bytes> sign_hashing(const Session& session, const PrivateKey& key, const Mechanism& mechanism, ByteView hashed, const Secret* pin);

/// A mechanism in PKCS#11's form. Stays where it is until C_Sign is through: there are modules that read the parameters only then.
class SignMechanism {
public:
    SignMechanism(const Mechanism& mechanism, Hashing hashing);
    SignMechanism(const SignMechanism&) = delete;
    SignMechanism& operator=(const SignMechanism&) = delete;
    CK_MECHANISM* get() { return &m_how; }

private:
    CK_RSA_PKCS_PSS_PARAMS m_pss;
    CK_MECHANISM m_how;
};

/// The two halves of sign(), of a key that asks no PIN at each use: C_SignInit, and C_Sign once the digest is there.
Outcome<void> begin_sign(const Session& session, const PrivateKey& key, SignMechanism& how);
Outcome<Bytes> finish_sign(const Session& session, const Mechanism& mechanism, const Digest& digest);

/// Ed25519: 64 octets.
Outcome<Bytes> sign_message(const Session& session, const PrivateKey& key, ByteView message, const Secret* pin);

} // namespace jk::pkcs11
