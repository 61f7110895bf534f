#include "agent/doors/pkcs11/objects.hpp"

#include "x509/certificate_parts.hpp"

#include <p11-kit/pkcs11.h>

#include <map>

namespace jk::doors {
namespace {

using pkcs11::frames::Attributes;
using pkcs11::frames::Object;

/// What is in all objects of one certificate.
struct Subject {
    const Certificate& certificate;
    const x509::CertificateParts& parts;
    Bytes id;
};

void number(Attributes& to, CK_ATTRIBUTE_TYPE type, std::uint64_t value) {
    Bytes bytes(8);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
    to.emplace_back(type, std::move(bytes));
}
void flag(Attributes& to, CK_ATTRIBUTE_TYPE type, bool value) { to.emplace_back(type, Bytes{static_cast<std::uint8_t>(value ? CK_TRUE : CK_FALSE)}); }
void bytes(Attributes& to, CK_ATTRIBUTE_TYPE type, ByteView value) { to.emplace_back(type, Bytes(value.begin(), value.end())); }

/// CK_DATE: "YYYYMMDD".
Bytes date_of(WallTime time) {
    auto text = rfc3339(time).substr(0, 10);
    std::erase(text, '-');
    const auto view = bytes_of(text);
    return {view.begin(), view.end()};
}

Attributes common(const Subject& of, CK_OBJECT_CLASS kind, bool is_private) {
    Attributes a;
    number(a, CKA_CLASS, kind);
    flag(a, CKA_TOKEN, true);
    flag(a, CKA_PRIVATE, is_private);
    flag(a, CKA_MODIFIABLE, false);
    bytes(a, CKA_LABEL, bytes_of(of.certificate.common_name));
    bytes(a, CKA_ID, of.id);
    bytes(a, CKA_SUBJECT, of.parts.subject);
    return a;
}

Object certificate_object(const Subject& of) {
    auto a = common(of, CKO_CERTIFICATE, false);
    number(a, CKA_CERTIFICATE_TYPE, CKC_X_509);
    number(a, CKA_CERTIFICATE_CATEGORY, of.certificate.is_ca ? 2 : 1); // authority, token user (v2.40 4.6.2)
    flag(a, CKA_TRUSTED, false);
    bytes(a, CKA_ISSUER, of.parts.issuer);
    bytes(a, CKA_SERIAL_NUMBER, of.parts.serial);
    bytes(a, CKA_VALUE, of.certificate.der);
    bytes(a, CKA_START_DATE, date_of(of.certificate.not_before));
    bytes(a, CKA_END_DATE, date_of(of.certificate.not_after));
    return {of.certificate.id, std::move(a)};
}

/// CKA_EC_POINT: the point in a DER OCTET STRING (v2.40 2.3.3).
Bytes ec_point(const Bytes& point) {
    Bytes der{0x04};
    if (point.size() >= 128) der.push_back(0x81);
    der.push_back(static_cast<std::uint8_t>(point.size()));
    der.insert(der.end(), point.begin(), point.end());
    return der;
}

void public_half(Attributes& a, const Subject& of) {
    if (of.certificate.key_kind == KeyKind::rsa) {
        number(a, CKA_KEY_TYPE, CKK_RSA);
        bytes(a, CKA_MODULUS, of.parts.modulus);
        bytes(a, CKA_PUBLIC_EXPONENT, of.parts.exponent);
    } else {
        number(a, CKA_KEY_TYPE, of.certificate.key_kind == KeyKind::ed25519 ? CKK_EC_EDWARDS : CKK_EC);
        bytes(a, CKA_EC_PARAMS, of.parts.ec_parameters);
        bytes(a, CKA_EC_POINT, ec_point(of.certificate.public_key));
    }
    flag(a, CKA_LOCAL, true);
    bytes(a, CKA_START_DATE, date_of(of.certificate.not_before));
    bytes(a, CKA_END_DATE, date_of(of.certificate.not_after));
}

Object public_key_object(const Subject& of) {
    auto a = common(of, CKO_PUBLIC_KEY, false);
    public_half(a, of);
    if (of.certificate.key_kind == KeyKind::rsa) number(a, CKA_MODULUS_BITS, static_cast<std::uint64_t>(of.certificate.key_bits));
    flag(a, CKA_VERIFY, true);
    for (const auto never : {CKA_ENCRYPT, CKA_VERIFY_RECOVER, CKA_WRAP, CKA_TRUSTED, CKA_DERIVE})
        flag(a, never, false); // programs encrypt by themselves
    return {of.certificate.id, std::move(a)};
}

Object private_key_object(const Subject& of, const policy::KeyForProgram& may) {
    auto a = common(of, CKO_PRIVATE_KEY, true);
    public_half(a, of);
    for (const auto always : {CKA_SENSITIVE, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE}) flag(a, always, true);
    for (const auto never : {CKA_EXTRACTABLE, CKA_SIGN_RECOVER, CKA_UNWRAP, CKA_WRAP_WITH_TRUSTED}) flag(a, never, false);
    flag(a, CKA_SIGN, may.sign);
    const bool rsa = of.certificate.key_kind == KeyKind::rsa; // an EC key opens by agreeing on a secret
    flag(a, CKA_DECRYPT, may.decrypt && rsa);
    flag(a, CKA_DERIVE, may.decrypt && !rsa);
    flag(a, CKA_ALWAYS_AUTHENTICATE, may.each_asked);
    return {of.certificate.id, std::move(a)};
}

} // namespace

std::vector<Object> objects_of(const policy::Profile& profile, const TokenInfo& token, Seen seen, WallTime now) {
    std::vector<Object> all;
    for (const auto& certificate : token.certificates) {
        const auto parts = x509::parts_of(*certificate);
        if (!parts) continue;
        const auto hash = sha256(certificate->public_key);
        const Subject subject{*certificate, *parts, Bytes(hash.value().begin(), hash.value().begin() + 20)};
        all.push_back(certificate_object(subject));
        if (certificate->mechanisms.empty() && certificate->key_kind != KeyKind::ed25519) continue; // no key that we know how to use
        all.push_back(public_key_object(subject));
        if (seen != Seen::logged_in) continue;
        const auto may = policy::judge_key_for_program(profile, certificate, token.certificates, now);
        if (may) all.push_back(private_key_object(subject, *may));
    }
    return all;
}

} // namespace jk::doors
