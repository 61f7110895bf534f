// Key task: one private-key operation that a program on this computer asks for. What may be done is in key_use.hpp.
#pragma once
#include "jurukunci/certificate.hpp"

#include <variant>

namespace jk {

struct DigestToSign {
    Mechanism mechanism;
    Digest digest;
};

/// Ed25519 (RFC 8032, pure): the key hashes by itself, and twice, so the message goes to the token.
struct MessageToSign {
    static constexpr std::size_t most = 8u << 10; ///< bytes: handshakes and logins are shorter
    Bytes message;
};

/// How RSA hid the plaintext. OAEP (RFC 8017 7.1) with MGF1 of the same function and no label. SHA-1 is what S/MIME means by OAEP unless it
/// says otherwise, and OAEP does not need it to be free of collisions.
enum class Hiding : std::uint8_t { pkcs1_v15, oaep_sha1, oaep_sha256, oaep_sha384, oaep_sha512 };

struct Ciphertext {
    Hiding hiding = Hiding::pkcs1_v15;
    Bytes value;
};

/// ECDH without a key derivation function: the result is the shared point's x coordinate, as wide as the field.
struct PeerPoint {
    Bytes point; ///< uncompressed, on the key's own curve
};

/// One private-key operation.
struct KeyTask {
    CertificateId certificate;
    std::variant<DigestToSign, Ciphertext, MessageToSign, PeerPoint> what;

    /// It opens what somebody closed for this key; otherwise it signs.
    bool decrypts() const { return std::holds_alternative<Ciphertext>(what) || std::holds_alternative<PeerPoint>(what); }
    /// What is shown and recorded: the digest to sign, or the SHA-256 of the bytes.
    Digest shown() const {
        if (const auto* sign = std::get_if<DigestToSign>(&what)) return sign->digest;
        if (const auto* message = std::get_if<MessageToSign>(&what)) return sha256(message->message);
        if (const auto* peer = std::get_if<PeerPoint>(&what)) return sha256(peer->point);
        return sha256(std::get<Ciphertext>(what).value);
    }
    /// "ECDSA with SHA-256", "Ed25519", "RSA-OAEP", "ECDH": for people and for the log.
    std::string mechanism_name() const {
        if (const auto* sign = std::get_if<DigestToSign>(&what)) return sign->mechanism.name();
        if (std::holds_alternative<MessageToSign>(what)) return "Ed25519";
        if (std::holds_alternative<PeerPoint>(what)) return "ECDH";
        return std::get<Ciphertext>(what).hiding == Hiding::pkcs1_v15 ? "RSA PKCS#1 v1.5" : "RSA-OAEP";
    }
};

} // namespace jk
