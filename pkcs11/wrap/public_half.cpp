#include "pkcs11/wrap/public_half.hpp"

#include "pkcs11/wrap/key.hpp"
#include "pkcs11/wrap/objects.hpp"
#include "x509/openssl_ptr.hpp"

#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include <algorithm>

namespace jk::pkcs11 {
namespace {

using ParametersPtr = std::unique_ptr<OSSL_PARAM, x509::Deleter<OSSL_PARAM_free>>;
using BuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, x509::Deleter<OSSL_PARAM_BLD_free>>;

Bytes spki(EVP_PKEY* key) {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    const x509::OpensslBytes owner(der);
    return size > 0 ? Bytes(der, der + size) : Bytes();
}

Bytes written(const char* kind, OSSL_PARAM_BLD* builder) {
    const ParametersPtr parameters(OSSL_PARAM_BLD_to_param(builder));
    const x509::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
    EVP_PKEY* made = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
        x509::openssl_fault();
        return {};
    }
    const x509::EvpPkeyPtr key(made);
    return spki(key.get());
}

Bytes rsa(const Session& session, CK_OBJECT_HANDLE handle) {
    const auto shown = attributes(session, handle, {{CKA_MODULUS, 1024}, {CKA_PUBLIC_EXPONENT, 16}});
    if (!shown[0] || !shown[1]) return {};
    const auto number = [](const Bytes& bytes) { return x509::BignumPtr(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr)); };
    const auto n = number(*shown[0]), e = number(*shown[1]);
    const BuilderPtr builder(OSSL_PARAM_BLD_new());
    if (!n || !e || !builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        return {};
    return written("RSA", builder.get());
}

/// CKA_EC_POINT is a DER OCTET STRING around the point (v2.40, 2.3.3); some tokens leave the wrapping out.
ByteView unwrapped(ByteView shown) {
    const std::size_t header = shown.size() > 2 && shown[1] < 0x80 ? 2 : 3;
    const std::size_t length = header == 2 ? (shown.size() > 1 ? shown[1] : 0) : (shown.size() > 2 && shown[1] == 0x81 ? shown[2] : 0);
    if (shown.size() > header && shown[0] == 0x04 && shown.size() == header + length && shown[header] == 0x04) return shown.subspan(header);
    return shown;
}

Bytes ec(const Session& session, CK_OBJECT_HANDLE handle) {
    const auto shown = attributes(session, handle, {{CKA_EC_PARAMS, 64}, {CKA_EC_POINT, 256}});
    if (!shown[0] || !shown[1]) return {};
    const unsigned char* at = shown[0]->data();
    using ObjectPtr = std::unique_ptr<ASN1_OBJECT, x509::Deleter<ASN1_OBJECT_free>>;
    const ObjectPtr curve(d2i_ASN1_OBJECT(nullptr, &at, static_cast<long>(shown[0]->size())));
    const int nid = curve ? OBJ_obj2nid(curve.get()) : NID_undef;
    if (nid == NID_undef) {
        x509::openssl_fault();
        return {};
    }
    const auto point = unwrapped(*shown[1]);
    const BuilderPtr builder(OSSL_PARAM_BLD_new());
    if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, OBJ_nid2sn(nid), 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1)
        return {};
    return written("EC", builder.get());
}

/// CKA_EC_POINT of Ed25519: the 32 octets of RFC 8032, in an OCTET STRING (v3.0 2.3.5) or bare.
Bytes ed25519(const Session& session, CK_OBJECT_HANDLE handle) {
    const auto shown = attribute(session, handle, CKA_EC_POINT);
    if (!shown) return {};
    const bool wrapped = shown->size() == 34 && (*shown)[0] == 0x04 && (*shown)[1] == 32;
    const auto point = ByteView(*shown).subspan(wrapped ? 2 : 0);
    const x509::EvpPkeyPtr key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, point.data(), point.size()));
    if (!key) {
        x509::openssl_fault();
        return {};
    }
    return spki(key.get());
}

} // namespace

Bytes public_half(const Session& session, CK_OBJECT_HANDLE public_key) {
    const auto type = show_key(session, public_key).type;
    if (type == CKK_RSA) return rsa(session, public_key);
    if (type == CKK_EC_EDWARDS) return ed25519(session, public_key);
    return type == CKK_EC ? ec(session, public_key) : Bytes();
}

} // namespace jk::pkcs11
