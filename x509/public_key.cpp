#include "x509/public_key.hpp"

#include "x509/openssl_ptr.hpp"
#include "x509/signature_check.hpp"

#include <openssl/pem.h>

namespace jk::x509 {

struct PublicKey::Key {
    EvpPkeyPtr key;
    bool ed25519 = false;
};

Outcome<PublicKey> PublicKey::from_pem(std::string_view pem) {
    const BioPtr in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    EvpPkeyPtr key(in ? PEM_read_bio_PUBKEY(in.get(), nullptr, nullptr, nullptr) : nullptr);
    if (!key) {
        openssl_fault();
        return Error{Errc::config_refused, "holds no public key in PEM (BEGIN PUBLIC KEY)"};
    }
    const bool ed25519 = EVP_PKEY_is_a(key.get(), "ED25519") == 1;
    char group[32] = "";
    std::size_t length = 0;
    const bool p256 = EVP_PKEY_is_a(key.get(), "EC") == 1 && EVP_PKEY_get_group_name(key.get(), group, sizeof group, &length) == 1 &&
                      std::string_view(group, length) == "prime256v1";
    if (!ed25519 && !p256) return Error{Errc::config_refused, "holds a key that is neither Ed25519 nor P-256"};
    return PublicKey(std::make_shared<const Key>(Key{std::move(key), ed25519}));
}

std::string_view PublicKey::algorithm() const { return m_key->ed25519 ? "EdDSA" : "ES256"; }

bool PublicKey::verifies(ByteView message, ByteView signature) const {
    Bytes as_openssl(signature.begin(), signature.end());
    if (signature.size() != 64) return false; // both algorithms
    if (!m_key->ed25519) {
        auto der = ecdsa_to_der(signature);
        if (!der) return false;
        as_openssl = std::move(*der);
    }
    const EvpMdCtxPtr context(EVP_MD_CTX_new());
    const bool good = context &&
                      EVP_DigestVerifyInit(context.get(), nullptr, m_key->ed25519 ? nullptr : EVP_sha256(), nullptr, m_key->key.get()) == 1 &&
                      EVP_DigestVerify(context.get(), as_openssl.data(), as_openssl.size(), message.data(), message.size()) == 1;
    if (!good) openssl_fault();
    return good;
}

} // namespace jk::x509
