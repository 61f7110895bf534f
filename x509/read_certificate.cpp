#include "x509/read_certificate.hpp"

#include "jurukunci/encoding.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <ctime>

namespace jk::x509 {
namespace {

Error unreadable(std::string why) { return {Errc::request_malformed, "certificate: " + std::move(why)}; }

std::string bio_text(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size > 0 ? size : 0)};
}

std::string common_name_of(const X509_NAME* name) {
    const int place = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (place < 0) return {};
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, place)));
    if (size < 0) return {};
    const OpensslBytes owner(utf8);
    return {reinterpret_cast<char*>(utf8), static_cast<std::size_t>(size)};
}

std::optional<WallTime> time_of(const ASN1_TIME* time) {
    std::tm broken{};
    if (ASN1_TIME_to_tm(time, &broken) != 1) return std::nullopt;
    return WallTime(std::chrono::seconds(timegm(&broken)));
}

KeyUsage key_usage_of(X509* certificate) {
    KeyUsage usage;
    if ((X509_get_extension_flags(certificate) & EXFLAG_KUSAGE) == 0) return usage;
    const auto bits = X509_get_key_usage(certificate);
    usage.present = true;
    usage.digital_signature = (bits & KU_DIGITAL_SIGNATURE) != 0;
    usage.non_repudiation = (bits & KU_NON_REPUDIATION) != 0;
    usage.key_encipherment = (bits & KU_KEY_ENCIPHERMENT) != 0;
    usage.key_agreement = (bits & KU_KEY_AGREEMENT) != 0;
    usage.key_cert_sign = (bits & KU_KEY_CERT_SIGN) != 0;
    return usage;
}

std::vector<Mechanism> mechanisms_of(KeyKind kind, int bits) {
    if (kind == KeyKind::ec) {
        const auto hash = bits <= 256 ? HashFunction::sha256 : bits <= 384 ? HashFunction::sha384 : HashFunction::sha512;
        std::vector<Mechanism> all{{KeyKind::ec, hash, Padding::none}}; // the curve's usual partner first
        // Never a hash longer than the group order: CKM_ECDSA would need it cut, and tokens differ in who cuts.
        for (auto shorter : {HashFunction::sha384, HashFunction::sha256})
            if (shorter < hash) all.push_back({KeyKind::ec, shorter, Padding::none});
        return all;
    }
    std::vector<Mechanism> all;
    for (auto padding : {Padding::pkcs1_v15, Padding::pss})
        for (auto hash : {HashFunction::sha256, HashFunction::sha384, HashFunction::sha512}) all.push_back({KeyKind::rsa, hash, padding});
    return all;
}

} // namespace

std::string openssl_fault() {
    const auto code = ERR_peek_last_error();
    ERR_clear_error();
    if (code == 0) return "no reason given";
    char text[256];
    ERR_error_string_n(code, text, sizeof text);
    return text;
}

std::string name_text(const X509_NAME* name) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    return bio_text(bio.get());
}

namespace {

std::vector<std::string> extended_purposes_of(X509* certificate) {
    using ExtendedKeyUsagePtr = std::unique_ptr<EXTENDED_KEY_USAGE, Deleter<EXTENDED_KEY_USAGE_free>>;
    const ExtendedKeyUsagePtr purposes(static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr)));
    std::vector<std::string> all;
    for (int i = 0; purposes && i < sk_ASN1_OBJECT_num(purposes.get()); ++i) {
        char text[80];
        const int size = OBJ_obj2txt(text, sizeof text, sk_ASN1_OBJECT_value(purposes.get(), i), 1);
        if (size > 0 && size < static_cast<int>(sizeof text)) all.emplace_back(text);
    }
    return all;
}

Bytes issuer_and_serial_of(X509* certificate) {
    unsigned char *issuer = nullptr, *serial = nullptr;
    const int issuer_size = i2d_X509_NAME(X509_get_issuer_name(certificate), &issuer);
    const OpensslBytes issuer_owner(issuer);
    const int serial_size = i2d_ASN1_INTEGER(X509_get0_serialNumber(certificate), &serial);
    const OpensslBytes serial_owner(serial);
    Bytes both;
    if (issuer_size > 0) both.insert(both.end(), issuer, issuer + issuer_size);
    if (serial_size > 0) both.insert(both.end(), serial, serial + serial_size);
    return both;
}

} // namespace

X509Ptr to_x509(const Certificate& certificate) {
    const unsigned char* data = certificate.der.data();
    return X509Ptr(d2i_X509(nullptr, &data, static_cast<long>(certificate.der.size())));
}

Outcome<CertificateRef> read_certificate(ByteView der) {
    if (der.size() > max_certificate_size) return unreadable("larger than 64 KiB");
    const unsigned char* data = der.data();
    const X509Ptr x509(d2i_X509(nullptr, &data, static_cast<long>(der.size())));
    if (!x509) return unreadable(openssl_fault());
    if (data != der.data() + der.size()) return unreadable("bytes follow it");

    auto certificate = std::make_shared<Certificate>();
    certificate->der.assign(der.begin(), der.end());
    certificate->id = {sha256(der)};
    certificate->subject = name_text(X509_get_subject_name(x509.get()));
    certificate->issuer = name_text(X509_get_issuer_name(x509.get()));
    certificate->common_name = common_name_of(X509_get_subject_name(x509.get()));
    const auto* serial = X509_get0_serialNumber(x509.get());
    certificate->serial_hex = to_hex({ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial))});
    certificate->issuer_and_serial = issuer_and_serial_of(x509.get());
    const auto not_before = time_of(X509_get0_notBefore(x509.get())), not_after = time_of(X509_get0_notAfter(x509.get()));
    if (!not_before || !not_after) return unreadable("its validity is no time");
    certificate->not_before = *not_before;
    certificate->not_after = *not_after;
    if ((X509_get_extension_flags(x509.get()) & EXFLAG_INVALID) != 0) return unreadable("an extension is malformed");
    certificate->key_usage = key_usage_of(x509.get());
    certificate->is_ca = X509_check_ca(x509.get()) == 1;
    certificate->has_extended_key_usage = (X509_get_extension_flags(x509.get()) & EXFLAG_XKUSAGE) != 0;
    certificate->extended_purposes = extended_purposes_of(x509.get());

    const auto* public_key = X509_get0_pubkey_bitstr(x509.get());
    certificate->public_key.assign(ASN1_STRING_get0_data(public_key), ASN1_STRING_get0_data(public_key) + ASN1_STRING_length(public_key));
    const EVP_PKEY* key = X509_get0_pubkey(x509.get());
    if (key == nullptr) return unreadable("its public key cannot be read: " + openssl_fault());
    certificate->key_bits = EVP_PKEY_get_bits(key);
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: certificate->key_kind = KeyKind::rsa; break;
    case EVP_PKEY_EC: certificate->key_kind = KeyKind::ec; break;
    case EVP_PKEY_ED25519: certificate->key_kind = KeyKind::ed25519; return CertificateRef(std::move(certificate)); // it signs no digest
    default: return CertificateRef(std::move(certificate)); // listed, but no mechanism of ours fits
    }
    certificate->mechanisms = mechanisms_of(certificate->key_kind, certificate->key_bits);
    return CertificateRef(std::move(certificate));
}

Outcome<std::vector<CertificateRef>> read_pem(std::string_view pem) {
    const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    std::vector<CertificateRef> all;
    for (;;) {
        char *name = nullptr, *header = nullptr;
        unsigned char* data = nullptr;
        long size = 0;
        if (PEM_read_bio(bio.get(), &name, &header, &data, &size) != 1) break;
        const OpensslBytes name_owner(reinterpret_cast<unsigned char*>(name)), header_owner(reinterpret_cast<unsigned char*>(header)), owner(data);
        if (std::string_view(name) != "CERTIFICATE") return unreadable("the file holds a " + std::string(name));
        auto certificate = read_certificate({data, static_cast<std::size_t>(size)});
        if (!certificate) return std::move(certificate).error();
        all.push_back(*certificate);
    }
    ERR_clear_error(); // "no start line" is how the end of the file looks
    if (all.empty()) return unreadable("no certificate in the file");
    return all;
}

} // namespace jk::x509
