#include "pkcs11/wrap/decrypt.hpp"

#include "pkcs11/wrap/ck_result.hpp"

namespace jk::pkcs11 {
namespace {

constexpr std::size_t largest_plaintext = 1024; ///< RSA-8192

CK_RSA_PKCS_OAEP_PARAMS oaep_of(Hiding hiding) {
    switch (hiding) {
    case Hiding::oaep_sha1: return {CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, nullptr, 0};
    case Hiding::oaep_sha256: return {CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, nullptr, 0};
    case Hiding::oaep_sha384: return {CKM_SHA384, CKG_MGF1_SHA384, CKZ_DATA_SPECIFIED, nullptr, 0};
    case Hiding::oaep_sha512: return {CKM_SHA512, CKG_MGF1_SHA512, CKZ_DATA_SPECIFIED, nullptr, 0};
    case Hiding::pkcs1_v15: break;
    }
    return {};
}

/// What the bytes were not made for, whatever the token calls it: the program is told one thing only, so that it learns nothing of the padding.
bool is_about_the_bytes(CK_RV rv) {
    return rv == CKR_ENCRYPTED_DATA_INVALID || rv == CKR_ENCRYPTED_DATA_LEN_RANGE || rv == CKR_DATA_INVALID || rv == CKR_DATA_LEN_RANGE ||
           rv == CKR_GENERAL_ERROR || rv == CKR_FUNCTION_FAILED;
}

} // namespace

Outcome<Bytes> decrypt(const Session& session, const PrivateKey& key, const Ciphertext& ciphertext, const Secret* pin) {
    const auto& functions = session.module().functions();
    auto oaep = oaep_of(ciphertext.hiding);
    CK_MECHANISM how{CKM_RSA_PKCS, nullptr, 0};
    if (ciphertext.hiding != Hiding::pkcs1_v15) how = {CKM_RSA_PKCS_OAEP, &oaep, sizeof oaep};

    const bool on_pin_pad = key.custody.always_authenticate && pin == nullptr;
    const CallMark mark(session.module().board(), session.lane(), on_pin_pad ? Call::login_on_pin_pad : Call::sign);
    if (const CK_RV rv = functions.C_DecryptInit(session.handle(), &how, key.handle); rv != CKR_OK) return ck_error("C_DecryptInit", rv);
    if (key.custody.always_authenticate) {
        const ByteView typed = pin != nullptr ? pin->expose() : ByteView{};
        const CK_RV rv = functions.C_Login(session.handle(), CKU_CONTEXT_SPECIFIC, const_cast<CK_UTF8CHAR*>(typed.data()), typed.size());
        if (rv != CKR_OK) return ck_error("C_Login (CKU_CONTEXT_SPECIFIC)", rv);
    }
    Bytes plaintext(largest_plaintext);
    CK_ULONG size = plaintext.size();
    auto* input = const_cast<CK_BYTE*>(ciphertext.value.data());
    const CK_RV rv = functions.C_Decrypt(session.handle(), input, ciphertext.value.size(), plaintext.data(), &size);
    if (is_about_the_bytes(rv)) return Error{Errc::decryption_failed, "C_Decrypt: " + name_of(rv)};
    if (rv != CKR_OK) return ck_error("C_Decrypt", rv);
    if (size > plaintext.size())
        return Error{Errc::token_failed, "C_Decrypt gave an impossible length"}.with("function", "C_Decrypt").with("result", "length");
    plaintext.resize(size);
    return plaintext;
}

} // namespace jk::pkcs11
