// PublicKey: a key that somebody else holds the other half of, for statements in JWS form (RFC 7515, RFC 8037). Pure; any thread.
#pragma once
#include "jurukunci/bytes.hpp"
#include "jurukunci/outcome.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace jk::x509 {

class PublicKey {
public:
    /// One SubjectPublicKeyInfo in PEM: Ed25519 or P-256. Anything else is an error that says why.
    static Outcome<PublicKey> from_pem(std::string_view pem);

    /// "EdDSA" or "ES256": the one algorithm that this key is used with, whatever a statement claims.
    std::string_view algorithm() const;
    /// `signature` as JWS carries it: for ES256 r and s side by side.
    bool verifies(ByteView message, ByteView signature) const;

private:
    struct Key;
    explicit PublicKey(std::shared_ptr<const Key> key) : m_key(std::move(key)) {}
    std::shared_ptr<const Key> m_key;
};

} // namespace jk::x509
