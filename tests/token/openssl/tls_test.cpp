#include "tests/token/openssl/desk.hpp"

#include <openssl/ssl.h>

namespace jk::test {
namespace {

using SslCtxPtr = std::unique_ptr<SSL_CTX, x509::Deleter<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, x509::Deleter<SSL_free>>;

class TokenKeyTls : public InEveryHome {
protected:
    /// OpenSSL as a server that wants a client certificate of our CA; the two talk over memory. The common name that the server saw.
    std::string log_in(const OpensslDesk::Pair& key, int version) {
        const auto server_key = make_key("p256");
        const auto server_der = desk.ca.certify(server_key.get(), {.common_name = "localhost", .key_usage = "critical,digitalSignature"});
        const unsigned char* at = server_der.data();
        const x509::X509Ptr server_certificate(d2i_X509(nullptr, &at, static_cast<long>(server_der.size())));
        const SslCtxPtr server(SSL_CTX_new(TLS_server_method()));
        SSL_CTX_use_certificate(server.get(), server_certificate.get());
        SSL_CTX_use_PrivateKey(server.get(), server_key.get());
        SSL_CTX_set_verify(server.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
        for (const auto& trusted : {desk.ca.root(), desk.ca.issuing()}) {
            const unsigned char* der = trusted->der.data();
            const x509::X509Ptr certificate(d2i_X509(nullptr, &der, static_cast<long>(trusted->der.size())));
            X509_STORE_add_cert(SSL_CTX_get_cert_store(server.get()), certificate.get());
        }
        const SslCtxPtr client(SSL_CTX_new_ex(desk.context(), nullptr, TLS_client_method()));
        SSL_CTX_set_min_proto_version(client.get(), version);
        SSL_CTX_set_max_proto_version(client.get(), version);
        const auto certificate = desk.certificate(key, "critical,digitalSignature");
        if (SSL_CTX_use_certificate(client.get(), certificate.get()) != 1 || SSL_CTX_use_PrivateKey(client.get(), key) != 1) return "not usable";

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
        if (!near_done || !far_done || SSL_get_verify_result(there.get()) != X509_V_OK) return "no handshake";
        char name[128]{};
        const x509::X509Ptr seen(SSL_get1_peer_certificate(there.get()));
        X509_NAME_get_text_by_NID(X509_get_subject_name(seen.get()), NID_commonName, name, sizeof name);
        return name;
    }
};
INSTANTIATE_TEST_SUITE_P(Openssl, TokenKeyTls, testing::Values(Home::own, Home::default_context), name_of_home);

TEST_P(TokenKeyTls, AClientProvesItsKeyOnceInEachHandshake) {
    for (const std::string kind : {"rsa2048", "p256", "p384", "ed25519"})
        for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
            const auto key = desk.key(kind);
            EXPECT_EQ(log_in(key, version), "Jana Kusuma") << kind << ' ' << version << ' ' << x509::openssl_fault();
            EXPECT_EQ(key.soft->operations(), 1) << kind;
        }
}

TEST_P(TokenKeyTls, ARefusedProofEndsTheHandshakeAndSaysWhy) {
    const auto key = desk.key("p256");
    desk.card.log_out();
    EXPECT_EQ(log_in(key, TLS1_3_VERSION), "no handshake");
    EXPECT_TRUE(openssl::take_refusal().has_value());
}

} // namespace
} // namespace jk::test
