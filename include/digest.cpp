#include "jurukunci/digest.hpp"

#include "jurukunci/encoding.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <stdexcept>

namespace jk {

std::size_t size_of(HashFunction hash) {
    switch (hash) {
    case HashFunction::sha256: return 32;
    case HashFunction::sha384: return 48;
    case HashFunction::sha512: return 64;
    }
    return 0;
}

std::string_view name_of(HashFunction hash) {
    switch (hash) {
    case HashFunction::sha256: return "SHA-256";
    case HashFunction::sha384: return "SHA-384";
    case HashFunction::sha512: return "SHA-512";
    }
    return "?";
}

std::optional<HashFunction> hash_named(std::string_view name) {
    for (auto hash : {HashFunction::sha256, HashFunction::sha384, HashFunction::sha512})
        if (name_of(hash) == name) return hash;
    return std::nullopt;
}

std::optional<Digest> Digest::from(HashFunction hash, ByteView value) {
    if (value.size() != size_of(hash)) return std::nullopt;
    Digest digest;
    digest.m_hash = hash;
    std::ranges::copy(value, digest.m_value.begin());
    return digest;
}

std::string Digest::hex() const { return to_hex(value()); }

Digest hash_of(HashFunction hash, ByteView data) {
    const EVP_MD* md = hash == HashFunction::sha256 ? EVP_sha256() : hash == HashFunction::sha384 ? EVP_sha384() : EVP_sha512();
    std::array<std::uint8_t, 64> value{};
    unsigned size = 0;
    if (EVP_Digest(data.data(), data.size(), value.data(), &size, md, nullptr) != 1) throw std::runtime_error("EVP_Digest failed");
    return *Digest::from(hash, {value.data(), size});
}

Digest sha256(ByteView data) { return hash_of(HashFunction::sha256, data); }

std::string_view Mechanism::padding_scheme() const {
    switch (padding) {
    case Padding::none: return "NONE";
    case Padding::pkcs1_v15: return "PKCS1.5";
    case Padding::pss: return "PSS";
    }
    return "?";
}

std::string Mechanism::jws_name() const {
    const std::string_view kind = key == KeyKind::ec ? "ES" : padding == Padding::pss ? "PS" : "RS";
    return std::string(kind) + std::to_string(size_of(hash) * 8);
}

std::string Mechanism::name() const {
    const std::string_view kind = key == KeyKind::ec ? "ECDSA" : padding == Padding::pss ? "RSA-PSS" : "RSA PKCS#1 v1.5";
    return std::string(kind) + " with " + std::string(name_of(hash));
}

std::optional<Mechanism> mechanism_named(std::string_view crypto_algorithm, std::string_view hash_function, std::string_view padding_scheme) {
    const auto hash = hash_named(hash_function);
    if (!hash) return std::nullopt;
    for (auto padding : {Padding::none, Padding::pkcs1_v15, Padding::pss}) {
        const Mechanism mechanism{padding == Padding::none ? KeyKind::ec : KeyKind::rsa, *hash, padding};
        if (mechanism.crypto_algorithm() == crypto_algorithm && mechanism.padding_scheme() == padding_scheme) return mechanism;
    }
    return std::nullopt;
}

} // namespace jk
