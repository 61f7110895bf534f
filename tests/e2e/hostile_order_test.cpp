// Orders and nonces in the hands of a page that turned hostile: forged, replayed, stretched, expired. Numbers are those of
// docs/security-checklist.md.
#include "jurukunci/digest.hpp"
#include "tests/support/order_key.hpp"
#include "tests/support/raw_page.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <csignal>
#include <ctime>
#include <thread>

namespace jk::test {
namespace {

const std::string good_header = OrderKey::usual_header;

struct OrderPage : RawPage {
    explicit OrderPage(const std::vector<std::string>& steps = {"yes"}) : OrderPage(OrderKey::create(), steps) {}
    OrderPage(OrderKey s, const std::vector<std::string>& steps) : RawPage(wish(s), steps), server(std::move(s)) {}
    static SiteWish wish(const OrderKey& s) {
        SiteWish w;
        w.raw_hashes = true;
        w.applications = {{"https://eoffice.example", "e-Office", {}, s.public_pem()},
                          {"https://lain.example", "Lain", {}, s.public_pem()},
                          {"https://tanpa.example"}};
        return w;
    }
    Digest digest = sha256(bytes_of("a letter"));

    json::object request() {
        json::array items{json::object{{"name", "surat"}, {"hash", to_base64(digest.value())}}};
        return sign_request(std::move(items), "RAW");
    }
    json::object payload(long lives = 300) {
        const auto now = static_cast<std::int64_t>(time(nullptr));
        return {{"iss", origin},    {"aud", "jurukunci"},  {"sub", "Jana Kusuma"},
                {"iat", now},       {"exp", now + lives},  {"jti", random_id(18)},
                {"purpose", "tte"}, {"taskKind", "email"}, {"documents", json::array{digest.hex()}}};
    }
    HttpAnswer ask(const std::string& order) {
        auto body = request();
        body["order"] = order;
        return post_json("/v1/signatures", json::serialize(body));
    }
    /// Refused as `code`, and nobody was asked.
    void expect(const std::string& order, int status, const std::string& code, const std::string& what) {
        const auto answer = ask(order);
        EXPECT_EQ(answer.status, status) << what << " " << answer.body.substr(0, 300);
        EXPECT_EQ(answer.error_code(), code) << what;
    }
    OrderKey server;
};

TEST(HostileOrders, OneThatIsGoodSignsAndNameItsUser) {
    OrderPage t;
    const auto answer = t.ask(t.server.sign(t.payload()));
    ASSERT_EQ(answer.status, 202) << answer.body;
    EXPECT_EQ(t.wait_for(std::string(answer.json().at("operation").as_object().at("id").as_string())).at("state").as_string(), "done");
    EXPECT_EQ(t.shown(1).front().at("orderedFor").as_string(), "Jana Kusuma");
}

TEST(HostileOrders, WithoutOneWithAForgedOneOrWithOneThatNobodyCanCheckNothingIsAsked) {
    OrderPage t;
    const auto without = t.post_json("/v1/signatures", json::serialize(t.request()));
    EXPECT_EQ(without.status, 403);
    EXPECT_EQ(without.error_code(), "E-PERINTAH-DIPERLUKAN");
    const std::string bad = "E-PERINTAH-TIDAK-SAH";
    const auto payload = json::serialize(t.payload());
    const auto part = [](const std::string& text) { return to_base64url(bytes_of(text)); };
    const auto stranger = OrderKey::create();
    t.expect(stranger.sign(t.payload()), 403, bad, "another key");
    t.expect(part(good_header) + "." + part(payload) + ".", 403, bad, "no signature");
    t.expect(part(R"({"alg":"none","typ":"jurukunci-order+jws"})") + "." + part(payload) + ".", 403, bad, "alg none, unsigned");
    for (const std::string algorithm : {"none", "None", "ES256", "HS256", "RS256", "EdDSA ", "eddsa", "Ed25519", ""})
        t.expect(t.server.sign_text(payload, R"({"alg":")" + algorithm + R"(","typ":"jurukunci-order+jws"})"), 403, bad, "alg " + algorithm);
    // The public key is no secret: a MAC made with it must not pass for a signature.
    const auto head = part(R"({"alg":"HS256","typ":"jurukunci-order+jws"})") + "." + part(payload);
    const auto pem = t.server.public_pem();
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    HMAC(EVP_sha256(), pem.data(), static_cast<int>(pem.size()), reinterpret_cast<const unsigned char*>(head.data()), head.size(), mac, &size);
    t.expect(head + "." + to_base64url(ByteView(mac, size)), 403, bad, "a MAC with the public key");
    for (const std::string header :
         {R"({"alg":"EdDSA"})", R"({"alg":"EdDSA","typ":"JWT"})", R"({"alg":"EdDSA","typ":"jurukunci-order+jws","kid":"1"})",
          R"({"alg":"EdDSA","typ":"jurukunci-order+jws","jwk":{"kty":"OKP"}})",
          R"({"alg":"EdDSA","typ":"jurukunci-order+jws","crit":["b64"],"b64":false})", R"({"alg":"EdDSA","alg":"EdDSA","typ":"jurukunci-order+jws"})",
          R"({"alg":"none","alg":"EdDSA","typ":"jurukunci-order+jws"})", R"([])", R"({})", ""})
        t.expect(t.server.sign_text(payload, header), 403, bad, "header " + header);
    const auto good = t.server.sign(t.payload());
    t.expect(good + ".", 403, bad, "a fourth part");
    t.expect(good + "=", 403, bad, "padding");
    t.expect("." + good, 403, bad, "an empty part");
    t.expect(good.substr(0, good.size() - 2), 403, bad, "a cut signature");
    t.expect(" " + good, 403, bad, "white space");
    auto turned = good;
    turned[turned.find('.') + 5] = turned[turned.find('.') + 5] == 'A' ? 'B' : 'A';
    t.expect(turned, 403, bad, "a changed payload");
    t.origin = "https://tanpa.example";
    t.expect(t.server.sign(t.payload()), 403, bad, "an origin without a key");
    EXPECT_TRUE(t.shown().empty());
}

TEST(HostileOrders, EachMemberIsWhatTheRequestAsksForAndNoOtherIsThere) {
    OrderPage t;
    const std::string bad = "E-PERINTAH-TIDAK-SAH";
    const auto with = [&](const std::string& member, json::value value) {
        auto o = t.payload();
        o[member] = std::move(value);
        return t.server.sign(o);
    };
    const auto now = static_cast<std::int64_t>(time(nullptr));
    t.expect(with("iss", "https://lain.example"), 403, bad, "another origin's order");
    t.expect(with("iss", "https://eoffice.example/"), 403, bad, "iss");
    t.expect(with("aud", "other"), 403, bad, "aud");
    t.expect(with("aud", json::array{"jurukunci"}), 403, bad, "aud as a list");
    t.expect(with("sub", json::string(201, 'x')), 403, bad, "sub");
    t.expect(with("purpose", "segel"), 403, bad, "purpose");
    t.expect(with("taskKind", "persuratan_elektronik"), 403, bad, "taskKind");
    t.expect(with("jti", "short"), 403, bad, "jti");
    t.expect(with("jti", json::string(16, '\n')), 403, bad, "jti");
    t.expect(with("documents", json::array{sha256(bytes_of("another letter")).hex()}), 403, bad, "another document");
    t.expect(with("documents", json::array{t.digest.hex(), t.digest.hex()}), 403, bad, "one document more");
    t.expect(with("documents", json::array{}), 403, bad, "no document");
    t.expect(with("documents", json::string(t.digest.hex())), 403, bad, "a document that is no list");
    t.expect(with("certificate", json::string(sha256(bytes_of("x")).hex().substr(2))), 403, bad, "certificate");
    t.expect(with("exp", now + 301), 403, bad, "five minutes and a second");
    t.expect(with("exp", now - 1), 403, bad, "before its beginning");
    t.expect(with("iat", now + 120), 403, bad, "from the future");
    t.expect(with("iat", -1), 403, bad, "iat");
    t.expect(with("iat", 1.5), 403, bad, "iat");
    t.expect(with("exp", std::uint64_t(18446744073709551615u)), 403, bad, "exp");
    t.expect(with("extra", 1), 403, bad, "a member that nobody asked for");
    t.expect(with("nbf", now), 403, bad, "a member that nobody asked for");
    for (const std::string member : {"iss", "aud", "sub", "iat", "exp", "jti", "purpose", "taskKind", "documents"}) {
        auto o = t.payload();
        o.erase(member);
        t.expect(t.server.sign(o), 403, bad, "without " + member);
    }
    const auto text = json::serialize(t.payload());
    t.expect(t.server.sign_text(text.substr(0, text.size() - 1) + R"(,"sub":"Orang Lain"})", good_header), 403, bad, "one member twice");
    t.expect(t.server.sign_text(text + "{}", good_header), 403, bad, "two payloads");
    // A certificate that fits the form and no token: nothing of the order may be bent towards what is there.
    auto other = t.payload();
    other["certificate"] = sha256(bytes_of("another certificate")).hex();
    const auto answer = t.ask(t.server.sign(other));
    if (answer.status == 202) {
        const auto ended = t.wait_for(std::string(answer.json().at("operation").as_object().at("id").as_string()));
        EXPECT_NE(ended.at("state").as_string(), "done") << json::serialize(ended);
    } else {
        EXPECT_EQ(answer.status, 403) << answer.body;
    }
    EXPECT_TRUE(t.shown().empty());
}

TEST(HostileOrders, AreGoodForFiveMinutesAndExpire) {
    OrderPage t;
    const auto now = static_cast<std::int64_t>(time(nullptr));
    for (const std::int64_t ago : {301, 3600, 86'400}) {
        auto old = t.payload();
        old["iat"] = now - ago;
        old["exp"] = now - ago + 300;
        t.expect(t.server.sign(old), 410, "E-PERINTAH-KEDALUWARSA", std::to_string(ago));
    }
    EXPECT_TRUE(t.shown().empty());
}

TEST(HostileOrders, ARequestThatIsSentAgainAfterTheEndOfItsOrderIsStillItsOperation) {
    OrderPage t;
    (void)t.token(); // the session is there before the order's time runs
    auto body = t.request();
    const auto payload = t.payload(6);
    body["order"] = t.server.sign(payload);
    const auto first = t.post_json("/v1/signatures", json::serialize(body));
    ASSERT_EQ(first.status, 202) << first.body;
    while (time(nullptr) <= payload.at("exp").as_int64()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const auto again = t.post_json("/v1/signatures", json::serialize(body));
    EXPECT_EQ(again.status, 202) << again.body;
    if (again.status == 202) {
        EXPECT_EQ(again.json().at("operation").as_object().at("id"), first.json().at("operation").as_object().at("id"));
    }
    body["requestId"] = random_id(12);
    EXPECT_EQ(t.post_json("/v1/signatures", json::serialize(body)).status, 410) << "another request is too late";
}

TEST(HostileOrders, AreUsedOnceAlsoAfterARestartOfTheAgent) {
    OrderPage t;
    const auto order = t.server.sign(t.payload());
    auto body = t.request();
    body["order"] = order;
    const auto first = t.post_json("/v1/signatures", json::serialize(body));
    ASSERT_EQ(first.status, 202) << first.body;
    const auto id = first.json().at("operation").as_object().at("id");
    EXPECT_EQ(t.wait_for(std::string(id.as_string())).at("state").as_string(), "done");
    const auto again = t.post_json("/v1/signatures", json::serialize(body));
    EXPECT_EQ(again.status, 202) << "the same request is the same operation";
    EXPECT_EQ(again.json().at("operation").as_object().at("id"), id);
    t.expect(order, 409, "E-NONCE-TERPAKAI", "another request with the same order");
    for (const int signal : {SIGTERM, SIGKILL}) {
        t.stop_prompter();
        t.agent().signal(signal);
        t.agent().wait(10'000);
        t.start_agent();
        t.start_prompter({"yes"});
        t.expect(order, 409, "E-NONCE-TERPAKAI", "after a restart");
    }
    EXPECT_EQ(t.shown().size(), 1u);
    // The nonce belongs to its origin: another application's server may have made the same one.
    auto other = t.payload();
    const auto middle = order.substr(order.find('.') + 1, order.rfind('.') - order.find('.') - 1);
    other["jti"] = json::parse(text_of(*from_base64url(middle))).as_object().at("jti");
    other["iss"] = t.origin = "https://lain.example";
    EXPECT_EQ(t.ask(t.server.sign(other)).status, 202);
}

TEST(HostileOrders, HugeOnesAreRefusedWhole) {
    OrderPage t;
    auto long_list = t.payload();
    json::array many;
    for (int i = 0; i < 40'000; ++i) many.emplace_back(t.digest.hex());
    long_list["documents"] = std::move(many);
    const auto huge = t.ask(t.server.sign(long_list));
    EXPECT_TRUE(huge.status == 403 || huge.status == 400 || huge.status == 413) << huge.status << huge.body.substr(0, 300);
    const auto padded =
        t.ask(t.server.sign_text("{}", good_header.substr(0, good_header.size() - 1) + ",\"x\":\"" + std::string(500'000, 'x') + "\"}"));
    EXPECT_TRUE(padded.status == 403 || padded.status == 400) << padded.status;
    const auto deep = t.ask(t.server.sign_text(std::string(100'000, '['), good_header));
    EXPECT_TRUE(deep.status == 403 || deep.status == 400) << deep.status;
    EXPECT_TRUE(t.is_well());
    EXPECT_TRUE(t.shown().empty());
}

TEST(HostileNonces, OfSessionEnrolmentAndLoginAreUsedOnceByAnOrigin) {
    SiteWish wish;
    wish.authentication = true;
    wish.applications = {{"https://eoffice.example"}, {"https://lain.example"}};
    RawPage t(wish, {"no"});
    t.token();
    const auto nonce = to_base64(sha256(bytes_of(random_id(16))).value());
    const auto session = json::serialize(json::object{{"nonce", nonce}});
    EXPECT_EQ(t.post_json("/v1/session", session).status, 200);
    for (const std::string path : {"/v1/session", "/v1/enrolments"}) {
        const auto again = t.post_json(path, session);
        EXPECT_EQ(again.status, 409) << path;
        EXPECT_EQ(again.error_code(), "E-NONCE-TERPAKAI") << path;
    }
    const auto login = t.post_json("/v1/authenticate", json::serialize(json::object{{"challengeNonce", nonce}}));
    EXPECT_EQ(login.status, 409) << login.body;
    EXPECT_TRUE(t.shown().empty());
    t.origin = "https://lain.example";
    EXPECT_EQ(t.post_json("/v1/session", session).status, 200) << "another origin cannot use up ours";
    for (const std::string bad : {"", "AAEC", "AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0ODx==", "====", "\n"})
        EXPECT_EQ(t.post_json("/v1/session", json::serialize(json::object{{"nonce", bad}})).status, 400) << bad;
    EXPECT_EQ(t.post_json("/v1/session", json::serialize(json::object{{"nonce", to_base64(Bytes(65, 1))}})).status, 400);
}

TEST(Sessions, AreNoneWithoutATokenOrWithOneThatIsNotAlive) {
    RawPage t({}, {});
    const auto token = t.token();
    const auto status = [&](const std::string& authorization) { return t.raw(t.head("GET /v1/status", authorization) + "\r\n"); };
    EXPECT_EQ(status("Authorization: Bearer " + token + "\r\n").status, 200);
    for (const auto& value : std::vector<std::string>{"", "Bearer", "Bearer ", "Bearer  " + token, "Bearer " + token + "x",
                                                      "Bearer " + token.substr(1), "Bearer " + token + " x", token, "Token " + token,
                                                      "Bearer\t" + token, "Bearer " + std::string(43, 'A'), "Bearer " + std::string(5000, 'A')}) {
        const auto answer = status("Authorization: " + value + "\r\n");
        EXPECT_EQ(answer.status, 401) << value.substr(0, 80);
        EXPECT_EQ(answer.headers.at("access-control-allow-origin"), "https://eoffice.example") << "the page must be able to read why";
    }
    // It dies with the agent.
    t.agent().signal(SIGKILL);
    t.agent().wait(5000);
    t.start_agent();
    EXPECT_EQ(status("Authorization: Bearer " + token + "\r\n").status, 401);
}

} // namespace
} // namespace jk::test
