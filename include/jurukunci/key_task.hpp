// Key task: one private-key operation that a program on this computer asks for. What may be done is in key_use.hpp.
#pragma once
#include "jurukunci/certificate.hpp"

#include <variant>

namespace jk {

struct DigestToSign {
    Mechanism mechanism;
    Digest digest;
};

/// How RSA hid the plaintext. OAEP (RFC 8017 7.1) with MGF1 of the same function and no label. SHA-1 is what S/MIME means by OAEP unless it
/// says otherwise, and OAEP does not need it to be free of collisions.
enum class Hiding : std::uint8_t { pkcs1_v15, oaep_sha1, oaep_sha256, oaep_sha384, oaep_sha512 };

struct Ciphertext {
    Hiding hiding = Hiding::pkcs1_v15;
    Bytes value;
};

/// One private-key operation.
struct KeyTask {
    CertificateId certificate;
    std::variant<DigestToSign, Ciphertext> what;

    bool decrypts() const { return std::holds_alternative<Ciphertext>(what); }
    /// What is shown and recorded: the digest to sign, or the SHA-256 of the ciphertext.
    Digest shown() const { return decrypts() ? sha256(std::get<Ciphertext>(what).value) : std::get<DigestToSign>(what).digest; }
};

} // namespace jk
