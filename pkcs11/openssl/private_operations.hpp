// PrivateOperations: what is asked of a private key that stays where it is. Whoever can reach the key implements it; the provider calls it.
#pragma once
#include "jurukunci/bytes.hpp"
#include "jurukunci/digest.hpp"
#include "jurukunci/outcome.hpp"

#include <cstddef>
#include <variant>

namespace jk::openssl {

/// RSASSA-PKCS1-v1_5: the implementer builds the DigestInfo, so that the token's mechanism is CKM_RSA_PKCS and never raw RSA.
struct Pkcs1Signature {};
struct PssSignature {
    HashFunction mask_hash;
    std::size_t salt_bytes;
};
/// Answered as ECDSA-Sig-Value in DER, as X.509 and CMS carry it.
struct EcdsaSignature {};
using SignatureScheme = std::variant<Pkcs1Signature, PssSignature, EcdsaSignature>;

/// OAEP's own hashes: SHA-1 is what RFC 8017 and CMS mean where nothing is said, and is no weakness there.
enum class OaepHash { sha1, sha256, sha384, sha512 };

struct Pkcs1Decryption {};
struct OaepDecryption {
    OaepHash hash = OaepHash::sha1, mask_hash = OaepHash::sha1;
    Bytes label;
};
using DecryptionScheme = std::variant<Pkcs1Decryption, OaepDecryption>;

/// Threads: any, several at once on one object. A call may block for as long as a person needs. An exception counts as a refusal.
/// What a key cannot do, it refuses; the defaults refuse everything.
class PrivateOperations {
public:
    virtual ~PrivateOperations() = default;
    /// RSA: as many octets as the modulus. ECDSA: DER.
    virtual Outcome<Bytes> sign(const SignatureScheme& scheme, const Digest& digest);
    /// Ed25519 (RFC 8032, pure): the token hashes, so it needs the message. 64 octets.
    virtual Outcome<Bytes> sign_message(ByteView message);
    virtual Outcome<Bytes> decrypt(const DecryptionScheme& scheme, ByteView ciphertext);
    /// ECDH without a key derivation function: the x coordinate, as wide as the field. `peer` is an uncompressed point on the key's own curve.
    virtual Outcome<Bytes> derive(ByteView peer);
};

} // namespace jk::openssl
