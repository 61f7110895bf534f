// SignatureCheck: does this signature over this digest come from the key in this certificate?
#pragma once
#include "jurukunci/certificate.hpp"
#include "jurukunci/signature.hpp"
#include "x509/openssl_ptr.hpp"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace jk::x509 {

/// Keeps the public key ready. One thread at a time, but for expect_many().
class SignatureCheck {
public:
    static Outcome<SignatureCheck> for_certificate(const Certificate& certificate, const Mechanism& mechanism);
    SignatureCheck(SignatureCheck&&) noexcept;
    SignatureCheck& operator=(SignatureCheck&&) = delete;
    ~SignatureCheck();

    bool verifies(const Digest& digest, ByteView signature) const;
    struct Claim {
        Digest digest;
        ByteView signature;
    };
    /// One answer for each; cheaper than in turn once expect_many() is through.
    std::vector<bool> verify(std::span<const Claim> claims) const;

    /// From this number on, what expect_many() costs comes back.
    static constexpr std::size_t many = 256;
    /// Prepares for many signatures of this key, where that makes a difference: P-256, tens of milliseconds of work, the first time. May run on another thread
    /// beside the others; they use what it made as soon as it is there.
    void expect_many();

private:
    struct Prepared;
    SignatureCheck(EvpPkeyPtr key, EvpPkeyCtxPtr context, Mechanism mechanism);
    EvpPkeyCtxPtr m_context; ///< initialised once: fetching algorithms anew would cost as much as an RSA verification
    Mechanism m_mechanism;
    std::unique_ptr<Prepared> m_prepared;
};

/// Ed25519 (RFC 8032, pure) with the certificate's key; false for a key of another kind.
bool ed25519_verifies(const Certificate& certificate, ByteView message, ByteView signature);

/// PKCS#11 gives ECDSA as r‖s of equal halves (2.3.1 in v2.40 current mechanisms); X.509 and CMS want ECDSA-Sig-Value in DER.
std::optional<Bytes> ecdsa_to_der(ByteView r_and_s);
/// And back, for JWS: each half of `half` bytes.
std::optional<Bytes> ecdsa_from_der(ByteView der, std::size_t half);

} // namespace jk::x509
