// TokenKey: what OpenSSL holds as key data: a public key of OpenSSL's own provider, and the operations of the private half.
#pragma once
#include "pkcs11/openssl/private_operations.hpp"
#include "x509/openssl_ptr.hpp"

#include <openssl/core_dispatch.h>

#include <memory>

namespace jk::openssl {

enum class KeyType { rsa, ec, ed25519 };
inline constexpr KeyType key_types[] = {KeyType::rsa, KeyType::ec, KeyType::ed25519};

const char* name_of(KeyType type); ///< as EVP_PKEY_CTX_new_from_name takes it
/// Operations of token keys have names of their own; with OpenSSL's names a private operation would go to its provider, which has no key.
const char* operation_name(KeyType type);

/// The provider's side of OpenSSL: a context in which nothing but OpenSSL's own provider is, for all work on public halves.
/// Owner: the provider; ends after every key.
class Software {
public:
    Software();
    ~Software();
    Software(const Software&) = delete;
    Software& operator=(const Software&) = delete;

    OSSL_LIB_CTX* context() const { return m_context; }
    /// For descriptions: OpenSSL's own key management and signature of this type.
    EVP_KEYMGMT* management(KeyType type) const { return m_management[static_cast<std::size_t>(type)]; }
    EVP_SIGNATURE* signature(KeyType type) const { return m_signature[static_cast<std::size_t>(type)]; }
    EVP_ASYM_CIPHER* cipher() const { return m_cipher; }
    EVP_KEYEXCH* exchange() const { return m_exchange; }

private:
    OSSL_LIB_CTX* m_context;
    EVP_KEYMGMT* m_management[3]{};
    EVP_SIGNATURE* m_signature[3]{};
    EVP_ASYM_CIPHER* m_cipher;
    EVP_KEYEXCH* m_exchange;
};

struct TokenKey {
    const Software* software = nullptr;
    KeyType type = KeyType::rsa;
    std::shared_ptr<EVP_PKEY> public_half;         ///< of software->context(); may hold no more than a curve
    std::shared_ptr<PrivateOperations> operations; ///< null in a key that is only public

    /// An operation's parameters, paddings and identifiers are OpenSSL's: an operation on the public half remembers them for us.
    x509::EvpPkeyCtxPtr operation() const {
        return x509::EvpPkeyCtxPtr(public_half ? EVP_PKEY_CTX_new_from_pkey(software->context(), public_half.get(), nullptr) : nullptr);
    }
};

/// While it lives, a key pair that OpenSSL has imported on this thread gets these operations: no pointer travels through parameters,
/// which could come from elsewhere.
class Binding {
public:
    explicit Binding(std::shared_ptr<PrivateOperations> operations);
    ~Binding();
    Binding(const Binding&) = delete;
    Binding& operator=(const Binding&) = delete;
    static std::shared_ptr<PrivateOperations> current();
};

} // namespace jk::openssl
