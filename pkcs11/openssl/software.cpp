#include "pkcs11/openssl/token_key.hpp"

#include <stdexcept>

namespace jk::openssl {

Software::Software() : m_context(OSSL_LIB_CTX_new()) {
    if (m_context == nullptr) throw std::runtime_error("OSSL_LIB_CTX_new");
    for (const auto type : key_types) {
        const auto i = static_cast<std::size_t>(type);
        m_management[i] = EVP_KEYMGMT_fetch(m_context, name_of(type), nullptr);
        m_signature[i] = EVP_SIGNATURE_fetch(m_context, type == KeyType::ec ? "ECDSA" : name_of(type), nullptr);
    }
    m_cipher = EVP_ASYM_CIPHER_fetch(m_context, "RSA", nullptr);
    m_exchange = EVP_KEYEXCH_fetch(m_context, "ECDH", nullptr);
}

Software::~Software() {
    EVP_KEYEXCH_free(m_exchange);
    EVP_ASYM_CIPHER_free(m_cipher);
    for (auto* signature : m_signature) EVP_SIGNATURE_free(signature);
    for (auto* management : m_management) EVP_KEYMGMT_free(management);
    OSSL_LIB_CTX_free(m_context);
}

} // namespace jk::openssl
