// SoftToken: a SoftHSM2 token in a folder of its own, with a key generated on it and a certificate from a DemoCa.
// One token folder per test process: two processes opening one at the same moment sometimes get CKR_GENERAL_ERROR.
#pragma once
#include "tests/support/demo_ca.hpp"

#include <filesystem>
#include <string>

namespace jk::test {

/// Of every token that is made here.
inline constexpr const char* test_so_pin = "so-pin-uji";

/// Where Debian puts SoftHSM2. A missing one is a failure, not a skip.
std::string softhsm_module();

struct TokenWish {
    std::string label = "Jana K.";
    std::string pin = "uji-1234";
    std::string key = "p256"; ///< "rsa2048", "rsa3072", "rsa4096", "p256", "p384", "p521", "ed25519"
    CertificateWish certificate;
    bool extractable = false;
    bool sensitive = true;
    bool always_authenticate = false;
    bool decrypts = false;       ///< CKA_DECRYPT of an RSA private key, CKA_DERIVE of an EC one
    bool wrong_pair = false;     ///< the certificate is for another key
    bool beside_ed25519 = false; ///< an Ed25519 key pair is on the token, too, and a certificate for such a key
    bool blank = false;          ///< no token at all yet, only the slot for one: what provisioning starts from
};

class SoftToken {
public:
    /// Writes softhsm2.conf and the token below `folder`. Works in a forked child, so that the caller never loads the module.
    static SoftToken create(const std::filesystem::path& folder, const DemoCa& ca, const TokenWish& wish = {});

    const std::string& conf() const { return m_conf; } ///< value for SOFTHSM2_CONF
    const std::string& serial() const { return m_serial; }
    const CertificateRef& certificate() const { return m_certificate; }

private:
    std::string m_conf, m_serial;
    CertificateRef m_certificate;
};

/// Another token in the same configuration, as a second card in a second reader.
SoftToken add_token(const std::string& conf, const DemoCa& ca, const TokenWish& wish);

} // namespace jk::test
