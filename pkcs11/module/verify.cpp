// C_Verify*: with the public key of the certificate, here. The token and the agent are not asked.
#include "pkcs11/module/entry.hpp"

#include <algorithm>

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

using namespace jk::pkcs11::module;
namespace frames = jk::pkcs11::frames;

namespace {

template <auto Free> struct Freed {
    template <class T> void operator()(T* p) const noexcept { Free(p); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using ContextPtr = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using MdContextPtr = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;
using EcdsaPtr = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

/// r‖s to DER; empty if it cannot be.
jk::Bytes der_of(jk::ByteView raw) {
    const EcdsaPtr signature(ECDSA_SIG_new());
    const auto half = static_cast<int>(raw.size() / 2);
    BIGNUM *r = BN_bin2bn(raw.data(), half, nullptr), *s = BN_bin2bn(raw.data() + half, half, nullptr);
    if (!signature || r == nullptr || s == nullptr || ECDSA_SIG_set0(signature.get(), r, s) != 1) return BN_free(r), BN_free(s), jk::Bytes();
    jk::Bytes der(static_cast<std::size_t>(std::max(0, i2d_ECDSA_SIG(signature.get(), nullptr))));
    unsigned char* out = der.data();
    if (!der.empty()) i2d_ECDSA_SIG(signature.get(), &out);
    return der;
}

KeyPtr key_in(const frames::Object& certificate) {
    const auto der = value_of(certificate, CKA_VALUE);
    const unsigned char* data = der ? der->data() : nullptr;
    const X509Ptr x509(der ? d2i_X509(nullptr, &data, static_cast<long>(der->size())) : nullptr);
    return KeyPtr(x509 ? X509_get_pubkey(x509.get()) : nullptr);
}

bool verifies(const KeyPtr& key, const jk::MessageToSign& signed_, jk::ByteView signature) {
    const MdContextPtr context(EVP_MD_CTX_new());
    const auto& message = signed_.message;
    return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

bool verifies(const KeyPtr& key, const jk::DigestToSign& signed_, jk::ByteView signature) {
    const ContextPtr context(key ? EVP_PKEY_CTX_new(key.get(), nullptr) : nullptr);
    const auto* md = md_of(signed_.digest.hash());
    if (!context || EVP_PKEY_verify_init(context.get()) != 1 || EVP_PKEY_CTX_set_signature_md(context.get(), md) != 1) return false;
    if (signed_.mechanism.key == jk::KeyKind::rsa) {
        const bool pss = signed_.mechanism.padding == jk::Padding::pss;
        if (EVP_PKEY_CTX_set_rsa_padding(context.get(), pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) != 1) return false;
        if (pss && EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_DIGEST) != 1) return false;
    }
    const auto converted = signed_.mechanism.key == jk::KeyKind::ec ? der_of(signature) : jk::Bytes(signature.begin(), signature.end());
    const auto digest = signed_.digest.value();
    return EVP_PKEY_verify(context.get(), converted.data(), converted.size(), digest.data(), digest.size()) == 1;
}

CK_RV finish(Session& session, CK_BYTE* signature, CK_ULONG size) {
    auto ended = std::move(*session.verify);
    session.verify.reset();
    if (size != ended.size) return CKR_SIGNATURE_LEN_RANGE;
    ToSign to_sign;
    if (const CK_RV rv = ended.input.finish(to_sign); rv != CKR_OK) return rv;
    const auto key = key_in(ended.certificate->object);
    const bool good = std::visit([&](const auto& what) { return verifies(key, what, {signature, size}); }, to_sign);
    return good ? CKR_OK : CKR_SIGNATURE_INVALID;
}

} // namespace

CK_RV C_VerifyInit(CK_SESSION_HANDLE handle, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
    return in_session(handle, [&](Application& application, Session& session) -> CK_RV {
        if (mechanism == nullptr) return CKR_ARGUMENTS_BAD;
        if (session.verify) return CKR_OPERATION_ACTIVE;
        const auto object = application.object(session.slot, key);
        if (!object || number_of(object->object, CKA_CLASS, CKO_DATA) != CKO_PUBLIC_KEY) return CKR_KEY_HANDLE_INVALID;
        VerifyOperation operation;
        const auto type = number_of(object->object, CKA_KEY_TYPE, CKK_GENERIC_SECRET);
        if (const CK_RV rv = SignatureInput::begin(*mechanism, type, operation.input); rv != CKR_OK) return rv;
        operation.certificate = application.certificate_of(*object);
        if (!operation.certificate) return CKR_KEY_HANDLE_INVALID;
        operation.size = signature_size(object->object);
        session.verify = std::move(operation);
        return CKR_OK;
    });
}

CK_RV C_Verify(CK_SESSION_HANDLE handle, CK_BYTE* data, CK_ULONG data_size, CK_BYTE* signature, CK_ULONG size) {
    return in_session(handle, [&](Application&, Session& session) -> CK_RV {
        if (!session.verify) return CKR_OPERATION_NOT_INITIALIZED;
        if (signature == nullptr || (data == nullptr && data_size > 0)) return session.verify.reset(), CKR_ARGUMENTS_BAD;
        if (const CK_RV rv = session.verify->input.add({data, data_size}); rv != CKR_OK) return session.verify.reset(), rv;
        return finish(session, signature, size);
    });
}

CK_RV C_VerifyUpdate(CK_SESSION_HANDLE handle, CK_BYTE* part, CK_ULONG size) {
    return in_session(handle, [&](Application&, Session& session) -> CK_RV {
        if (!session.verify) return CKR_OPERATION_NOT_INITIALIZED;
        if (part == nullptr && size > 0) return session.verify.reset(), CKR_ARGUMENTS_BAD;
        const CK_RV rv = session.verify->input.add({part, size});
        if (rv != CKR_OK) session.verify.reset();
        return rv;
    });
}

CK_RV C_VerifyFinal(CK_SESSION_HANDLE handle, CK_BYTE* signature, CK_ULONG size) {
    return in_session(handle, [&](Application&, Session& session) -> CK_RV {
        if (!session.verify) return CKR_OPERATION_NOT_INITIALIZED;
        if (signature == nullptr) return session.verify.reset(), CKR_ARGUMENTS_BAD;
        return finish(session, signature, size);
    });
}
