#include "x509/certificate_request.hpp"

#include "jurukunci/displayed_text.hpp"
#include "x509/openssl_ptr.hpp"
#include "x509/read_certificate.hpp"
#include "x509/signature_check.hpp"

#include <openssl/pem.h>

#include <algorithm>
#include <optional>

namespace jk::x509 {
namespace {

using RequestPtr = std::unique_ptr<X509_REQ, Deleter<X509_REQ_free>>;

struct Field {
    std::string_view name;
    int nid;
    std::size_t longest; ///< X.520's upper bounds, RFC 5280 appendix A
};
constexpr Field fields[] = {{"country", NID_countryName, 2},
                            {"stateOrProvince", NID_stateOrProvinceName, 128},
                            {"locality", NID_localityName, 128},
                            {"organization", NID_organizationName, 64},
                            {"organizationalUnit", NID_organizationalUnitName, 64},
                            {"title", NID_title, 64},
                            {"serialNumber", NID_serialNumber, 64},
                            {"givenName", NID_givenName, 64},
                            {"surname", NID_surname, 64},
                            {"commonName", NID_commonName, 64},
                            {"emailAddress", NID_pkcs9_emailAddress, 255}};

const Field* field_named(std::string_view name) {
    const auto* place = std::ranges::find(fields, name, &Field::name);
    return place == std::end(fields) ? nullptr : place;
}

Error invalid(std::string_view field, const char* fault) {
    return Error{Errc::subject_invalid, std::string(field)}.with("field", std::string(field)).with("fault", fault);
}

std::size_t characters(std::string_view utf8) {
    return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

Error fault(const char* what) { return Error{Errc::device_failed, std::string(what) + ": " + openssl_fault()}.with("reason", what); }

std::string utf8_of(const ASN1_STRING* value) {
    unsigned char* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, value);
    const OpensslBytes owner(size >= 0 ? text : nullptr);
    return size >= 0 ? std::string(reinterpret_cast<char*>(text), static_cast<std::size_t>(size)) : std::string();
}

} // namespace

std::vector<std::string_view> subject_field_names() {
    std::vector<std::string_view> all;
    for (const auto& field : fields) all.push_back(field.name);
    return all;
}

Outcome<void> judge_subject(const SubjectFields& subject) {
    std::vector<std::string_view> seen;
    for (const auto& [name, value] : subject) {
        const auto* field = field_named(name);
        if (field == nullptr) return invalid(name, "is no field of a subject");
        if (std::ranges::find(seen, name) != seen.end()) return invalid(name, "stands there twice");
        seen.push_back(name);
        if (value.empty() || value.front() == ' ' || value.back() == ' ') return invalid(name, "is empty or has blanks around it");
        // What cannot be shown to the person as it is, nobody can agree to.
        if (!is_utf8(value) || displayed(value, 1000) != value) return invalid(name, "has characters that cannot be shown");
        if (characters(value) > field->longest) return invalid(name, "is too long");
        if (field->nid == NID_countryName && (value.size() != 2 || !std::ranges::all_of(value, [](char c) { return c >= 'A' && c <= 'Z'; })))
            return invalid(name, "must be two capital letters");
        if (field->nid == NID_pkcs9_emailAddress && (value.find('@') == std::string::npos || characters(value) != value.size()))
            return invalid(name, "is no address");
    }
    if (std::ranges::find(seen, "commonName") == seen.end()) return invalid("commonName", "is missing");
    return done();
}

SubjectFields subject_of(const Certificate& certificate) {
    const auto x509 = to_x509(certificate);
    SubjectFields subject;
    const X509_NAME* name = x509 ? X509_get_subject_name(x509.get()) : nullptr;
    for (int i = 0; name != nullptr && i < X509_NAME_entry_count(name); ++i) {
        const auto* entry = X509_NAME_get_entry(name, i);
        const int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
        const auto* known = std::ranges::find(fields, nid, &Field::nid);
        char dotted[80] = "?";
        if (known == std::end(fields)) OBJ_obj2txt(dotted, sizeof dotted, X509_NAME_ENTRY_get_object(entry), 1);
        subject.emplace_back(known != std::end(fields) ? std::string(known->name) : dotted, utf8_of(X509_NAME_ENTRY_get_data(entry)));
    }
    return subject;
}

Bytes public_key_of(const Certificate& certificate) {
    const auto x509 = to_x509(certificate);
    unsigned char* der = nullptr;
    const int size = x509 ? i2d_PUBKEY(X509_get0_pubkey(x509.get()), &der) : -1;
    const OpensslBytes owner(der);
    return size > 0 ? Bytes(der, der + size) : Bytes();
}

namespace {

std::optional<Mechanism> mechanism_for(EVP_PKEY* key) {
    const int bits = EVP_PKEY_get_bits(key);
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: return Mechanism{KeyKind::rsa, HashFunction::sha256, Padding::pkcs1_v15};
    case EVP_PKEY_EC:
        return Mechanism{KeyKind::ec, bits > 384 ? HashFunction::sha512 : bits > 256 ? HashFunction::sha384 : HashFunction::sha256, Padding::none};
    case EVP_PKEY_ED25519: return Mechanism{KeyKind::ed25519, HashFunction::sha256, Padding::none}; // signs info(); the digest only names it
    default: return std::nullopt;
    }
}

int algorithm_of(const Mechanism& mechanism) {
    if (mechanism.key == KeyKind::rsa) return NID_sha256WithRSAEncryption;
    if (mechanism.key == KeyKind::ed25519) return NID_ED25519;
    switch (mechanism.hash) {
    case HashFunction::sha256: return NID_ecdsa_with_SHA256;
    case HashFunction::sha384: return NID_ecdsa_with_SHA384;
    case HashFunction::sha512: return NID_ecdsa_with_SHA512;
    }
    return NID_undef;
}

/// Empty where it cannot be written.
Bytes info_of(X509_REQ* request) {
    unsigned char* tbs = nullptr;
    const int size = i2d_re_X509_REQ_tbs(request, &tbs);
    const OpensslBytes owner(tbs);
    return size > 0 ? Bytes(tbs, tbs + size) : Bytes();
}

} // namespace

struct CertificateRequest::Parts {
    RequestPtr request;
    EvpPkeyPtr key;
};

CertificateRequest::CertificateRequest(std::unique_ptr<Parts> parts, Mechanism mechanism, Digest to_sign)
    : m_parts(std::move(parts)), m_mechanism(mechanism), m_to_sign(to_sign) {}
CertificateRequest::CertificateRequest(CertificateRequest&&) noexcept = default;
CertificateRequest& CertificateRequest::operator=(CertificateRequest&&) noexcept = default;
CertificateRequest::~CertificateRequest() = default;

Outcome<CertificateRequest> CertificateRequest::draft(const SubjectFields& subject, ByteView public_key) {
    if (auto ok = judge_subject(subject); !ok) return ok.error();
    const unsigned char* at = public_key.data();
    auto parts = std::make_unique<Parts>();
    parts->key.reset(d2i_PUBKEY(nullptr, &at, static_cast<long>(public_key.size())));
    parts->request.reset(X509_REQ_new());
    if (!parts->key || !parts->request) return fault("public key");
    const auto mechanism = mechanism_for(parts->key.get());
    if (!mechanism) return fault("a kind of key that no request is made for");

    X509_REQ* request = parts->request.get();
    bool good = X509_REQ_set_version(request, 0) == 1 && X509_REQ_set_pubkey(request, parts->key.get()) == 1;
    X509_NAME* name = X509_REQ_get_subject_name(request);
    for (const auto& field : fields)
        for (const auto& [key, value] : subject)
            if (key == field.name) {
                // RFC 5280: these three are PrintableString or IA5String by definition; OpenSSL's string table knows.
                good = good && X509_NAME_add_entry_by_NID(name, field.nid, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()),
                                                          static_cast<int>(value.size()), -1, 0) == 1;
            }
    const auto info = good ? info_of(request) : Bytes();
    if (info.empty()) return fault("certification request");
    const auto digest = hash_of(mechanism->hash, info);
    return CertificateRequest(std::move(parts), *mechanism, digest);
}

Bytes CertificateRequest::info() const { return info_of(m_parts->request.get()); }

Outcome<std::string> CertificateRequest::finish(ByteView signature) const {
    Bytes value(signature.begin(), signature.end());
    if (m_mechanism.key == KeyKind::ec) {
        auto der = ecdsa_to_der(signature);
        if (!der) return Error{Errc::signature_wrong, "the signature has an impossible length"};
        value = std::move(*der);
    }
    X509_REQ* request = m_parts->request.get(); // what is signed does not change, and a second signature takes the place of the first
    using AlgorithmPtr = std::unique_ptr<X509_ALGOR, Deleter<X509_ALGOR_free>>;
    const AlgorithmPtr how(X509_ALGOR_new());
    using BitStringPtr = std::unique_ptr<ASN1_BIT_STRING, Deleter<ASN1_BIT_STRING_free>>;
    BitStringPtr bits(ASN1_BIT_STRING_new());
    if (!how || !bits || ASN1_BIT_STRING_set(bits.get(), value.data(), static_cast<int>(value.size())) != 1) return fault("signature");
    bits->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 0x07);
    bits->flags |= ASN1_STRING_FLAG_BITS_LEFT;
    if (X509_ALGOR_set0(how.get(), OBJ_nid2obj(algorithm_of(m_mechanism)), m_mechanism.key == KeyKind::rsa ? V_ASN1_NULL : V_ASN1_UNDEF, nullptr) !=
            1 ||
        X509_REQ_set1_signature_algo(request, how.get()) != 1)
        return fault("signature algorithm");
    X509_REQ_set0_signature(request, bits.release());
    if (X509_REQ_verify(request, m_parts->key.get()) != 1) {
        return Error{Errc::signature_wrong, "the request's signature does not verify: " + openssl_fault()};
    }
    const BioPtr out(BIO_new(BIO_s_mem()));
    char* text = nullptr;
    if (!out || PEM_write_bio_X509_REQ(out.get(), request) != 1) return fault("PEM");
    const long size = BIO_get_mem_data(out.get(), &text);
    return std::string(text, static_cast<std::size_t>(size));
}

} // namespace jk::x509
