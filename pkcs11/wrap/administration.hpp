// What changes a token: C_InitToken, C_InitPIN, C_SetPIN, C_GenerateKeyPair, C_CreateObject, C_DestroyObject. Each function is one step with a
// session of its own, logged out and closed at its end. Direct calls, not libp11's: see module.hpp.
// A secret is what was typed here, or null where it is typed on the reader's own keys (CKF_PROTECTED_AUTHENTICATION_PATH). Then all of a step's
// secrets are, and what makes a new one fit is the reader's to judge: nobody here ever sees it.
#pragma once
#include "jurukunci/administration.hpp"
#include "jurukunci/secret.hpp"
#include "pkcs11/wrap/inventory.hpp"
#include "pkcs11/wrap/key.hpp"

namespace jk::pkcs11 {

/// A blank token takes `so_pin` as its first one; any other must know it. Objects and the holder's PIN are gone afterwards. `fresh`: the SO-PIN that
/// shall hold from now on, where it is another. The token's serial is in the answer.
/// `change`: there is a `fresh` one.
Outcome<std::string> init_token(const Module& module, const ShownToken& token, const Secret* so_pin, const Secret* fresh, bool change,
                                const std::string& label);

/// The SO-PIN opens, the holder's new PIN is set, whatever it was before: the first one, or one instead of a forgotten one.
Outcome<void> init_pin(const Module& module, const ShownToken& token, const Secret* so_pin, const Secret* fresh, const step::NewPin& wish);
Outcome<void> change_pin(const Module& module, const ShownToken& token, const Secret* pin, const Secret* fresh, const step::NewPin& wish);

struct NewKeyPair {
    Bytes public_key, id; ///< SubjectPublicKeyInfo; CKA_ID
    KeyCustody custody;
};
/// On the token, for this purpose only. A key that does not show afterwards that it can never leave is destroyed again: key_extractable,
/// key_unprotected; key_not_destroyed where the token keeps it.
Outcome<NewKeyPair> generate_key_pair(const Module& module, const ShownToken& token, const Secret* pin, const step::GenerateKey& wish);

struct RequestSignature {
    Bytes value; ///< as the token gives it
    KeyCustody custody;
};
/// One signature by the key with this public half.
Outcome<RequestSignature> sign_request_info(const Module& module, const ShownToken& token, const Secret* pin, const step::SignRequestInfo& wish);

/// Writes the certificate beside the key that it is for; key_mismatch where the token does not hold that key.
Outcome<void> import_certificate(const Module& module, const ShownToken& token, const Secret* pin, ByteView der, const std::string& label);
Outcome<void> delete_certificate(const Module& module, const ShownToken& token, const Secret* pin, const CertificateId& certificate);

/// The number of objects that were removed. With the SO-PIN the token is initialised anew, without a label; with the holder's PIN what the
/// holder sees is removed one by one.
Outcome<std::uint32_t> destroy_with_so_pin(const Module& module, const ShownToken& token, const Secret* so_pin);
Outcome<std::uint32_t> destroy_with_pin(const Module& module, const ShownToken& token, const Secret* pin);

} // namespace jk::pkcs11
