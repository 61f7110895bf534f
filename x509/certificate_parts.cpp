#include "x509/certificate_parts.hpp"

#include "x509/openssl_ptr.hpp"
#include "x509/read_certificate.hpp"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

namespace jk::x509 {
namespace {

/// What an i2d function writes.
template <class Write, class Thing> Bytes der_of(Write write, const Thing* thing) {
    unsigned char* out = nullptr;
    const int size = write(thing, &out);
    const OpensslBytes owner(out);
    return size > 0 ? Bytes(out, out + size) : Bytes();
}

Bytes number_of(const EVP_PKEY* key, const char* name) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return {};
    const BignumPtr owner(number);
    Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number)));
    BN_bn2bin(number, bytes.data());
    return bytes;
}

Bytes curve_of(const EVP_PKEY* key) {
    char name[80];
    std::size_t size = 0;
    if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name, sizeof name, &size) != 1) return {};
    const int nid = OBJ_sn2nid(name) != NID_undef ? OBJ_sn2nid(name) : EC_curve_nist2nid(name);
    const auto* oid = OBJ_nid2obj(nid);
    return oid != nullptr ? der_of([](const ASN1_OBJECT* o, unsigned char** out) { return i2d_ASN1_OBJECT(o, out); }, oid) : Bytes();
}

} // namespace

Outcome<CertificateParts> parts_of(const Certificate& certificate) {
    const auto x509 = to_x509(certificate);
    const EVP_PKEY* key = x509 ? X509_get0_pubkey(x509.get()) : nullptr;
    if (key == nullptr) return Error{Errc::certificate_unknown, "cannot be taken apart: " + openssl_fault()};
    const auto name = [](const X509_NAME* n, unsigned char** out) { return i2d_X509_NAME(n, out); };
    CertificateParts parts;
    parts.subject = der_of(name, X509_get_subject_name(x509.get()));
    parts.issuer = der_of(name, X509_get_issuer_name(x509.get()));
    parts.serial = der_of([](const ASN1_INTEGER* i, unsigned char** out) { return i2d_ASN1_INTEGER(i, out); }, X509_get0_serialNumber(x509.get()));
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
        parts.modulus = number_of(key, OSSL_PKEY_PARAM_RSA_N);
        parts.exponent = number_of(key, OSSL_PKEY_PARAM_RSA_E);
    } else if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC) {
        parts.ec_parameters = curve_of(key);
    } else if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) {
        parts.ec_parameters = der_of([](const ASN1_OBJECT* o, unsigned char** out) { return i2d_ASN1_OBJECT(o, out); }, OBJ_nid2obj(NID_ED25519));
    }
    return parts;
}

} // namespace jk::x509
