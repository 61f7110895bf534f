#include "tests/support/demo_ca.hpp"

#include "x509/read_certificate.hpp"

#include <openssl/pem.h>
#include <openssl/rand.h>

#include <stdexcept>

namespace jk::test {
namespace {

void must(bool ok, const char* what) {
    if (!ok) throw std::runtime_error(std::string(what) + ": " + x509::openssl_fault());
}

std::time_t seconds(WallTime time) {
    return std::chrono::system_clock::to_time_t(std::chrono::time_point_cast<std::chrono::system_clock::duration>(time));
}

void set_name(X509_NAME* name, const std::string& organization, const std::string& common_name) {
    const auto add = [&](const char* field, const std::string& value) {
        must(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()),
                                        static_cast<int>(value.size()), -1, 0) == 1,
             field);
    };
    add("C", "ID");
    add("O", organization);
    add("CN", common_name);
}

void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, value.c_str());
    X509_EXTENSION_free(extension);
}

x509::X509Ptr draft(EVP_PKEY* key, const CertificateWish& wish) {
    x509::X509Ptr certificate(X509_new());
    must(X509_set_version(certificate.get(), X509_VERSION_3) == 1, "version");
    std::uint8_t serial[8];
    RAND_bytes(serial, sizeof serial);
    serial[0] = (serial[0] & 0x3f) | 0x40; // positive, always eight octets
    const x509::BignumPtr number(BN_bin2bn(serial, sizeof serial, nullptr));
    must(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get())) != nullptr, "serial");
    const auto now = SystemClock().now();
    const auto from = wish.not_before == WallTime{} ? now - std::chrono::hours(1) : wish.not_before;
    const auto to = wish.not_after == WallTime{} ? now + std::chrono::hours(24 * 365) : wish.not_after;
    must(ASN1_TIME_set(X509_getm_notBefore(certificate.get()), seconds(from)) != nullptr, "notBefore");
    must(ASN1_TIME_set(X509_getm_notAfter(certificate.get()), seconds(to)) != nullptr, "notAfter");
    set_name(X509_get_subject_name(certificate.get()), wish.organization, wish.common_name);
    must(X509_set_pubkey(certificate.get(), key) == 1, "public key");
    return certificate;
}

Bytes sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
    must(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1, "issuer");
    must(X509_sign(certificate, issuer_key, EVP_sha256()) > 0, "X509_sign");
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate, &der);
    must(size > 0, "i2d_X509");
    const x509::OpensslBytes owner(der);
    return {der, der + size};
}

CertificateRef read(const Bytes& der) {
    auto certificate = x509::read_certificate(der);
    if (!certificate) throw std::runtime_error(certificate.error().detail);
    return *certificate;
}

} // namespace

x509::EvpPkeyPtr make_key(const std::string& kind) {
    x509::EvpPkeyPtr key;
    if (kind.starts_with("rsa")) key.reset(EVP_RSA_gen(static_cast<unsigned>(std::stoi(kind.substr(3)))));
    if (kind == "p256") key.reset(EVP_EC_gen("P-256"));
    if (kind == "p384") key.reset(EVP_EC_gen("P-384"));
    if (kind == "p521") key.reset(EVP_EC_gen("P-521"));
    if (kind == "ed25519") key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    must(key != nullptr, kind.c_str());
    return key;
}

std::string pem_of(const Certificate& certificate) {
    const auto x509 = x509::to_x509(certificate);
    const x509::BioPtr bio(BIO_new(BIO_s_mem()));
    must(PEM_write_bio_X509(bio.get(), x509.get()) == 1, "PEM");
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(EVP_PKEY* key) {
    const x509::BioPtr bio(BIO_new(BIO_s_mem()));
    must(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1, "PEM");
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

DemoCa DemoCa::create(const std::string& name) {
    DemoCa ca;
    ca.m_root_key = make_key("p256");
    ca.m_issuing_key = make_key("p256");
    const auto ten_years = SystemClock().now() + std::chrono::hours(24 * 3650);
    const auto root =
        draft(ca.m_root_key.get(), {.common_name = name + " Akar", .organization = "Jurukunci, hanya untuk uji", .not_after = ten_years});
    extend(root.get(), root.get(), NID_basic_constraints, "critical,CA:TRUE");
    extend(root.get(), root.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    extend(root.get(), root.get(), NID_subject_key_identifier, "hash");
    ca.m_root = read(sign(root.get(), root.get(), ca.m_root_key.get()));
    const auto issuing = draft(ca.m_issuing_key.get(), {.common_name = name, .organization = "Jurukunci, hanya untuk uji", .not_after = ten_years});
    extend(issuing.get(), root.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    extend(issuing.get(), root.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    extend(issuing.get(), root.get(), NID_subject_key_identifier, "hash");
    extend(issuing.get(), root.get(), NID_authority_key_identifier, "keyid");
    ca.m_issuing = read(sign(issuing.get(), root.get(), ca.m_root_key.get()));
    return ca;
}

Bytes DemoCa::certify(EVP_PKEY* key, const CertificateWish& wish) const {
    const auto issuer = x509::to_x509(*m_issuing);
    const auto certificate = draft(key, wish);
    extend(certificate.get(), issuer.get(), NID_basic_constraints, wish.basic_constraints);
    if (!wish.key_usage.empty()) extend(certificate.get(), issuer.get(), NID_key_usage, wish.key_usage);
    if (!wish.extended_key_usage.empty()) extend(certificate.get(), issuer.get(), NID_ext_key_usage, wish.extended_key_usage);
    extend(certificate.get(), issuer.get(), NID_subject_key_identifier, "hash");
    extend(certificate.get(), issuer.get(), NID_authority_key_identifier, "keyid");
    if (!wish.ocsp_url.empty()) extend(certificate.get(), issuer.get(), NID_info_access, "OCSP;URI:" + wish.ocsp_url);
    if (!wish.crl_url.empty()) extend(certificate.get(), issuer.get(), NID_crl_distribution_points, "URI:" + wish.crl_url);
    return sign(certificate.get(), issuer.get(), m_issuing_key.get());
}

std::string DemoCa::root_pem() const { return pem_of(*m_root); }
std::string DemoCa::issuing_pem() const { return pem_of(*m_issuing); }
std::string DemoCa::issuing_key_pem() const { return pem_of(m_issuing_key.get()); }

} // namespace jk::test
