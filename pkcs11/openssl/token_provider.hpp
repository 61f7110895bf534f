// TokenProvider: OpenSSL with token keys in it. One per library context; owner: whoever works with such keys.
//
//   auto provider = TokenProvider::create();
//   auto key = (*provider)->token_key(public_half, operations);
//   X509_REQ_sign(request, key->get(), EVP_sha256());
//
// Everything that is given to OpenSSL together with such a key is made in the provider's context: X509_REQ_new_ex, CMS_sign_ex, SSL_CTX_new_ex,
// OSSL_CMP_CTX_new. Objects of OpenSSL that hold the key (an SSL_CTX, a CMS_ContentInfo) end before the last shared_ptr to it.
#pragma once
#include "jurukunci/outcome.hpp"
#include "pkcs11/openssl/private_operations.hpp"
#include "x509/openssl_ptr.hpp"

#include <memory>
#include <optional>

namespace jk::openssl {

class TokenProvider : public std::enable_shared_from_this<TokenProvider> {
public:
    /// With a library context of its own. Threads: any.
    static Outcome<std::shared_ptr<TokenProvider>> create();
    /// In OpenSSL's default context, for code that knows no other. From then on "RSA", "EC" and "ED25519" have two homes there; software keys
    /// keep theirs, because OpenSSL's own provider is asked first.
    static Outcome<std::shared_ptr<TokenProvider>> create_in_default_context();
    ~TokenProvider();
    TokenProvider(const TokenProvider&) = delete;
    TokenProvider& operator=(const TokenProvider&) = delete;

    OSSL_LIB_CTX* context() const { return m_context; } ///< null: the default one

    /// `public_half`: RSA from 2048 bits, P-256, P-384, P-521 or Ed25519, in whatever context; it is copied. The key keeps the provider.
    Outcome<std::shared_ptr<EVP_PKEY>> token_key(EVP_PKEY* public_half, std::shared_ptr<PrivateOperations> operations);

private:
    TokenProvider() = default;
    static Outcome<std::shared_ptr<TokenProvider>> load(OSSL_LIB_CTX* context, bool own);

    OSSL_LIB_CTX* m_context = nullptr;
    bool m_own = false;
    OSSL_PROVIDER* m_software = nullptr;
    OSSL_PROVIDER* m_provider = nullptr;
};

/// Why the newest private operation on this thread failed, and forgets it: OpenSSL's functions answer only that something went wrong, and CMS
/// decryption not even that ("bad decrypt").
std::optional<Error> take_refusal();

} // namespace jk::openssl
