// Certificate: an X.509 certificate and the facts about it that rooms decide with. Read once, by x509/, and then only passed on.
#pragma once
#include "jurukunci/bytes.hpp"
#include "jurukunci/clock.hpp"
#include "jurukunci/digest.hpp"

#include <memory>
#include <string>
#include <vector>

namespace jk {

/// SHA-256 of the DER: how rooms and processes name a certificate.
struct CertificateId {
    Digest sha256;
    friend bool operator==(const CertificateId&, const CertificateId&) = default;
};

/// RFC 5280 4.2.1.3, the bits that matter here.
struct KeyUsage {
    bool present = false;
    bool digital_signature = false;
    bool non_repudiation = false;
    bool key_encipherment = false;
    bool key_agreement = false;
    bool key_cert_sign = false;
};

struct Certificate {
    Bytes der;
    CertificateId id;
    std::string subject;     ///< RFC 4514 order reversed as OpenSSL's RFC2253 prints it
    std::string common_name; ///< of the subject; may be empty
    std::string issuer;
    std::string serial_hex;
    Bytes issuer_and_serial; ///< the contents of CMS's IssuerAndSerialNumber (RFC 5652 10.2.4), in DER
    WallTime not_before{}, not_after{};
    KeyUsage key_usage;
    bool is_ca = false;
    bool has_extended_key_usage = true;         ///< and then it is for nothing but its
    std::vector<std::string> extended_purposes; ///< in dotted form
    KeyKind key_kind = KeyKind::rsa;
    int key_bits = 0;
    Bytes public_key;                  ///< subjectPublicKey: for EC the point, for RSA the RSAPublicKey in DER
    std::vector<Mechanism> mechanisms; ///< what the key can do in principle, best first; the token may do less
};

/// Shared and never changed: lists, grants and consents all point at the same one.
using CertificateRef = std::shared_ptr<const Certificate>;

inline std::vector<Bytes> ders_of(const std::vector<CertificateRef>& certificates) {
    std::vector<Bytes> all;
    all.reserve(certificates.size());
    for (const auto& certificate : certificates) all.push_back(certificate->der);
    return all;
}

} // namespace jk
