#include "pkcs11/openssl/signing_request.hpp"

#include <openssl/rsa.h>

namespace jk::openssl {
namespace {

Error unsupported(std::string what) {
    const auto detail = what;
    return Error{Errc::mechanism_unsupported, detail}.with("mechanism", std::move(what));
}

Outcome<OaepHash> oaep_hash(const EVP_MD* digest) {
    if (digest == nullptr || EVP_MD_is_a(digest, "SHA1") == 1) return OaepHash::sha1;
    if (EVP_MD_is_a(digest, "SHA256") == 1) return OaepHash::sha256;
    if (EVP_MD_is_a(digest, "SHA384") == 1) return OaepHash::sha384;
    if (EVP_MD_is_a(digest, "SHA512") == 1) return OaepHash::sha512;
    return unsupported(std::string("OAEP ") + EVP_MD_get0_name(digest));
}

/// OpenSSL's symbolic lengths as octets: the token wants a number (RFC 8017 9.1.1).
Outcome<std::size_t> salt_bytes(EVP_PKEY_CTX* operation, HashFunction hash) {
    int length = 0;
    if (EVP_PKEY_CTX_get_rsa_pss_saltlen(operation, &length) <= 0) return unsupported("PSS salt");
    const auto digest = static_cast<int>(size_of(hash));
    const int encoded = (EVP_PKEY_get_bits(EVP_PKEY_CTX_get0_pkey(operation)) - 1 + 7) / 8;
    const int largest = encoded - digest - 2;
    if (length == RSA_PSS_SALTLEN_DIGEST) length = digest;
    if (length == RSA_PSS_SALTLEN_AUTO || length == RSA_PSS_SALTLEN_MAX) length = largest;
    if (length < 0 || length > largest) return unsupported("PSS salt " + std::to_string(length));
    return static_cast<std::size_t>(length);
}

} // namespace

Outcome<HashFunction> known_hash(const EVP_MD* digest) {
    if (digest == nullptr) return unsupported("no digest");
    if (EVP_MD_is_a(digest, "SHA256") == 1) return HashFunction::sha256;
    if (EVP_MD_is_a(digest, "SHA384") == 1) return HashFunction::sha384;
    if (EVP_MD_is_a(digest, "SHA512") == 1) return HashFunction::sha512;
    return unsupported(EVP_MD_get0_name(digest));
}

Outcome<HashFunction> chosen_hash(EVP_PKEY_CTX* operation) {
    const EVP_MD* digest = nullptr;
    if (EVP_PKEY_CTX_get_signature_md(operation, &digest) <= 0) digest = nullptr;
    return known_hash(digest);
}

Outcome<SignatureScheme> chosen_scheme(EVP_PKEY_CTX* operation, KeyType type, HashFunction hash) {
    if (type == KeyType::ec) return SignatureScheme(EcdsaSignature{});
    int padding = 0;
    if (EVP_PKEY_CTX_get_rsa_padding(operation, &padding) <= 0) return unsupported("RSA padding");
    if (padding == RSA_PKCS1_PADDING) return SignatureScheme(Pkcs1Signature{});
    if (padding != RSA_PKCS1_PSS_PADDING) return unsupported("RSA padding " + std::to_string(padding));
    const EVP_MD* mask = nullptr;
    if (EVP_PKEY_CTX_get_rsa_mgf1_md(operation, &mask) <= 0) mask = nullptr;
    const auto mask_hash = mask != nullptr ? known_hash(mask) : Outcome<HashFunction>(hash);
    if (!mask_hash) return mask_hash.error();
    const auto salt = salt_bytes(operation, hash);
    if (!salt) return salt.error();
    return SignatureScheme(PssSignature{*mask_hash, *salt});
}

Outcome<DecryptionScheme> chosen_decryption(EVP_PKEY_CTX* operation) {
    int padding = 0;
    if (EVP_PKEY_CTX_get_rsa_padding(operation, &padding) <= 0) return unsupported("RSA padding");
    if (padding == RSA_PKCS1_PADDING) return DecryptionScheme(Pkcs1Decryption{});
    if (padding != RSA_PKCS1_OAEP_PADDING) return unsupported("RSA padding " + std::to_string(padding));
    const EVP_MD *digest = nullptr, *mask = nullptr;
    if (EVP_PKEY_CTX_get_rsa_oaep_md(operation, &digest) <= 0) digest = nullptr;
    if (EVP_PKEY_CTX_get_rsa_mgf1_md(operation, &mask) <= 0) mask = digest;
    const auto hash = oaep_hash(digest), mask_hash = oaep_hash(mask != nullptr ? mask : digest);
    if (!hash) return hash.error();
    if (!mask_hash) return mask_hash.error();
    OaepDecryption oaep{*hash, *mask_hash, {}};
    unsigned char* label = nullptr;
    if (const int size = EVP_PKEY_CTX_get0_rsa_oaep_label(operation, &label); size > 0) oaep.label.assign(label, label + size);
    return DecryptionScheme(std::move(oaep));
}

} // namespace jk::openssl
