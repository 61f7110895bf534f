#include "tests/token/openssl/desk.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <thread>

namespace jk::test {
namespace {

class TokenKeySignatures : public InEveryHome {
protected:
    x509::EvpMdCtxPtr signing(EVP_PKEY* key, const char* digest, bool pss, int salt = RSA_PSS_SALTLEN_DIGEST) {
        x509::EvpMdCtxPtr context(EVP_MD_CTX_new());
        EVP_PKEY_CTX* parameters = nullptr;
        if (EVP_DigestSignInit_ex(context.get(), &parameters, digest, desk.context(), nullptr, key, nullptr) != 1) return nullptr;
        if (pss && (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) <= 0 || EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, salt) <= 0))
            return nullptr;
        return context;
    }
    x509::X509Ptr draft(EVP_PKEY* key) {
        x509::X509Ptr certificate(X509_new_ex(desk.context(), nullptr));
        X509_set_version(certificate.get(), X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 7);
        X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
        X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
        X509_set_pubkey(certificate.get(), key);
        return certificate;
    }
    /// What stands on paper, read by OpenSSL without our provider and judged by the public half alone.
    static bool stands(const X509* certificate, EVP_PKEY* public_half) {
        unsigned char* der = nullptr;
        const int size = i2d_X509(certificate, &der);
        const x509::OpensslBytes owner(der);
        const unsigned char* at = der;
        const x509::X509Ptr again(d2i_X509(nullptr, &at, size));
        return again && X509_verify(again.get(), public_half) == 1;
    }
    static bool stands(const X509_REQ* request, EVP_PKEY* public_half) {
        unsigned char* der = nullptr;
        const int size = i2d_X509_REQ(request, &der);
        const x509::OpensslBytes owner(der);
        const unsigned char* at = der;
        const std::unique_ptr<X509_REQ, x509::Deleter<X509_REQ_free>> again(d2i_X509_REQ(nullptr, &at, size));
        return again && X509_REQ_verify(again.get(), public_half) == 1;
    }
};
INSTANTIATE_TEST_SUITE_P(Openssl, TokenKeySignatures, testing::Values(Home::own, Home::default_context), name_of_home);

TEST_P(TokenKeySignatures, CertificatesAndRequestsOfEveryKind) {
    for (const std::string kind : {"rsa2048", "p256", "p384", "ed25519"}) {
        SCOPED_TRACE(kind);
        const auto key = desk.key(kind);
        const EVP_MD* digest = kind == "ed25519" ? nullptr : kind == "p384" ? EVP_sha384() : EVP_sha256();
        const auto certificate = draft(key);
        EXPECT_GT(X509_sign(certificate.get(), key, digest), 0) << x509::openssl_fault();
        EXPECT_TRUE(stands(certificate.get(), key.soft->public_half()));
        const std::unique_ptr<X509_REQ, x509::Deleter<X509_REQ_free>> request(X509_REQ_new_ex(desk.context(), nullptr));
        ASSERT_EQ(X509_REQ_set_pubkey(request.get(), key), 1) << x509::openssl_fault();
        EXPECT_GT(X509_REQ_sign(request.get(), key, digest), 0) << x509::openssl_fault();
        EXPECT_TRUE(stands(request.get(), key.soft->public_half()));
        EXPECT_EQ(X509_REQ_verify(request.get(), key), 1) << "with the key that it holds: " << x509::openssl_fault();
        EXPECT_EQ(key.soft->operations(), 2) << "one operation of the token for each signature";
    }
}

TEST_P(TokenKeySignatures, PssSaysItsParametersAndUsesThem) {
    const auto key = desk.key("rsa2048");
    for (const auto& [digest, salt] : {std::pair{"SHA256", RSA_PSS_SALTLEN_DIGEST}, {"SHA256", 20}, {"SHA384", RSA_PSS_SALTLEN_DIGEST}}) {
        const std::unique_ptr<X509_REQ, x509::Deleter<X509_REQ_free>> request(X509_REQ_new_ex(desk.context(), nullptr));
        X509_REQ_set_pubkey(request.get(), key);
        const auto context = signing(key, digest, true, salt);
        ASSERT_NE(context, nullptr) << x509::openssl_fault();
        EXPECT_GT(X509_REQ_sign_ctx(request.get(), context.get()), 0) << x509::openssl_fault();
        EXPECT_EQ(X509_REQ_get_signature_nid(request.get()), NID_rsassaPss);
        EXPECT_TRUE(stands(request.get(), key.soft->public_half())) << digest << ' ' << salt;
    }
}

TEST_P(TokenKeySignatures, SymbolicSaltLengthsBecomeOctets) {
    const auto key = desk.key("rsa2048");
    const std::string message = "salt";
    for (const int salt : {RSA_PSS_SALTLEN_MAX, RSA_PSS_SALTLEN_AUTO}) {
        const auto context = signing(key, "SHA256", true, salt);
        Bytes signature(256);
        std::size_t size = signature.size();
        ASSERT_EQ(EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(message).data(), message.size()), 1) << x509::openssl_fault();
        const x509::EvpMdCtxPtr checking(EVP_MD_CTX_new());
        EVP_PKEY_CTX* parameters = nullptr;
        EVP_DigestVerifyInit(checking.get(), &parameters, EVP_sha256(), nullptr, key.soft->public_half());
        EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, 256 - 32 - 2);
        EXPECT_EQ(EVP_DigestVerify(checking.get(), signature.data(), size, bytes_of(message).data(), message.size()), 1);
    }
}

TEST_P(TokenKeySignatures, WhatATokenMustNotDoIsRefusedBeforeIt) {
    const auto rsa = desk.key("rsa2048");
    const auto none = [&](const char* digest, int padding) {
        const x509::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(desk.context(), rsa, nullptr));
        if (EVP_PKEY_sign_init(context.get()) <= 0) return -1;
        EVP_PKEY_CTX_set_rsa_padding(context.get(), padding);
        if (digest != nullptr) EVP_PKEY_CTX_set_signature_md(context.get(), EVP_get_digestbyname(digest));
        Bytes input(digest != nullptr ? 32 : 256, 1), out(256);
        std::size_t size = out.size();
        return EVP_PKEY_sign(context.get(), out.data(), &size, input.data(), input.size());
    };
    EXPECT_LE(none(nullptr, RSA_NO_PADDING), 0) << "raw RSA";
    EXPECT_LE(none(nullptr, RSA_PKCS1_PADDING), 0) << "bytes that are no digest";
    EXPECT_LE(none("SHA384", RSA_PKCS1_PADDING), 0) << "32 bytes as SHA-384";
    EXPECT_EQ(none("SHA256", RSA_PKCS1_PADDING), 1) << "and this is what works";
    EXPECT_EQ(rsa.soft->operations(), 1);
    EXPECT_EQ(signing(rsa, "SHA1", false), nullptr);
    EXPECT_EQ(openssl::take_refusal().value().code, Errc::mechanism_unsupported);
    const auto ed = desk.key("ed25519");
    const x509::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(desk.context(), ed, nullptr));
    EXPECT_LE(EVP_PKEY_sign_init(context.get()), 0) << "a digest signed as a message";
    EXPECT_EQ(signing(ed, "SHA256", false), nullptr);
    EXPECT_EQ(ed.soft->operations(), 0);
}

TEST_P(TokenKeySignatures, TheTokensReasonReachesTheCaller) {
    const auto key = desk.key("p256");
    desk.card.log_out();
    const auto certificate = draft(key);
    EXPECT_LE(X509_sign(certificate.get(), key, EVP_sha256()), 0);
    EXPECT_NE(ERR_peek_error(), 0u) << "OpenSSL's queue has it too";
    ERR_clear_error();
    const auto refusal = openssl::take_refusal();
    ASSERT_TRUE(refusal.has_value());
    EXPECT_NE(refusal->detail.find("C_SignInit"), std::string::npos) << refusal->log_line();
    EXPECT_FALSE(openssl::take_refusal().has_value()) << "told once";
}

class Throws final : public openssl::PrivateOperations {
    Outcome<Bytes> sign(const openssl::SignatureScheme&, const Digest&) override { throw std::runtime_error("the door fell shut"); }
};

TEST_P(TokenKeySignatures, AnExceptionStaysOnThisSideOfOpenssl) {
    const auto soft = desk.key("p256");
    const auto key = desk.provider->token_key(soft.soft->public_half(), std::make_shared<Throws>());
    ASSERT_TRUE(key);
    const auto certificate = draft(key->get());
    EXPECT_LE(X509_sign(certificate.get(), key->get(), EVP_sha256()), 0);
    EXPECT_EQ(openssl::take_refusal().value().detail, "the door fell shut");
}

TEST_P(TokenKeySignatures, NothingPrivateLeavesAndCopiesWork) {
    const auto key = desk.key("rsa2048");
    OSSL_PARAM* parameters = nullptr;
    EXPECT_LE(EVP_PKEY_todata(key, EVP_PKEY_KEYPAIR, &parameters), 0);
    EXPECT_EQ(EVP_PKEY_todata(key, EVP_PKEY_PUBLIC_KEY, &parameters), 1);
    OSSL_PARAM_free(parameters);
    EXPECT_EQ(EVP_PKEY_eq(key, key.soft->public_half()), 1);
    EXPECT_EQ(EVP_PKEY_eq(key, desk.key("rsa2048")), 0);
    const x509::EvpPkeyPtr copy(EVP_PKEY_dup(key));
    ASSERT_NE(copy, nullptr);
    EXPECT_NE(signing(copy.get(), "SHA256", false), nullptr) << x509::openssl_fault();
    const auto certificate = desk.certificate(key);
    EXPECT_EQ(X509_check_private_key(certificate.get(), key), 1) << x509::openssl_fault();
}

TEST_P(TokenKeySignatures, SoftwareKeysStayOpenssls) {
    const x509::EvpPkeyPtr made(EVP_PKEY_Q_keygen(desk.context(), nullptr, "EC", "P-256"));
    ASSERT_NE(made, nullptr) << x509::openssl_fault();
    const auto certificate = draft(made.get());
    EXPECT_GT(X509_sign(certificate.get(), made.get(), EVP_sha256()), 0) << x509::openssl_fault();
}

TEST_P(TokenKeySignatures, KeysThatNobodyAskedForAreRefused) {
    const x509::EvpPkeyPtr small(EVP_RSA_gen(1024)), koblitz(EVP_EC_gen("secp256k1")), other(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
    for (auto* key : {small.get(), koblitz.get(), other.get()}) {
        const auto made = desk.provider->token_key(key, std::make_shared<Throws>());
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().code, Errc::mechanism_unsupported);
    }
    EXPECT_FALSE(desk.provider->token_key(desk.key("p256").soft->public_half(), nullptr));
}

TEST_P(TokenKeySignatures, FourThreadsOnOneKey) {
    for (const std::string kind : {"rsa2048", "p256"}) {
        const auto key = desk.key(kind);
        std::atomic<int> good{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < 25; ++i) {
                    const std::string message = std::to_string(t) + "/" + std::to_string(i);
                    const auto context = signing(key, "SHA256", kind == "rsa2048" && i % 2 == 0);
                    Bytes signature(512);
                    std::size_t size = signature.size();
                    if (!context || EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(message).data(), message.size()) != 1) continue;
                    const x509::EvpMdCtxPtr checking(EVP_MD_CTX_new());
                    EVP_PKEY_CTX* parameters = nullptr;
                    EVP_DigestVerifyInit(checking.get(), &parameters, EVP_sha256(), nullptr, key.soft->public_half());
                    if (kind == "rsa2048" && i % 2 == 0) EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
                    good += EVP_DigestVerify(checking.get(), signature.data(), size, bytes_of(message).data(), message.size()) == 1;
                }
            });
        for (auto& thread : threads) thread.join();
        EXPECT_EQ(good, 100) << kind;
        EXPECT_EQ(key.soft->operations(), 100);
    }
}

TEST_P(TokenKeySignatures, AKeyKeepsTheProviderAndBothGo) {
    const std::weak_ptr<openssl::TokenProvider> watched = desk.provider;
    {
        auto key = desk.key("p256");
        desk.provider.reset();
        EXPECT_FALSE(watched.expired());
        const x509::EvpMdCtxPtr context(EVP_MD_CTX_new());
        Bytes signature(128);
        std::size_t size = signature.size();
        const std::string message = "last";
        ASSERT_EQ(EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", watched.lock()->context(), nullptr, key, nullptr), 1);
        EXPECT_EQ(EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(message).data(), message.size()), 1);
    }
    EXPECT_TRUE(watched.expired());
    const auto again = GetParam() == Home::own ? openssl::TokenProvider::create() : openssl::TokenProvider::create_in_default_context();
    EXPECT_TRUE(again) << again.error().log_line();
}

} // namespace
} // namespace jk::test
