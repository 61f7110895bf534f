// Who is at the other end: enrolments, logins and orders as a page of a listed origin meets them at the running agent.
#include "jurukunci/encoding.hpp"
#include "tests/support/judges.hpp"
#include "tests/support/order_key.hpp"
#include "tests/support/running_agent.hpp"
#include "x509/read_certificate.hpp"
#include "x509/signature_check.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

namespace jk::test {
namespace {

SiteWish with_login() {
    SiteWish wish;
    wish.authentication = true;
    return wish;
}

/// As the server knows it, which is what it orders by.
std::string digest_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    return sha256(bytes_of(bytes)).hex();
}

struct Identity : RunningAgent {
    using RunningAgent::RunningAgent;
    HttpAnswer post(const std::string& path, const json::object& body) { return request("POST", path, json::serialize(body)); }
    json::object enrol(const std::string& nonce = fresh_nonce()) {
        const auto answer = post("/v1/enrolments", {{"nonce", nonce}});
        if (answer.status != 202) throw std::runtime_error(answer.body);
        return answer.json().at("enrolment").as_object();
    }
    json::object enrolment_end(const json::object& enrolment) {
        const std::string id(enrolment.at("id").as_string());
        for (int i = 0; i < 20; ++i) {
            auto now = request("GET", "/v1/enrolments/" + id + "?wait=5&seen=" + std::to_string(enrolment.at("revision").to_number<int>())).json();
            const auto state = now.at("state").as_string();
            if (state != "preparing" && state != "waiting_consent") return now;
        }
        throw std::runtime_error("the enrolment does not end");
    }
};

std::string code_for(const std::string& origin, const std::string& nonce, const std::string& public_key) {
    const auto digest = sha256(bytes_of("jurukunci-code-v1\n" + origin + "\n" + nonce + "\n" + public_key));
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i) number = number << 8 | digest.value()[i];
    char digits[8];
    std::snprintf(digits, sizeof digits, "%06u", static_cast<unsigned>(number % 1'000'000));
    return digits;
}

// ---- Enrolments

TEST(Enrolment, ShowsThePersonTheCodeThatThePageWorksOutAndThenProvesTheKey) {
    Identity t;
    const auto nonce = fresh_nonce();
    const auto begun = t.enrol(nonce);
    const auto done = t.enrolment_end(begun);
    EXPECT_EQ(done.at("state").as_string(), "confirmed");
    const std::string key(done.at("publicKey").as_string()), code(done.at("code").as_string());
    EXPECT_EQ(code, code_for(t.origin, nonce, key));
    const auto question = t.shown(1).at(0);
    EXPECT_EQ(question.at("kind").as_string(), "enrolment");
    EXPECT_EQ(question.at("code").as_string(), code);
    EXPECT_EQ(question.at("origin").as_string(), t.origin);
    EXPECT_FALSE(question.contains("certificate")) << "no key of a token has a part in it";

    const auto folder = t.folder();
    const auto write = [&](const std::string& name, ByteView bytes) {
        std::ofstream(folder / name, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    };
    const auto& proof = done.at("proof").as_object();
    write("key.der", *from_base64(proof.at("publicKey").as_string()));
    write("signature", *from_base64(proof.at("signature").as_string()));
    write("statement", bytes_of("jurukunci-enrolment-v1\n" + t.origin + "\n" + std::to_string(t.port()) + "\n" + nonce + "\n0.1.0\nuji\n" + code));
    EXPECT_EQ(run_command("openssl pkeyutl -verify -pubin -keyform DER -inkey " + quoted(folder / "key.der") + " -rawin -in " +
                          quoted(folder / "statement") + " -sigfile " + quoted(folder / "signature"))
                  .exit_code,
              0);
    EXPECT_EQ(t.log_kinds().back(), "enrolment");
}

TEST(Enrolment, ANoGivesNoProof) {
    Identity t({}, {"no"});
    const auto done = t.enrolment_end(t.enrol());
    EXPECT_EQ(done.at("state").as_string(), "refused");
    EXPECT_TRUE(done.at("proof").is_null());
    EXPECT_EQ(done.at("error").as_object().at("code").as_string(), "E-DIBATALKAN-PENANDA-TANGAN");
}

TEST(Enrolment, CancellingClosesTheWindow) {
    Identity t({}, {"silent"});
    const auto begun = t.enrol();
    (void)t.shown(1);
    const std::string path = "/v1/enrolments/" + std::string(begun.at("id").as_string());
    EXPECT_EQ(t.post("/v1/enrolments", {{"nonce", fresh_nonce()}}).error_code(), "E-TERLALU-BANYAK") << "one at a time";
    EXPECT_EQ(t.request("DELETE", path).status, 200);
    EXPECT_EQ(t.enrolment_end(begun).at("state").as_string(), "cancelled");
    EXPECT_EQ(t.shown(2).at(1).at("reason").as_object().at("code").as_string(), "E-DIBATALKAN-APLIKASI");
    EXPECT_EQ(t.request("DELETE", path).error_code(), "E-SUDAH-BERJALAN");
}

TEST(Enrolment, APageThatGoesAwayTakesItsWindowAlong) {
    Identity t({}, {"silent"});
    (void)t.enrol();
    const auto shown = t.shown(2); // waits: the lease is ten seconds
    ASSERT_EQ(shown.size(), 2u);
    EXPECT_EQ(shown.at(1).at("reason").as_object().at("code").as_string(), "E-HALAMAN-DITUTUP");
}

TEST(Enrolment, BelongsToItsOriginAndNeedsAPrompter) {
    SiteWish wish;
    wish.applications = {{"https://eoffice.example"}, {"https://lain.example"}};
    Identity t(wish, {"silent"});
    const auto begun = t.enrol();
    t.origin = "https://lain.example";
    EXPECT_EQ(t.request("GET", "/v1/enrolments/" + std::string(begun.at("id").as_string())).error_code(), "E-TIDAK-DITEMUKAN");
    t.stop_prompter();
    EXPECT_EQ(t.post("/v1/enrolments", {{"nonce", fresh_nonce()}}).status, 503);
}

// ---- Nonces

TEST(Nonces, AreGoodOnce) {
    Identity t(with_login());
    const auto nonce = fresh_nonce();
    EXPECT_EQ(t.post("/v1/session", {{"nonce", nonce}}).status, 200);
    for (const std::string path : {"/v1/session", "/v1/enrolments"}) {
        const auto again = t.post(path, {{"nonce", nonce}});
        EXPECT_EQ(again.status, 409) << path;
        EXPECT_EQ(again.error_code(), "E-NONCE-TERPAKAI") << path;
    }
    EXPECT_EQ(t.post("/v1/authenticate", {{"challengeNonce", nonce}}).error_code(), "E-NONCE-TERPAKAI");
}

// ---- Logins

class Logins : public testing::TestWithParam<std::string> {};

TEST_P(Logins, AnswerWebEidsTokenOverOriginAndNonce) {
    auto wish = with_login();
    wish.token.key = GetParam();
    Identity t(wish);
    const auto nonce = fresh_nonce();
    const auto answer = t.post("/v1/authenticate", {{"challengeNonce", nonce}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto token = answer.json();
    EXPECT_EQ(token.size(), 5u);
    EXPECT_EQ(token.at("format").as_string(), "web-eid:1.0");
    EXPECT_EQ(token.at("appVersion").as_string(), "jurukunci/0.1.0");
    const auto certificate = *x509::read_certificate(*from_base64(token.at("unverifiedCertificate").as_string()));
    const auto mechanism = certificate->mechanisms.front();
    EXPECT_EQ(token.at("algorithm").as_string(), mechanism.jws_name());
    Bytes both;
    for (const std::string& text : {t.origin, nonce}) {
        const auto digest = hash_of(mechanism.hash, bytes_of(text));
        both.insert(both.end(), digest.value().begin(), digest.value().end());
    }
    auto signature = *from_base64(token.at("signature").as_string());
    if (mechanism.key == KeyKind::ec) {
        EXPECT_EQ(signature.size(), std::size_t(certificate->key_bits == 521 ? 132 : certificate->key_bits / 4)) << "r and s side by side";
        signature = *x509::ecdsa_to_der(signature);
    }
    const auto check = x509::SignatureCheck::for_certificate(*certificate, mechanism);
    EXPECT_TRUE(check->verifies(hash_of(mechanism.hash, both), signature));
    const auto question = t.shown(1).at(0);
    EXPECT_EQ(question.at("kind").as_string(), "authentication");
    EXPECT_TRUE(question.at("items").as_array().empty());
    EXPECT_TRUE(t.request("GET", "/v1/operations").json().at("operations").as_array().empty());
}

INSTANTIATE_TEST_SUITE_P(All, Logins, testing::Values("p256", "p384", "rsa2048"));

TEST(Login, ErrorsHaveTheirStatus) {
    Identity refused({}, {"yes"});
    const auto off = refused.post("/v1/authenticate", {{"challengeNonce", fresh_nonce()}});
    EXPECT_EQ(off.status, 403);
    EXPECT_EQ(off.error_code(), "E-MASUK-TIDAK-DIIZINKAN");
    auto hurried = with_login();
    hurried.limits = "{consent_seconds: 1, consent_seconds_per_item: 0}";
    Identity nobody_there(hurried, {"silent"});
    const auto late = nobody_there.post("/v1/authenticate", {{"challengeNonce", fresh_nonce()}});
    EXPECT_EQ(late.status, 504);
    EXPECT_EQ(late.error_code(), "E-TIDAK-ADA-JAWABAN");
    Identity t(with_login(), {"no", "wrong", "no"});
    const auto login = [&] { return t.post("/v1/authenticate", {{"challengeNonce", fresh_nonce()}}); };
    EXPECT_EQ(login().error_code(), "E-DIBATALKAN-PENANDA-TANGAN");
    EXPECT_EQ(login().error_code(), "E-PASSPHRASE-SALAH") << "and given up at the second question";
    EXPECT_EQ(t.post("/v1/authenticate", {{"challengeNonce", "AAEC"}}).status, 400);
    t.stop_prompter();
    EXPECT_EQ(login().status, 503);
}

TEST(Login, IsNotForACertificateThatOnlySigns) {
    auto wish = with_login();
    wish.token.certificate.key_usage = "critical,nonRepudiation";
    Identity t(wish);
    EXPECT_EQ(t.post("/v1/authenticate", {{"challengeNonce", fresh_nonce()}}).error_code(), "E-KEGUNAAN-TIDAK-DIIZINKAN");
}

TEST(Login, APageThatHangsUpClosesTheDialog) {
    Identity t(with_login(), {"silent"});
    {
        const std::string body = json::serialize(json::object{{"challengeNonce", fresh_nonce()}});
        RawConnection page(t.port());
        page.send("POST /v1/authenticate HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(t.port()) + "\r\nOrigin: " + t.origin +
                  "\r\nAuthorization: Bearer " + t.token() + "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                  "\r\n\r\n" + body);
        (void)t.shown(1);
    }
    EXPECT_EQ(t.shown(2).at(1).at("reason").as_object().at("code").as_string(), "E-HALAMAN-DITUTUP");
}

// ---- Orders

struct OrderedOffice {
    OrderKey key = OrderKey::create();
    SiteWish wish() const {
        SiteWish wish;
        wish.applications = {{"https://eoffice.example", "e-Office", {}, key.public_pem()}, {"https://lain.example"}};
        return wish;
    }
    json::object order_for(const std::string& digest) const {
        const auto now = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
        return {{"iss", "https://eoffice.example"},
                {"aud", "jurukunci"},
                {"sub", "Jana Kusuma"},
                {"iat", now},
                {"exp", now + 300},
                {"jti", random_id(16)},
                {"purpose", "tte"},
                {"taskKind", "email"},
                {"documents", json::array{json::string(digest)}}};
    }
};

TEST(Orders, ADocumentIsSignedUnderTheOrderOfTheApplicationsServer) {
    OrderedOffice office;
    Identity t(office.wish());
    const auto file = letter("nota-dinas.pdf");
    auto request = t.sign_request({json::object{{"name", "Nota.pdf"}, {"documentId", t.upload(file)}}});
    EXPECT_EQ(t.post("/v1/signatures", request).error_code(), "E-PERINTAH-DIPERLUKAN");
    auto order = office.order_for(digest_of(file));
    request["order"] = office.key.sign(order);
    const auto signed_ = t.sign(request);
    EXPECT_EQ(signed_.at("state").as_string(), "done") << json::serialize(signed_);
    EXPECT_EQ(t.shown(1).at(0).at("orderedFor").as_string(), "Jana Kusuma");

    // The same request again is the same operation; another request with the same order is a replay, also after a restart.
    EXPECT_EQ(t.post("/v1/signatures", request).json().at("operation").at("id"), signed_.at("id"));
    request["requestId"] = random_id(12);
    EXPECT_EQ(t.post("/v1/signatures", request).error_code(), "E-NONCE-TERPAKAI");
    t.stop_prompter();
    t.agent().signal(SIGTERM);
    ASSERT_EQ(t.agent().wait(10'000), 0);
    t.start_agent();
    request["items"] = json::array{json::object{{"name", "Nota.pdf"}, {"documentId", t.upload(file)}}};
    EXPECT_EQ(t.post("/v1/signatures", request).error_code(), "E-NONCE-TERPAKAI");
}

TEST(Orders, AnotherDocumentThanTheOrderedOneIsRefusedAtOnce) {
    OrderedOffice office;
    Identity t(office.wish());
    auto request = t.sign_request({json::object{{"name", "Nota.pdf"}, {"documentId", t.upload(letter("nota-dinas.pdf"))}}});
    auto order = office.order_for(digest_of(letter("undangan-rapat.pdf")));
    request["order"] = office.key.sign(order);
    const auto answer = t.post("/v1/signatures", request);
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.error_code(), "E-PERINTAH-TIDAK-SAH");
    EXPECT_NE(answer.body.find("documents[0]"), std::string::npos) << answer.body;
    order["exp"] = order.at("exp").as_int64() - 400;
    order["iat"] = order.at("iat").as_int64() - 400;
    order["documents"] = json::array{json::string(digest_of(letter("nota-dinas.pdf")))};
    request["order"] = office.key.sign(order);
    EXPECT_EQ(t.post("/v1/signatures", request).status, 410);
    EXPECT_TRUE(t.shown().empty()) << "nobody was asked";
}

TEST(Orders, OfOneOriginAreNoneOfAnother) {
    OrderedOffice office;
    Identity t(office.wish());
    t.origin = "https://lain.example"; // has no key in the registry, so nobody could check its orders
    const auto file = letter("nota-dinas.pdf");
    auto request = t.sign_request({json::object{{"name", "Nota.pdf"}, {"documentId", t.upload(file)}}});
    request["order"] = office.key.sign(office.order_for(digest_of(file)));
    EXPECT_EQ(t.post("/v1/signatures", request).error_code(), "E-PERINTAH-TIDAK-SAH");
}

} // namespace
} // namespace jk::test
