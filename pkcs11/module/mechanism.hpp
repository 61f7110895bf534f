// Mechanisms that sign and verify: which digest of which function goes to the key. Every way ends in a digest whose function is known, or with
// CKM_EDDSA in the message itself; CKM_RSA_X_509 and bare bytes are not among them.
#pragma once
#include "jurukunci/key_task.hpp"
#include "pkcs11/module/pkcs11.hpp"

#include <openssl/evp.h>

#include <memory>
#include <optional>
#include <variant>

namespace jk::pkcs11::module {

struct FreeHash {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using HashPtr = std::unique_ptr<EVP_MD_CTX, FreeHash>;

const EVP_MD* md_of(HashFunction hash);
/// CKM_SHA256 and its sisters.
std::optional<HashFunction> hash_of(CK_MECHANISM_TYPE type);

using ToSign = std::variant<DigestToSign, MessageToSign>;

/// One signature to make or to verify, from its mechanism to what is signed.
class SignatureInput {
public:
    /// CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID, CKR_KEY_TYPE_INCONSISTENT.
    static CK_RV begin(const CK_MECHANISM& mechanism, CK_KEY_TYPE key, SignatureInput& input);
    CK_RV add(ByteView data);
    /// CKR_DATA_LEN_RANGE or CKR_DATA_INVALID where the bytes are no digest that the mechanism takes. Once.
    CK_RV finish(ToSign& to_sign);

private:
    Mechanism m_mechanism;
    std::optional<HashFunction> m_function; ///< said by the mechanism; otherwise the digest itself says it
    HashPtr m_hash;                         ///< of mechanisms that hash
    Bytes m_bytes;                          ///< of those that do not: the DigestInfo or digest that the program made, or Ed25519's message
};

} // namespace jk::pkcs11::module
