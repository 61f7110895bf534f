// OpenSSL with a key behind the gate: requests, CMS and TLS with a token that only the agent can reach, after consent and PIN.
#include "pkcs11/client/agent_key.hpp"
#include "pkcs11/openssl/token_provider.hpp"
#include "tests/support/pkcs11_program.hpp"
#include "tests/support/running_agent.hpp"

#include <gtest/gtest.h>
#include <openssl/cms.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstdlib>

using namespace jk;
using namespace jk::test;
using pkcs11::client::AgentKey;
using pkcs11::client::Connection;

namespace {

using CmsPtr = std::unique_ptr<CMS_ContentInfo, x509::Deleter<CMS_ContentInfo_free>>;
using RequestPtr = std::unique_ptr<X509_REQ, x509::Deleter<X509_REQ_free>>;
using SslCtxPtr = std::unique_ptr<SSL_CTX, x509::Deleter<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, x509::Deleter<SSL_free>>;

struct Office {
    explicit Office(const SiteWish& wish, const std::vector<std::string>& person = {"yes"}) : agent(wish, person) {
        for (const auto& entry : agent.site().environment())
            if (entry.starts_with("XDG_RUNTIME_DIR=")) setenv("XDG_RUNTIME_DIR", entry.c_str() + entry.find('=') + 1, 1);
        auto made = openssl::TokenProvider::create();
        if (!made) throw std::runtime_error(made.error().log_line());
        provider = *made;
        const auto& der = agent.site().token().certificate()->der;
        X509* into = X509_new_ex(provider->context(), nullptr);
        const unsigned char* at = der.data();
        certificate.reset(d2i_X509(&into, &at, static_cast<long>(der.size())));
    }
    Outcome<std::shared_ptr<EVP_PKEY>> key() {
        auto private_half = AgentKey::log_in(Connection::open(), agent.site().token().certificate()->id);
        if (!private_half) return private_half.error();
        return provider->token_key(X509_get0_pubkey(certificate.get()), *private_half);
    }
    std::size_t rows(const std::string& kind) { return static_cast<std::size_t>(std::ranges::count(agent.log_kinds(), kind)); }

    RunningAgent agent;
    std::shared_ptr<openssl::TokenProvider> provider;
    x509::X509Ptr certificate;
};

/// The key's holder against a server that wants a certificate; they talk over memory.
bool handshake(Office& office, EVP_PKEY* key, int version) {
    const auto server_key = x509::EvpPkeyPtr(EVP_EC_gen("P-256"));
    const x509::X509Ptr server_certificate(X509_new());
    ASN1_INTEGER_set(X509_get_serialNumber(server_certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(server_certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(server_certificate.get()), 3600);
    X509_set_pubkey(server_certificate.get(), server_key.get());
    X509_sign(server_certificate.get(), server_key.get(), EVP_sha256());
    const SslCtxPtr server(SSL_CTX_new(TLS_server_method())), client(SSL_CTX_new_ex(office.provider->context(), nullptr, TLS_client_method()));
    SSL_CTX_use_certificate(server.get(), server_certificate.get());
    SSL_CTX_use_PrivateKey(server.get(), server_key.get());
    SSL_CTX_set_verify(server.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       [](int, X509_STORE_CTX*) { return 1; }); // the key's proof, not its chain
    SSL_CTX_set_min_proto_version(client.get(), version);
    SSL_CTX_set_max_proto_version(client.get(), version);
    if (SSL_CTX_use_certificate(client.get(), office.certificate.get()) != 1 || SSL_CTX_use_PrivateKey(client.get(), key) != 1) return false;
    const SslPtr here(SSL_new(client.get())), there(SSL_new(server.get()));
    BIO *near_end = nullptr, *far_end = nullptr;
    BIO_new_bio_pair(&near_end, 0, &far_end, 0);
    SSL_set_bio(here.get(), near_end, near_end);
    SSL_set_bio(there.get(), far_end, far_end);
    SSL_set_connect_state(here.get());
    SSL_set_accept_state(there.get());
    bool near_done = false, far_done = false;
    for (int turn = 0; turn < 50 && !(near_done && far_done); ++turn) {
        near_done = SSL_do_handshake(here.get()) == 1;
        far_done = SSL_do_handshake(there.get()) == 1;
    }
    return near_done && far_done;
}

} // namespace

TEST(AgentKey, SignsARequestAfterOneConsent) {
    for (const std::string kind : {"p256", "rsa2048"}) {
        Office office(ordinary_key(kind));
        const auto key = office.key();
        ASSERT_TRUE(key) << key.error().log_line();
        for (int i = 0; i < 3; ++i) {
            const RequestPtr request(X509_REQ_new_ex(office.provider->context(), nullptr));
            X509_REQ_set_subject_name(request.get(), X509_get_subject_name(office.certificate.get()));
            X509_REQ_set_pubkey(request.get(), key->get());
            ASSERT_GT(X509_REQ_sign(request.get(), key->get(), EVP_sha256()), 0) << x509::openssl_fault();
            EXPECT_EQ(X509_REQ_verify(request.get(), X509_get0_pubkey(office.certificate.get())), 1) << kind;
        }
        EXPECT_EQ(office.agent.shown().size(), 1U) << kind;
        EXPECT_EQ(office.rows("use"), 3U) << kind;
    }
}

TEST(AgentKey, OpensACmsThatIsEncryptedToIt) {
    Office office(ordinary_key("rsa2048"));
    const auto key = office.key();
    ASSERT_TRUE(key) << key.error().log_line();
    const std::string letter = "Undangan rapat, pukul tujuh";
    for (const int padding : {RSA_PKCS1_PADDING, RSA_PKCS1_OAEP_PADDING}) {
        const x509::BioPtr in(BIO_new_mem_buf(letter.data(), static_cast<int>(letter.size()))), out(BIO_new(BIO_s_mem()));
        const CmsPtr sealed(CMS_encrypt_ex(nullptr, nullptr, EVP_aes_128_cbc(), CMS_BINARY | CMS_PARTIAL, office.provider->context(), nullptr));
        auto* recipient = CMS_add1_recipient_cert(sealed.get(), office.certificate.get(), CMS_KEY_PARAM);
        ASSERT_NE(recipient, nullptr) << x509::openssl_fault();
        EVP_PKEY_CTX_set_rsa_padding(CMS_RecipientInfo_get0_pkey_ctx(recipient), padding);
        ASSERT_EQ(CMS_final(sealed.get(), in.get(), nullptr, CMS_BINARY), 1) << x509::openssl_fault();
        ASSERT_EQ(CMS_decrypt(sealed.get(), key->get(), office.certificate.get(), nullptr, out.get(), CMS_BINARY), 1) << x509::openssl_fault();
        char* text = nullptr;
        const auto size = BIO_get_mem_data(out.get(), &text);
        EXPECT_EQ(std::string(text, static_cast<std::size_t>(size)), letter) << padding;
    }
    EXPECT_EQ(office.agent.shown().size(), 1U);
}

TEST(AgentKey, OpensACmsWhoseKeyWasAgreedOnWithIt) {
    for (const std::string kind : {"p256", "p384", "p521"}) {
        Office office(agreement_key(kind));
        const auto key = office.key();
        ASSERT_TRUE(key) << key.error().log_line();
        const std::string letter = "Undangan rapat, pukul delapan";
        const x509::BioPtr in(BIO_new_mem_buf(letter.data(), static_cast<int>(letter.size()))), out(BIO_new(BIO_s_mem()));
        const CmsPtr sealed(CMS_encrypt_ex(nullptr, nullptr, EVP_aes_128_cbc(), CMS_BINARY | CMS_PARTIAL, office.provider->context(), nullptr));
        ASSERT_NE(CMS_add1_recipient_cert(sealed.get(), office.certificate.get(), 0), nullptr) << x509::openssl_fault();
        ASSERT_EQ(CMS_final(sealed.get(), in.get(), nullptr, CMS_BINARY), 1) << x509::openssl_fault();
        ASSERT_EQ(CMS_decrypt(sealed.get(), key->get(), office.certificate.get(), nullptr, out.get(), CMS_BINARY), 1) << x509::openssl_fault();
        char* text = nullptr;
        const auto size = BIO_get_mem_data(out.get(), &text);
        EXPECT_EQ(std::string(text, static_cast<std::size_t>(size)), letter) << kind;
        EXPECT_EQ(office.rows("use"), 1U) << kind;
    }
}

TEST(AgentKey, LogsInToAServerWithTls) {
    for (const std::string kind : {"p256", "rsa2048", "ed25519"}) {
        Office office(ordinary_key(kind));
        const auto key = office.key();
        ASSERT_TRUE(key) << key.error().log_line();
        for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION})
            EXPECT_TRUE(handshake(office, key->get(), version)) << kind << ' ' << version << ' ' << x509::openssl_fault();
        EXPECT_EQ(office.rows("use"), 2U) << kind;
    }
}

TEST(AgentKey, ANoOfThePersonIsNoKey) {
    Office office(ordinary_key(), {"no"});
    EXPECT_EQ(office.key().error().code, Errc::consent_denied);
}

TEST(AgentKey, WhereTheProfileIsSilentThereIsNoKey) {
    Office office({});
    EXPECT_EQ(office.key().error().code, Errc::program_not_permitted);
    EXPECT_TRUE(office.agent.shown().empty());
}

TEST(AgentKey, AnAgentThatGoesAwayIsTheReasonThatOpensslsCallerGets) {
    Office office(ordinary_key());
    const auto key = office.key();
    ASSERT_TRUE(key) << key.error().log_line();
    office.agent.agent().signal(SIGKILL);
    office.agent.agent().wait(5'000);
    const RequestPtr request(X509_REQ_new_ex(office.provider->context(), nullptr));
    X509_REQ_set_pubkey(request.get(), key->get());
    EXPECT_LE(X509_REQ_sign(request.get(), key->get(), EVP_sha256()), 0);
    const auto why = openssl::take_refusal();
    ASSERT_TRUE(why);
    EXPECT_EQ(why->code, Errc::agent_absent);
}
