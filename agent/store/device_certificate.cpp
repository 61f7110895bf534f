#include "agent/store/device_certificate.hpp"

#include "jurukunci/digest.hpp"
#include "jurukunci/encoding.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace jk::store {
namespace {

struct Fault {};

void need(bool holds) {
    if (!holds) throw Fault{};
}

void add(X509* certificate, X509* issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    need(added);
}

void name(X509_NAME* into, const std::string& common_name) {
    need(X509_NAME_add_entry_by_txt(into, "O", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>("Jurukunci"), -1, -1, 0) == 1);
    need(X509_NAME_add_entry_by_txt(into, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0) == 1);
}

void serial(X509* certificate, const std::string& hex) {
    BIGNUM* number = nullptr;
    need(BN_hex2bn(&number, hex.c_str()) > 0);
    const x509::BignumPtr owner(number);
    need(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr);
}

std::string pem_of(X509* certificate) {
    const x509::BioPtr bio(BIO_new(BIO_s_mem()));
    need(bio && PEM_write_bio_X509(bio.get(), certificate) == 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return std::string(text, static_cast<std::size_t>(size));
}

std::string device_name(const DeviceKey& key) { return sha256(key.public_key()).hex().substr(0, 32); }

x509::X509Ptr make_device(const DeviceKey& key) {
    x509::X509Ptr certificate(X509_new());
    need(certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1);
    serial(certificate.get(), "01" + device_name(key).substr(0, 30));
    name(X509_get_subject_name(certificate.get()), device_name(key));
    need(X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get())) == 1);
    // No clock: the same certificate at every call, and RFC 5280 4.1.2.5's "no well-defined expiration".
    need(ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate.get()), "20200101000000Z") == 1);
    need(ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate.get()), "99991231235959Z") == 1);
    need(X509_set_pubkey(certificate.get(), key.issuer()) == 1);
    add(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add(certificate.get(), certificate.get(), NID_key_usage, "critical,keyCertSign");
    add(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash");
    need(X509_sign(certificate.get(), key.issuer(), nullptr) > 0);
    return certificate;
}

Error refused() { return Error{Errc::device_failed, "device certificate: " + x509::openssl_fault()}.with("reason", "device certificate"); }

} // namespace

Outcome<std::string> device_certificate(const DeviceKey& key) {
    try {
        return pem_of(make_device(key).get());
    } catch (const Fault&) {
        return refused();
    }
}

Outcome<DeliveryIdentity> delivery_identity(const DeviceKey& key, WallTime now) {
    try {
        const auto device = make_device(key);
        const x509::EvpPkeyPtr fresh(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
        const x509::X509Ptr certificate(X509_new());
        need(fresh && certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1);
        serial(certificate.get(), "01" + to_hex(bytes_of(random_id(12))).substr(0, 30));
        name(X509_get_subject_name(certificate.get()), device_name(key) + " delivery");
        need(X509_set_issuer_name(certificate.get(), X509_get_subject_name(device.get())) == 1);
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
        need(ASN1_TIME_set(X509_getm_notBefore(certificate.get()), seconds - 86'400) != nullptr);
        need(ASN1_TIME_set(X509_getm_notAfter(certificate.get()), seconds + 86'400) != nullptr);
        need(X509_set_pubkey(certificate.get(), fresh.get()) == 1);
        add(certificate.get(), device.get(), NID_basic_constraints, "critical,CA:FALSE");
        add(certificate.get(), device.get(), NID_key_usage, "critical,digitalSignature");
        add(certificate.get(), device.get(), NID_ext_key_usage, "clientAuth");
        add(certificate.get(), device.get(), NID_authority_key_identifier, "keyid");
        need(X509_sign(certificate.get(), key.issuer(), nullptr) > 0);
        const x509::BioPtr bio(BIO_new(BIO_s_mem()));
        need(bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), fresh.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
        char* text = nullptr;
        const long size = BIO_get_mem_data(bio.get(), &text);
        return DeliveryIdentity{pem_of(certificate.get()) + pem_of(device.get()), std::string(text, static_cast<std::size_t>(size))};
    } catch (const Fault&) {
        return refused();
    }
}

} // namespace jk::store
