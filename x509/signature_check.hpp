// SignatureCheck: does this signature over this digest come from the key in this certificate?
#pragma once
#include "jurukunci/certificate.hpp"
#include "jurukunci/signature.hpp"
#include "x509/openssl_ptr.hpp"

#include <optional>

namespace jk::x509 {

/// Keeps the public key ready. One thread at a time.
class SignatureCheck {
public:
    static Outcome<SignatureCheck> for_certificate(const Certificate& certificate, const Mechanism& mechanism);
    bool verifies(const Digest& digest, ByteView signature) const;

private:
    SignatureCheck(EvpPkeyCtxPtr context, Mechanism mechanism) : m_context(std::move(context)), m_mechanism(mechanism) {}
    EvpPkeyCtxPtr m_context; ///< initialised once: fetching algorithms anew would cost as much as an RSA verification
    Mechanism m_mechanism;
};

/// PKCS#11 gives ECDSA as r‖s of equal halves (2.3.1 in v2.40 current mechanisms); X.509 and CMS want ECDSA-Sig-Value in DER.
std::optional<Bytes> ecdsa_to_der(ByteView r_and_s);
/// And back, for JWS: each half of `half` bytes.
std::optional<Bytes> ecdsa_from_der(ByteView der, std::size_t half);

} // namespace jk::x509
