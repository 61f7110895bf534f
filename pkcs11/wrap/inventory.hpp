// What is on the tokens of a module, read without a login, also on tokens that were never initialised. Direct C_* calls: libp11 shows no CKA_ID of
// a key it has no type for, and no key at all beside an Ed25519 one.
#pragma once
#include "jurukunci/administration.hpp"
#include "pkcs11/wrap/module.hpp"

namespace jk::pkcs11 {

/// One token as its slot shows it. Certificates are bytes: whoever judges them reads them.
struct ShownToken {
    CK_SLOT_ID slot = 0;
    TokenContents contents; ///< without certificates
    struct ShownCertificate {
        Bytes id;
        std::string label;
        Bytes der;
    };
    std::vector<ShownCertificate> certificates;
};

enum class Depth { token_only, with_objects };
Outcome<std::vector<ShownToken>> inventory(const Module& module, Depth depth);

/// The one token with this serial; where it is empty, the one token without a serial. token_absent, token_ambiguous.
Outcome<ShownToken> find_token(const Module& module, const std::string& serial, Depth depth);

} // namespace jk::pkcs11
