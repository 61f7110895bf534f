#include "tests/token/openssl/desk.hpp"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

namespace jk::test {
namespace {

using x509::BioPtr;
using x509::CmsPtr;

const std::string text = "Nota dinas: rahasia dapur walikota.";

BioPtr reading(const std::string& data) { return BioPtr(BIO_new_mem_buf(data.data(), static_cast<int>(data.size()))); }

class TokenKeyCms : public InEveryHome {
protected:
    bool signed_well(const OpensslDesk::Pair& key, const EVP_MD* digest, unsigned flags, bool pss = false) {
        const auto certificate = desk.certificate(key);
        const auto data = reading(text);
        const CmsPtr cms(CMS_sign_ex(nullptr, nullptr, nullptr, data.get(), CMS_PARTIAL | CMS_BINARY, desk.context(), nullptr));
        auto* signer = CMS_add1_signer(cms.get(), certificate.get(), key, digest, flags | CMS_BINARY | (pss ? CMS_KEY_PARAM : 0));
        if (signer == nullptr) return false;
        if (pss && EVP_PKEY_CTX_set_rsa_padding(CMS_SignerInfo_get0_pkey_ctx(signer), RSA_PKCS1_PSS_PADDING) <= 0) return false;
        const auto again = reading(text);
        if (CMS_final(cms.get(), again.get(), nullptr, CMS_BINARY) != 1) return false;
        // Read again by OpenSSL without our provider.
        unsigned char* der = nullptr;
        const int size = i2d_CMS_ContentInfo(cms.get(), &der);
        const x509::OpensslBytes owner(der);
        const unsigned char* at = der;
        const CmsPtr read(d2i_CMS_ContentInfo(nullptr, &at, size));
        const BioPtr out(BIO_new(BIO_s_mem()));
        return read && CMS_verify(read.get(), nullptr, nullptr, nullptr, out.get(), CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY) == 1;
    }

    CmsPtr encrypted_to(X509* certificate, bool oaep, const char* oaep_hash = nullptr, const EVP_CIPHER* cipher = EVP_aes_256_cbc()) {
        const auto data = reading(text);
        CmsPtr cms(CMS_encrypt_ex(nullptr, data.get(), cipher, CMS_PARTIAL | CMS_BINARY, desk.context(), nullptr));
        auto* recipient = CMS_add1_recipient_cert(cms.get(), certificate, oaep ? CMS_KEY_PARAM : 0);
        if (oaep) {
            auto* parameters = CMS_RecipientInfo_get0_pkey_ctx(recipient);
            EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_OAEP_PADDING);
            if (oaep_hash != nullptr) EVP_PKEY_CTX_set_rsa_oaep_md_name(parameters, oaep_hash, nullptr);
        }
        const auto again = reading(text);
        if (CMS_final(cms.get(), again.get(), nullptr, CMS_BINARY) != 1) throw std::runtime_error(x509::openssl_fault());
        return cms;
    }
    static std::string decrypted(CMS_ContentInfo* cms, EVP_PKEY* key, X509* certificate) {
        const BioPtr out(BIO_new(BIO_s_mem()));
        if (CMS_decrypt(cms, key, certificate, nullptr, out.get(), CMS_BINARY) != 1) return "refused";
        char* data = nullptr;
        const long size = BIO_get_mem_data(out.get(), &data);
        return {data, static_cast<std::size_t>(size)};
    }
};
INSTANTIATE_TEST_SUITE_P(Openssl, TokenKeyCms, testing::Values(Home::own, Home::default_context), name_of_home);

TEST_P(TokenKeyCms, SignedDataWithRsaPssAndEcdsa) {
    const auto rsa = desk.key("rsa2048"), p256 = desk.key("p256"), p384 = desk.key("p384");
    EXPECT_TRUE(signed_well(rsa, EVP_sha256(), 0)) << x509::openssl_fault();
    EXPECT_TRUE(signed_well(rsa, EVP_sha256(), CMS_NOATTR)) << x509::openssl_fault();
    EXPECT_TRUE(signed_well(rsa, EVP_sha384(), 0, true)) << x509::openssl_fault();
    EXPECT_TRUE(signed_well(p256, EVP_sha256(), 0)) << x509::openssl_fault();
    EXPECT_TRUE(signed_well(p256, EVP_sha256(), CMS_NOATTR)) << x509::openssl_fault();
    EXPECT_TRUE(signed_well(p384, EVP_sha384(), 0)) << x509::openssl_fault();
    EXPECT_EQ(rsa.soft->operations(), 3);
}

TEST_P(TokenKeyCms, EnvelopedDataIsOpenedByTheToken) {
    const auto rsa = desk.key("rsa2048");
    const auto certificate = desk.certificate(rsa);
    EXPECT_EQ(decrypted(encrypted_to(certificate.get(), false).get(), rsa, certificate.get()), text) << x509::openssl_fault();
    EXPECT_EQ(decrypted(encrypted_to(certificate.get(), true).get(), rsa, certificate.get()), text) << x509::openssl_fault();
    EXPECT_EQ(decrypted(encrypted_to(certificate.get(), true, nullptr, EVP_aes_256_gcm()).get(), rsa, certificate.get()), text)
        << x509::openssl_fault();
    EXPECT_EQ(rsa.soft->operations(), 3);
    for (const std::string kind : {"p256", "p384"}) {
        const auto ec = desk.key(kind);
        const auto of_ec = desk.certificate(ec);
        EXPECT_EQ(decrypted(encrypted_to(of_ec.get(), false).get(), ec, of_ec.get()), text) << kind << x509::openssl_fault();
        EXPECT_EQ(ec.soft->operations(), 1);
    }
}

TEST_P(TokenKeyCms, SoftHsmLacksOaepWithSha256AndItsReasonIsTold) {
    const auto rsa = desk.key("rsa2048");
    const auto certificate = desk.certificate(rsa);
    EXPECT_EQ(decrypted(encrypted_to(certificate.get(), true, "SHA256").get(), rsa, certificate.get()), "refused");
    const auto refusal = openssl::take_refusal();
    ASSERT_TRUE(refusal.has_value());
    EXPECT_NE(refusal->detail.find("C_DecryptInit"), std::string::npos) << refusal->log_line();
}

TEST_P(TokenKeyCms, ARefusedDecryptionKeepsItsReasonWhereOpensslSaysBadDecrypt) {
    const auto rsa = desk.key("rsa2048"), ec = desk.key("p256");
    const auto of_rsa = desk.certificate(rsa), of_ec = desk.certificate(ec);
    const auto to_rsa = encrypted_to(of_rsa.get(), false), to_ec = encrypted_to(of_ec.get(), false);
    desk.card.log_out();
    EXPECT_NE(decrypted(to_rsa.get(), rsa, of_rsa.get()), text);
    EXPECT_TRUE(openssl::take_refusal().has_value());
    EXPECT_NE(decrypted(to_ec.get(), ec, of_ec.get()), text);
    EXPECT_TRUE(openssl::take_refusal().has_value());
}

TEST_P(TokenKeyCms, AgreementWithoutAFunctionAndNeverOnAnotherCurve) {
    const auto ours = desk.key("p256");
    const auto agree = [&](EVP_PKEY* mine, EVP_PKEY* peer, OSSL_LIB_CTX* context) -> Bytes {
        const x509::EvpPkeyCtxPtr derivation(EVP_PKEY_CTX_new_from_pkey(context, mine, nullptr));
        Bytes secret(64);
        std::size_t size = secret.size();
        if (EVP_PKEY_derive_init(derivation.get()) <= 0 || EVP_PKEY_derive_set_peer(derivation.get(), peer) <= 0 ||
            EVP_PKEY_derive(derivation.get(), secret.data(), &size) <= 0)
            return {};
        secret.resize(size);
        return secret;
    };
    const auto theirs = make_key("p256"), other_curve = make_key("p384");
    const auto here = agree(ours, theirs.get(), desk.context());
    ASSERT_EQ(here.size(), 32u) << x509::openssl_fault();
    EXPECT_EQ(here, agree(theirs.get(), ours.soft->public_half(), nullptr));
    EXPECT_TRUE(agree(ours, other_curve.get(), desk.context()).empty());
    EXPECT_EQ(ours.soft->operations(), 1);
}

} // namespace
} // namespace jk::test
