#include "pkcs11/wrap/derive.hpp"

#include "pkcs11/wrap/ck_result.hpp"
#include "pkcs11/wrap/objects.hpp"

namespace jk::pkcs11 {
namespace {

/// v2.40 2.3.6 lets a token want the point as it is or in a DER OCTET STRING.
Bytes in_octet_string(const Bytes& point) {
    Bytes der{0x04};
    if (point.size() >= 128) der.push_back(0x81);
    der.push_back(static_cast<std::uint8_t>(point.size()));
    der.insert(der.end(), point.begin(), point.end());
    return der;
}

CK_RV derive_from(const Session& session, const PrivateKey& key, const Bytes& point, CK_ULONG length, CK_OBJECT_HANDLE& derived) {
    CK_ECDH1_DERIVE_PARAMS parameters{CKD_NULL, 0, nullptr, point.size(), const_cast<std::uint8_t*>(point.data())};
    CK_MECHANISM how{CKM_ECDH1_DERIVE, &parameters, sizeof parameters};
    CK_OBJECT_CLASS kind = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE secret[] = {{CKA_CLASS, &kind, sizeof kind}, {CKA_KEY_TYPE, &type, sizeof type}, {CKA_TOKEN, &no, 1},
                             {CKA_SENSITIVE, &no, 1},         {CKA_EXTRACTABLE, &yes, 1},         {CKA_VALUE_LEN, &length, sizeof length}};
    return session.module().functions().C_DeriveKey(session.handle(), &how, key.handle, secret, std::size(secret), &derived);
}

bool is_about_the_point(CK_RV rv) {
    return rv == CKR_MECHANISM_PARAM_INVALID || rv == CKR_ARGUMENTS_BAD || rv == CKR_DATA_INVALID || rv == CKR_DATA_LEN_RANGE ||
           rv == CKR_GENERAL_ERROR || rv == CKR_FUNCTION_FAILED;
}

} // namespace

Outcome<Bytes> derive(const Session& session, const PrivateKey& key, const PeerPoint& peer) {
    if (key.custody.always_authenticate) return Error{Errc::mechanism_unsupported, "asks for a PIN for each operation"}.with("mechanism", "ECDH");
    const CallMark mark(session.module().board(), session.lane(), Call::sign);
    const CK_ULONG length = (peer.point.size() - 1) / 2;
    CK_OBJECT_HANDLE derived = 0;
    CK_RV rv = derive_from(session, key, peer.point, length, derived);
    if (is_about_the_point(rv)) rv = derive_from(session, key, in_octet_string(peer.point), length, derived);
    if (is_about_the_point(rv)) return Error{Errc::decryption_failed, "C_DeriveKey: " + name_of(rv)};
    if (rv != CKR_OK) return ck_error("C_DeriveKey", rv);
    auto value = attributes(session, derived, {{CKA_VALUE, 128}})[0];
    (void)session.module().functions().C_DestroyObject(session.handle(), derived);
    if (!value || value->size() != length)
        return Error{Errc::token_failed, "C_DeriveKey gave a secret of another length"}.with("function", "C_DeriveKey").with("result", "length");
    return std::move(*value);
}

} // namespace jk::pkcs11
