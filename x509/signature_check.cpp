#include "x509/signature_check.hpp"

#include "x509/p256_check.hpp"
#include "x509/read_certificate.hpp"

#include <openssl/rsa.h>

#include <atomic>
#include <mutex>

namespace jk::x509 {
namespace {

const EVP_MD* md_of(HashFunction hash) {
    switch (hash) {
    case HashFunction::sha256: return EVP_sha256();
    case HashFunction::sha384: return EVP_sha384();
    case HashFunction::sha512: return EVP_sha512();
    }
    return nullptr;
}

} // namespace

struct SignatureCheck::Prepared {
    explicit Prepared(EvpPkeyPtr the_key) : key(std::move(the_key)) {}
    EvpPkeyPtr key;
    std::once_flag once;
    std::unique_ptr<P256Check> p256;              ///< written once, before
    std::atomic<const P256Check*> ready{nullptr}; ///< shows it to the verifying thread
};

SignatureCheck::SignatureCheck(EvpPkeyPtr key, EvpPkeyCtxPtr context, Mechanism mechanism)
    : m_context(std::move(context)), m_mechanism(mechanism), m_prepared(std::make_unique<Prepared>(std::move(key))) {}
SignatureCheck::SignatureCheck(SignatureCheck&&) noexcept = default;
SignatureCheck::~SignatureCheck() = default;

Outcome<SignatureCheck> SignatureCheck::for_certificate(const Certificate& certificate, const Mechanism& mechanism) {
    const auto x509 = to_x509(certificate);
    EvpPkeyPtr key(x509 ? X509_get_pubkey(x509.get()) : nullptr);
    if (!key) return Error{Errc::device_failed, "the certificate's key cannot be used: " + openssl_fault()};
    if (certificate.key_kind != mechanism.key) return Error{Errc::mechanism_unsupported}.with("mechanism", mechanism.name());
    EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(key.get(), nullptr)); // takes a reference of its own
    bool ok = context && EVP_PKEY_verify_init(context.get()) == 1 && EVP_PKEY_CTX_set_signature_md(context.get(), md_of(mechanism.hash)) == 1;
    if (mechanism.padding == Padding::pkcs1_v15) ok = ok && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1;
    if (mechanism.padding == Padding::pss)
        ok = ok && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_DIGEST) == 1;
    if (!ok) return Error{Errc::device_failed, "signatures of this key cannot be verified: " + openssl_fault()};
    return SignatureCheck(std::move(key), std::move(context), mechanism);
}

void SignatureCheck::expect_many() {
    if (m_mechanism.key != KeyKind::ec) return;
    std::call_once(m_prepared->once, [&] {
        m_prepared->p256 = P256Check::for_key(m_prepared->key.get());
        m_prepared->ready = m_prepared->p256.get();
    });
}

bool SignatureCheck::verifies(const Digest& digest, ByteView signature) const {
    if (digest.hash() != m_mechanism.hash) return false;
    const bool good = EVP_PKEY_verify(m_context.get(), signature.data(), signature.size(), digest.value().data(), digest.value().size()) == 1;
    if (!good) openssl_fault();
    return good;
}

std::vector<bool> SignatureCheck::verify(std::span<const Claim> claims) const {
    std::vector<bool> answers(claims.size());
    if (const auto* p256 = m_prepared->ready.load()) {
        std::vector<P256Check::Claim> same;
        for (const auto& claim : claims) same.push_back({claim.digest.value(), claim.signature});
        answers = p256->verify(same);
        for (std::size_t i = 0; i < claims.size(); ++i)
            if (claims[i].digest.hash() != m_mechanism.hash) answers[i] = false;
    } else {
        for (std::size_t i = 0; i < claims.size(); ++i) answers[i] = verifies(claims[i].digest, claims[i].signature);
    }
    return answers;
}

bool ed25519_verifies(const Certificate& certificate, ByteView message, ByteView signature) {
    const EvpPkeyPtr key(certificate.key_kind != KeyKind::ed25519
                             ? nullptr
                             : EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, certificate.public_key.data(), certificate.public_key.size()));
    const EvpMdCtxPtr context(EVP_MD_CTX_new());
    const bool good = key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                      EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
    if (!good) openssl_fault();
    return good;
}

std::optional<Bytes> ecdsa_to_der(ByteView r_and_s) {
    if (r_and_s.empty() || r_and_s.size() % 2 != 0 || r_and_s.size() > 132) return std::nullopt;
    const int half = static_cast<int>(r_and_s.size() / 2);
    const EcdsaSigPtr signature(ECDSA_SIG_new());
    BignumPtr r(BN_bin2bn(r_and_s.data(), half, nullptr)), s(BN_bin2bn(r_and_s.data() + half, half, nullptr));
    if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return std::nullopt;
    (void)r.release(); // the signature owns them now
    (void)s.release();
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &der);
    if (size <= 0) return std::nullopt;
    const OpensslBytes owner(der);
    return Bytes(der, der + size);
}

std::optional<Bytes> ecdsa_from_der(ByteView der, std::size_t half) {
    const auto* at = der.data();
    const EcdsaSigPtr signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    if (!signature || at != der.data() + der.size()) {
        openssl_fault();
        return std::nullopt;
    }
    Bytes both(2 * half);
    const auto width = static_cast<int>(half);
    if (BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), both.data(), width) != width ||
        BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), both.data() + half, width) != width)
        return std::nullopt;
    return both;
}

} // namespace jk::x509
