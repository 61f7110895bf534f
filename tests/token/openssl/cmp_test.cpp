// CMP (RFC 4210, RFC 9810) with OpenSSL's client, against OpenSSL's own mock server as a program: it verifies the proof of possession.
#include "tests/support/process.hpp"
#include "tests/token/openssl/desk.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <openssl/cmp.h>
#include <openssl/pem.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

namespace jk::test {
namespace {

/// `openssl cmp -port` listens on every address; in a network of our own there is only the loopback.
void in_a_network_of_its_own() {
    ASSERT_EQ(unshare(CLONE_NEWNET), 0) << "this test wants root";
    const int socket_fd = socket(AF_INET, SOCK_DGRAM, 0);
    ifreq request{};
    std::string("lo").copy(request.ifr_name, IFNAMSIZ - 1);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    ASSERT_EQ(ioctl(socket_fd, SIOCSIFFLAGS, &request), 0);
    close(socket_fd);
}

bool answers(int port) {
    for (int i = 0; i < 200; ++i) {
        const int fd = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const bool there = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
        close(fd);
        if (there) return true;
        usleep(25'000);
    }
    return false;
}

class TokenKeyCmp : public InEveryHome {
protected:
    enum class Body { initial, pkcs10 };

    std::string enrol(const OpensslDesk::Pair& key, Body body) {
        const ScratchFolder scratch;
        const auto file = scratch.path() / "issued.pem";
        const auto issued = desk.certificate(key);
        const x509::BioPtr out(BIO_new_file(file.c_str(), "w"));
        PEM_write_bio_X509(out.get(), issued.get());
        BIO_flush(out.get());
        const int port = m_port++;
        auto server = Process::start(
            {"openssl", "cmp", "-port", std::to_string(port), "-srv_ref", "meja-ra", "-srv_secret", "pass:kata-uji", "-rsp_cert", file.string()}, {},
            scratch.path() / "server.log");
        if (!answers(port)) return "no server: " + server.output();

        const std::unique_ptr<OSSL_CMP_CTX, x509::Deleter<OSSL_CMP_CTX_free>> cmp(OSSL_CMP_CTX_new(desk.context(), nullptr));
        const std::string reference = "meja-ra", secret = "kata-uji", host = "127.0.0.1";
        OSSL_CMP_CTX_set1_referenceValue(cmp.get(), bytes_of(reference).data(), static_cast<int>(reference.size()));
        OSSL_CMP_CTX_set1_secretValue(cmp.get(), bytes_of(secret).data(), static_cast<int>(secret.size()));
        OSSL_CMP_CTX_set1_server(cmp.get(), host.c_str());
        OSSL_CMP_CTX_set_serverPort(cmp.get(), port);
        OSSL_CMP_CTX_set1_serverPath(cmp.get(), "pkix/");
        OSSL_CMP_CTX_set_option(cmp.get(), OSSL_CMP_OPT_TOTAL_TIMEOUT, 20);
        OSSL_CMP_CTX_set1_subjectName(cmp.get(), X509_get_subject_name(issued.get()));
        EVP_PKEY_up_ref(key);
        OSSL_CMP_CTX_set0_newPkey(cmp.get(), 1, key);
        if (body == Body::pkcs10) {
            const std::unique_ptr<X509_REQ, x509::Deleter<X509_REQ_free>> request(X509_REQ_new_ex(desk.context(), nullptr));
            X509_REQ_set_subject_name(request.get(), X509_get_subject_name(issued.get()));
            X509_REQ_set_pubkey(request.get(), key);
            if (X509_REQ_sign(request.get(), key, EVP_sha256()) <= 0) return "not signed";
            OSSL_CMP_CTX_set1_p10CSR(cmp.get(), request.get());
        }
        const X509* got = body == Body::pkcs10 ? OSSL_CMP_exec_P10CR_ses(cmp.get()) : OSSL_CMP_exec_IR_ses(cmp.get());
        if (got == nullptr) return "refused: " + x509::openssl_fault() + server.output();
        return X509_cmp(got, issued.get()) == 0 ? "issued" : "another certificate";
    }

    int m_port = 18080; ///< in a network of our own nobody else has it
};
INSTANTIATE_TEST_SUITE_P(Openssl, TokenKeyCmp, testing::Values(Home::own, Home::default_context), name_of_home);

TEST_P(TokenKeyCmp, ARequestWithProofOfPossessionByTheTokenIsAnswered) {
    in_a_network_of_its_own();
    for (const std::string kind : {"rsa2048", "p256"}) {
        const auto key = desk.key(kind);
        EXPECT_EQ(enrol(key, Body::initial), "issued") << kind;
        EXPECT_EQ(enrol(key, Body::pkcs10), "issued") << kind;
        EXPECT_EQ(key.soft->operations(), 2) << kind;
    }
}

} // namespace
} // namespace jk::test
