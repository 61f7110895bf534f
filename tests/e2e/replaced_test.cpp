// A new token with a new certificate: the old one verifies and decrypts, and signs no more, also alone and after a restart.
#include "jurukunci/encoding.hpp"
#include "tests/support/judges.hpp"
#include "tests/support/pkcs11_program.hpp"
#include "tests/support/running_agent.hpp"
#include "x509/read_certificate.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <csignal>
#include <cstring>

namespace jk::test {
namespace {

using namespace std::chrono_literals;

std::string code_of(const json::object& operation) {
    const auto* error = operation.at("error").if_object();
    return error != nullptr ? std::string(error->at("code").as_string()) : std::string();
}

void stop(RunningAgent& t) {
    t.stop_prompter();
    t.agent().signal(SIGTERM);
    ASSERT_EQ(t.agent().wait(20'000), 0) << t.agent().output();
}

void start(RunningAgent& t) {
    t.start_agent();
    t.start_prompter({"yes"});
}

/// The holder's second token, issued yesterday, for the same use.
SoftToken second_token(RunningAgent& t, TokenWish wish) {
    stop(t);
    wish.label = "Jana K. baru";
    wish.certificate.not_before = SystemClock().now() - 24h;
    auto token = add_token(t.site().token().conf(), t.site().ca(), wish);
    start(t);
    return token;
}

SiteWish year_old(SiteWish wish = {}) {
    wish.token.certificate.not_before = SystemClock().now() - 24h * 300;
    return wish;
}

json::object sign_with(RunningAgent& t, const CertificateRef& certificate) {
    auto request = t.sign_request({});
    request["items"] = json::array{json::object{{"name", "Undangan.pdf"}, {"documentId", t.upload(letter("undangan-rapat.pdf"))}}};
    if (certificate) request["certificate"] = to_base64(certificate->der);
    return t.sign(request);
}

TEST(ReplacedCertificate, TheNewOneSignsByItselfAndTheOldOneSaysUnderWhichArticleItDoesNot) {
    RunningAgent t(year_old());
    const auto out = t.folder() / "old.pdf";
    ASSERT_EQ(t.cli({"sign", letter("undangan-rapat.pdf").string(), "-o", out.string()}).exit_code, 0);
    const auto old = t.site().token().certificate();
    const auto fresh = second_token(t, {});
    EXPECT_EQ(sign_with(t, nullptr).at("state").as_string(), "done") << "two that sign would be ambiguous";
    auto refused = sign_with(t, old);
    EXPECT_EQ(code_of(refused), "E-SERTIFIKAT-DIGANTI");
    EXPECT_EQ(refused.at("error").as_object().at("citation").as_string(), "Pasal 9 ayat (4)");
    EXPECT_EQ(sign_with(t, fresh.certificate()).at("state").as_string(), "done");
    const auto kinds = t.log_kinds();
    EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "replaced"), 1);
    t.agent().signal(SIGKILL);
    (void)t.agent().wait(5'000);
    t.stop_prompter();
    start(t);
    EXPECT_EQ(code_of(sign_with(t, old)), "E-SERTIFIKAT-DIGANTI");
    const auto listed = t.cli({"certs"}).output;
    EXPECT_NE(listed.find("digantikan sertifikat baru"), std::string::npos) << listed;
    EXPECT_EQ(t.cli({"verify", out.string()}).exit_code, 0) << "what it signed before stays valid";
}

TEST(ReplacedCertificate, ACertificateForEncryptionReplacesNone) {
    auto wish = year_old();
    RunningAgent t(wish);
    TokenWish encryption;
    encryption.key = "rsa2048";
    encryption.decrypts = true;
    encryption.certificate.key_usage = "critical,keyEncipherment";
    (void)second_token(t, encryption);
    EXPECT_EQ(sign_with(t, t.site().token().certificate()).at("state").as_string(), "done");
}

TEST(ReplacedCertificate, ItsKeyStillDecryptsForAProgram) {
    auto wish = year_old(ordinary_key("rsa2048"));
    RunningAgent t(wish);
    (void)second_token(t, wish.token);
    Pkcs11Program program(t.site());
    for (const auto slot : program.slots()) {
        CK_TOKEN_INFO info{};
        ASSERT_EQ(program.c().C_GetTokenInfo(slot, &info), CKR_OK);
        const bool is_old = std::memcmp(info.label, "Jana K. baru", 12) != 0;
        CK_SESSION_HANDLE session = 0;
        ASSERT_EQ(program.c().C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session), CKR_OK);
        ASSERT_EQ(program.login(session), CKR_OK);
        const auto keys = program.find(session, CKO_PRIVATE_KEY);
        ASSERT_EQ(keys.size(), 1u);
        Bytes signature;
        const auto signed_it = program.sign(session, keys[0], CKM_SHA256_RSA_PKCS, "Nota", signature);
        EXPECT_EQ(signed_it == CKR_OK, !is_old) << std::string(reinterpret_cast<char*>(info.label), sizeof info.label);
        if (!is_old) continue;
        const auto certificate = x509::to_x509(*t.site().token().certificate());
        const x509::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(X509_get0_pubkey(certificate.get()), nullptr));
        Bytes secret(256), opened(256);
        std::size_t size = secret.size();
        ASSERT_EQ(EVP_PKEY_encrypt_init(context.get()), 1);
        ASSERT_EQ(EVP_PKEY_encrypt(context.get(), secret.data(), &size, reinterpret_cast<const unsigned char*>("surat lama"), 10), 1);
        CK_MECHANISM mechanism{CKM_RSA_PKCS, nullptr, 0};
        ASSERT_EQ(program.c().C_DecryptInit(session, &mechanism, keys[0]), CKR_OK);
        CK_ULONG length = opened.size();
        ASSERT_EQ(program.c().C_Decrypt(session, secret.data(), static_cast<CK_ULONG>(size), opened.data(), &length), CKR_OK);
        EXPECT_EQ(std::string(opened.begin(), opened.begin() + static_cast<std::ptrdiff_t>(length)), "surat lama");
    }
}

} // namespace
} // namespace jk::test
