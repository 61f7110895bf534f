// DemoCa: a certification authority for tests and the demo. Its keys are made on the spot and thrown away; its certificates say so.
#pragma once
#include "jurukunci/certificate.hpp"
#include "x509/openssl_ptr.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace jk::test {

struct CertificateWish {
    std::string common_name = "Jana Kusuma";
    std::string organization = "Pemerintah Kota Pekalongan (UJI)";
    std::string key_usage = "critical,digitalSignature,nonRepudiation";
    WallTime not_before{}; ///< zero: an hour ago
    WallTime not_after{};  ///< zero: in a year
    std::string extended_key_usage = {};
    std::string basic_constraints = "critical,CA:FALSE";
    std::string ocsp_url = {}, crl_url = {}; ///< authorityInfoAccess, cRLDistributionPoints
};

class DemoCa {
public:
    /// A self-signed root and an issuing CA below it, both P-256.
    static DemoCa create(const std::string& name = "CA UJI Jurukunci");

    CertificateRef root() const { return m_root; }
    CertificateRef issuing() const { return m_issuing; }
    /// DER of a certificate for `key`, from the issuing CA.
    Bytes certify(EVP_PKEY* key, const CertificateWish& wish = {}) const;
    std::string root_pem() const;
    std::string issuing_pem() const;
    /// For the openssl command as this CA: its keys are worth nothing.
    std::string issuing_key_pem() const;

private:
    CertificateRef m_root, m_issuing;
    x509::EvpPkeyPtr m_root_key, m_issuing_key;
};

x509::EvpPkeyPtr make_key(const std::string& kind); ///< "rsa2048", "rsa3072", "p256", "p384", "p521"
std::string pem_of(const Certificate& certificate);
std::string pem_of(EVP_PKEY* key); ///< the private key

} // namespace jk::test
