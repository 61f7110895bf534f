// Hash functions, digests and signature mechanisms, in one place so that rooms agree on names and sizes.
#pragma once
#include "jurukunci/bytes.hpp"

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace jk {

enum class HashFunction : std::uint8_t { sha256, sha384, sha512 };

std::size_t size_of(HashFunction hash);      ///< bytes
std::string_view name_of(HashFunction hash); ///< "SHA-256", as Web eID and DSS spell it
std::optional<HashFunction> hash_named(std::string_view name);

/// A hash value together with the function that made it. Not a string, not loose bytes.
class Digest {
public:
    Digest() = default;
    /// Empty if the size does not fit the function.
    static std::optional<Digest> from(HashFunction hash, ByteView value);

    HashFunction hash() const { return m_hash; }
    ByteView value() const { return {m_value.data(), size_of(m_hash)}; }
    std::string hex() const;
    friend bool operator==(const Digest&, const Digest&) = default;

private:
    HashFunction m_hash = HashFunction::sha256;
    std::array<std::uint8_t, 64> m_value{};
};

Digest sha256(ByteView data);
Digest hash_of(HashFunction hash, ByteView data);

enum class Padding : std::uint8_t { none, pkcs1_v15, pss };

/// Ed25519 signs messages, not digests: a Mechanism is of the first two only.
enum class KeyKind : std::uint8_t { rsa, ec, ed25519 };

/// How a digest becomes a signature. Web eID's triplet: cryptoAlgorithm, hashFunction, paddingScheme.
struct Mechanism {
    KeyKind key = KeyKind::rsa;
    HashFunction hash = HashFunction::sha256;
    Padding padding = Padding::pkcs1_v15;

    std::string_view crypto_algorithm() const { return key == KeyKind::rsa ? "RSA" : "ECC"; }
    std::string_view padding_scheme() const;
    std::string jws_name() const; ///< "ES256", "RS256", "PS384": RFC 7518 3.1
    std::string name() const;     ///< "RSA-PSS with SHA-256", for people
    friend bool operator==(const Mechanism&, const Mechanism&) = default;
};

std::optional<Mechanism> mechanism_named(std::string_view crypto_algorithm, std::string_view hash_function, std::string_view padding_scheme);

} // namespace jk
