#include "pkcs11/wrap/key.hpp"

#include "pkcs11/wrap/ck_result.hpp"
#include "pkcs11/wrap/discovery.hpp"
#include "pkcs11/wrap/objects.hpp"

#include <openssl/asn1.h>

#include <algorithm>
#include <optional>

namespace jk::pkcs11 {
namespace {

/// The CKA_ID of the certificate that has these bytes.
Outcome<Bytes> id_of_certificate(const Session& session, const CertificateId& wanted) {
    auto objects = find(session, CKO_CERTIFICATE);
    if (!objects) return std::move(objects).error();
    for (const auto object : *objects) {
        auto shown = attributes(session, object, {{CKA_VALUE, 4096}, {CKA_ID, 128}});
        auto &value = shown[0], &id = shown[1];
        // Most tokens give the bytes as they were issued; only of others the normal form, which costs a whole parse, is looked at.
        if (!value || (sha256(*value) != wanted.sha256 && sha256(normal_form(*value)) != wanted.sha256)) continue;
        if (!id || id->empty()) return Error{Errc::key_mismatch, "the certificate object has no CKA_ID"};
        return std::move(*id);
    }
    return Error{Errc::certificate_unknown, "not on the token any more"};
}

/// The modulus in an RSAPublicKey (RFC 8017 A.1.1), without leading zeros.
std::optional<ByteView> modulus_of(ByteView public_key) {
    const unsigned char* at = public_key.data();
    long left = static_cast<long>(public_key.size());
    for (const int wanted : {V_ASN1_SEQUENCE, V_ASN1_INTEGER}) {
        const unsigned char* const end = at + left;
        int tag = 0, tag_class = 0;
        if ((ASN1_get_object(&at, &left, &tag, &tag_class, end - at) & 0x80) != 0 || tag != wanted || left > end - at) return std::nullopt;
    }
    ByteView modulus(at, static_cast<std::size_t>(left));
    while (!modulus.empty() && modulus.front() == 0) modulus = modulus.subspan(1);
    return modulus;
}

std::optional<CK_KEY_TYPE> key_type(const std::optional<Bytes>& value) {
    if (!value || value->size() != sizeof(CK_KEY_TYPE)) return std::nullopt;
    CK_KEY_TYPE type = 0;
    std::copy(value->begin(), value->end(), reinterpret_cast<std::uint8_t*>(&type));
    return type;
}

/// CKA_EC_POINT is a DER OCTET STRING around the point (v2.40, 2.3.3); some tokens leave the wrapping out.
bool same_point(ByteView shown, ByteView point) {
    if (std::ranges::equal(shown, point)) return true;
    const std::size_t header = point.size() < 128 ? 2 : 3;
    return shown.size() == point.size() + header && shown[0] == 0x04 && std::ranges::equal(shown.subspan(header), point);
}

/// Nothing when the token shows no public half: then the verification of the first signature decides.
std::optional<bool> key_matches(const Session& session, CK_OBJECT_HANDLE key, std::optional<CK_KEY_TYPE> type, ByteView id, ByteView public_key) {
    if (type == CKK_RSA) {
        const auto expected = modulus_of(public_key);
        auto modulus = attributes(session, key, {{CKA_MODULUS, 1024}})[0];
        if (!expected || !modulus) return std::nullopt;
        modulus->erase(modulus->begin(), std::ranges::find_if(*modulus, [](auto b) { return b != 0; }));
        return std::ranges::equal(*modulus, *expected);
    }
    if (type != CKK_EC && type != CKK_EC_EDWARDS) return std::nullopt;
    const auto public_keys = find(session, CKO_PUBLIC_KEY, id);
    if (!public_keys || public_keys->empty()) return std::nullopt;
    const auto point = attributes(session, public_keys->front(), {{CKA_EC_POINT, 256}})[0];
    if (!point) return std::nullopt;
    return same_point(*point, public_key);
}

} // namespace

Outcome<PrivateKey> find_key(const Session& session, const CertificateId& certificate, ByteView public_key) {
    const auto id = id_of_certificate(session, certificate);
    if (!id) return id.error();
    const auto keys = find(session, CKO_PRIVATE_KEY, ByteView(*id));
    if (!keys) return keys.error();
    if (keys->size() != 1) return Error{Errc::key_mismatch, std::to_string(keys->size()) + " private keys have the certificate's CKA_ID"};

    const auto shown = show_key(session, keys->front());
    PrivateKey key{keys->front(), shown.custody};
    const auto matches = key_matches(session, key.handle, shown.type, *id, public_key);
    if (matches.has_value() && !*matches) return Error{Errc::key_mismatch, "public halves differ"};
    key.custody.known_to_match_certificate = matches.has_value();
    return key;
}

ShownKey show_key(const Session& session, CK_OBJECT_HANDLE handle) {
    const auto shown = attributes(session, handle,
                                  {{CKA_KEY_TYPE, sizeof(CK_KEY_TYPE)},
                                   {CKA_SENSITIVE, 1},
                                   {CKA_EXTRACTABLE, 1},
                                   {CKA_ALWAYS_SENSITIVE, 1},
                                   {CKA_NEVER_EXTRACTABLE, 1},
                                   {CKA_LOCAL, 1},
                                   {CKA_ALWAYS_AUTHENTICATE, 1}});
    ShownKey key{key_type(shown[0]), {}};
    key.custody.sensitive = flag(shown[1], false);
    key.custody.extractable = flag(shown[2], true);
    key.custody.always_sensitive = flag(shown[3], false);
    key.custody.never_extractable = flag(shown[4], false);
    key.custody.local = flag(shown[5], false);
    key.custody.always_authenticate = flag(shown[6], false);
    return key;
}

} // namespace jk::pkcs11
