// What is in the slots of a module: tokens, what they say of themselves, and their certificates. Through libp11; see module.hpp.
#pragma once
#include "jurukunci/bytes.hpp"
#include "jurukunci/digest.hpp"
#include "jurukunci/token.hpp"
#include "pkcs11/wrap/module.hpp"

#include <string>
#include <vector>

namespace jk::pkcs11 {

struct FoundToken {
    CK_SLOT_ID slot = 0;
    std::string label, manufacturer, model, serial, firmware;
    PinState pin_state = PinState::ok;
    bool pin_pad = false;
    std::vector<Mechanism> mechanisms;
    bool eddsa = false, ecdh = false;      ///< CKM_EDDSA, CKM_ECDH1_DERIVE
    std::vector<Mechanism> hashed_there{}; ///< of `mechanisms`: only with the token's own hashing, as CKM_SHA256_RSA_PKCS
    std::vector<Bytes> certificates;       ///< DER
};

/// More than any card holds; a module that claims more is cut off.
inline constexpr std::size_t max_slots = 64, max_certificates = 64;

Outcome<std::vector<FoundToken>> discover(const Module& module);

/// The bytes that identify a certificate: DER as OpenSSL writes it, without what some tokens append to CKA_VALUE. Empty if it is none.
Bytes normal_form(ByteView der);

/// CK_TOKEN_INFO's fixed-width, blank-padded fields.
std::string padded_text(const unsigned char* field, std::size_t size);

} // namespace jk::pkcs11
