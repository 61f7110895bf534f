// Key task: one private-key operation that a program on this computer asks for. What may be done is in key_use.hpp.
#pragma once
#include "jurukunci/certificate.hpp"

#include <variant>

namespace jk {

struct DigestToSign {
    Mechanism mechanism;
    Digest digest;
};

/// Of RSA. OAEP (RFC 8017 7.1): MGF1 with the same hash, no label.
struct Ciphertext {
    bool oaep = false; ///< otherwise PKCS#1 v1.5
    HashFunction hash = HashFunction::sha256; ///< of OAEP
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
