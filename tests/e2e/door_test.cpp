// The HTTP door against clients that are not pages: wrong hosts and origins, broken framing, slow and many connections, other users.
#include "jurukunci/encoding.hpp"
#include "tests/support/hand_prompter.hpp"
#include "tests/support/judges.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/running_agent.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

namespace jk::test {
namespace {

struct Door : RunningAgent {
    using RunningAgent::RunningAgent;
    std::string host() const { return "127.0.0.1:" + std::to_string(port()); }
    std::string head(const std::string& line, const std::string& more = "") const {
        return line + " HTTP/1.1\r\nHost: " + host() + "\r\nOrigin: " + origin + "\r\n" + more;
    }
    HttpAnswer raw(const std::string& bytes) const {
        RawConnection connection(port());
        connection.send(bytes);
        return connection.receive(15);
    }
    HttpAnswer hello_with(const std::string& headers) const { return raw("GET /v1/hello HTTP/1.1\r\n" + headers + "\r\n"); }
    HttpAnswer post(const std::string& path, const std::string& headers, const std::string& body) {
        return raw(head("POST " + path, "Authorization: Bearer " + token() + "\r\n" + headers) + "\r\n" + body);
    }
    HttpAnswer post_json(const std::string& path, const std::string& body) {
        return post(path, "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n", body);
    }
};

TEST(Door, AnswersAListedOriginWithExactlyItsOwnName) {
    Door t;
    const auto hello = t.request("GET", "/v1/hello");
    EXPECT_EQ(hello.status, 200);
    EXPECT_EQ(hello.headers.at("access-control-allow-origin"), "https://eoffice.example");
    EXPECT_EQ(hello.headers.at("vary"), "Origin");
    EXPECT_EQ(hello.headers.at("cross-origin-resource-policy"), "same-origin");
    EXPECT_FALSE(hello.headers.contains("access-control-allow-credentials"));
    EXPECT_EQ(hello.json().size(), 4u);
}

TEST(Door, OnlyItsOwnHostNames) {
    Door t;
    const std::string origin = "Origin: https://eoffice.example\r\n", port = ":" + std::to_string(t.port());
    for (const auto& host : {"127.0.0.1" + port, "localhost" + port, "[::1]" + port})
        EXPECT_EQ(t.hello_with("Host: " + host + "\r\n" + origin).status, 200) << host;
    for (const auto& host : {std::string("evil.example") + port, std::string("127.0.0.1"), "127.0.0.1." + port, "LOCALHOST" + port,
                             "localhost." + port, std::string("127.0.0.1:1"), "127.0.0.2" + port, std::string()})
        EXPECT_EQ(t.hello_with("Host: " + host + "\r\n" + origin).status, 421) << host;
    EXPECT_EQ(t.hello_with("Host: 127.0.0.1" + port + "\r\nHost: 127.0.0.1" + port + "\r\n" + origin).status, 421);
    EXPECT_EQ(t.hello_with(origin).status, 421);
}

TEST(Door, OnlyTheListedOriginAndWithoutCorsHeadersForOthers) {
    Door t;
    const auto host = "Host: " + t.host() + "\r\n";
    for (const std::string origin : {"null", "http://eoffice.example", "https://eoffice.example.evil.id", "https://EOFFICE.example",
                                     "https://eoffice.example:444", "https://eoffice.example/", ""}) {
        const auto answer = t.hello_with(host + "Origin: " + origin + "\r\n");
        EXPECT_EQ(answer.status, 403) << origin;
        EXPECT_EQ(answer.error_code(), "E-ASAL-TIDAK-DISETUJUI");
        EXPECT_FALSE(answer.headers.contains("access-control-allow-origin")) << origin;
    }
    EXPECT_EQ(t.hello_with(host).status, 403);
    EXPECT_EQ(t.hello_with(host + "Origin: https://eoffice.example\r\nOrigin: https://eoffice.example\r\n").status, 403);
}

TEST(Door, OnlyFetchInCorsMode) {
    Door t;
    for (const std::string fields : {"Sec-Fetch-Mode: navigate", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Mode: cors\r\nSec-Fetch-Dest: image",
                                     "Sec-Fetch-Mode: cors\r\nSec-Fetch-Mode: cors", "Upgrade: websocket\r\nConnection: Upgrade"}) {
        const auto answer = t.raw(t.head("GET /v1/hello", fields + "\r\n") + "\r\n");
        EXPECT_EQ(answer.status, 403) << fields;
        EXPECT_EQ(answer.error_code(), "E-CARA-AKSES-SALAH");
    }
    EXPECT_EQ(t.raw(t.head("GET /v1/hello", "Sec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\nSec-Fetch-Site: cross-site\r\n") + "\r\n").status, 200);
}

TEST(Door, APreflightNamesTheOriginAndNothingMore) {
    Door t;
    const auto answer =
        t.raw(t.head("OPTIONS /v1/signatures", "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Private-Network: true\r\n") + "\r\n");
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.headers.at("access-control-allow-origin"), "https://eoffice.example");
    EXPECT_EQ(answer.headers.at("access-control-allow-methods"), "GET, POST, DELETE");
    EXPECT_EQ(answer.headers.at("access-control-allow-private-network"), "true");
    EXPECT_EQ(t.raw("OPTIONS /v1/signatures HTTP/1.1\r\nHost: " + t.host() +
                    "\r\nOrigin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n\r\n")
                  .status,
              403);
}

TEST(Door, ASessionTokenBelongsToItsOrigin) {
    SiteWish wish;
    wish.applications = {{"https://eoffice.example"}, {"https://lain.example"}};
    Door t(wish);
    const auto token = t.token();
    const auto status = [&](const std::string& origin, const std::string& authorization) {
        return t.raw("GET /v1/status HTTP/1.1\r\nHost: " + t.host() + "\r\nOrigin: " + origin + "\r\n" + authorization + "\r\n");
    };
    EXPECT_EQ(status("https://eoffice.example", "Authorization: Bearer " + token + "\r\n").status, 200);
    for (const auto& bad : {std::string(), std::string("Authorization: Bearer x\r\n"), "Authorization: Basic " + token + "\r\n"}) {
        const auto answer = status("https://eoffice.example", bad);
        EXPECT_EQ(answer.status, 401);
        EXPECT_EQ(answer.headers.at("access-control-allow-origin"), "https://eoffice.example") << "the page must be able to read why";
    }
    EXPECT_EQ(status("https://lain.example", "Authorization: Bearer " + token + "\r\n").status, 401);
}

TEST(Door, ManySessionsOfOneOriginEndNobodyElses) {
    SiteWish wish;
    wish.applications = {{"https://eoffice.example"}, {"https://lain.example"}};
    Door t(wish);
    const auto first = t.token();
    for (int i = 0; i < 1100; ++i) {
        const std::string body = R"({"nonce":")" + fresh_nonce() + "\"}";
        RawConnection connection(t.port());
        connection.send("POST /v1/session HTTP/1.1\r\nHost: " + t.host() +
                        "\r\nOrigin: https://lain.example\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                        "\r\n\r\n" + body);
        ASSERT_EQ(connection.receive(5).status, 200) << i;
    }
    EXPECT_EQ(t.raw(t.head("GET /v1/status", "Authorization: Bearer " + first + "\r\n") + "\r\n").status, 200);
}

TEST(Door, TheSessionProofIsTheDeviceKeysAndCoversOriginPortNonceVersionAndEnvironment) {
    Door t;
    const auto answer = t.post_json("/v1/session", R"({"nonce":"AAECAwQFBgcICQoLDA0ODw=="})").json();
    const auto& proof = answer.at("proof").as_object();
    const auto folder = t.folder();
    const auto write = [&](const std::string& name, ByteView bytes) {
        std::ofstream(folder / name, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    };
    write("key.der", *from_base64(proof.at("publicKey").as_string()));
    write("signature", *from_base64(proof.at("signature").as_string()));
    const std::string statement = "jurukunci-session-v1\nhttps://eoffice.example\n" + std::to_string(t.port()) +
                                  "\nAAECAwQFBgcICQoLDA0ODw==\n0.1.0\nuji\n" + std::string(answer.at("expiresAt").as_string());
    write("statement", bytes_of(statement));
    const auto verify = "openssl pkeyutl -verify -pubin -keyform DER -inkey " + quoted(folder / "key.der") + " -rawin -in " +
                        quoted(folder / "statement") + " -sigfile " + quoted(folder / "signature");
    EXPECT_EQ(run_command(verify).exit_code, 0);
    write("statement", bytes_of(statement + "x"));
    EXPECT_NE(run_command(verify).exit_code, 0);
    EXPECT_EQ(t.post_json("/v1/session", R"({"nonce":"AAEC"})").status, 400);
}

TEST(Door, MethodsTypesAndLengths) {
    Door t;
    EXPECT_EQ(t.request("GET", "/v1/nothing").status, 404);
    EXPECT_EQ(t.request("GET", "/").status, 404);
    EXPECT_EQ(t.request("GET", "/v1/signatures").status, 405);
    EXPECT_EQ(t.request("POST", "/v1/signatures", "{}", "text/plain").status, 415);
    EXPECT_EQ(t.request("POST", "/v1/signatures", "{}", "application/x-www-form-urlencoded").status, 415);
    EXPECT_EQ(t.request("POST", "/v1/documents", "x", "application/json").status, 415);
    EXPECT_EQ(t.post("/v1/signatures", "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n").status, 411);
    EXPECT_EQ(t.post("/v1/signatures", "Content-Type: application/json\r\n", "").status, 411);
    const auto both = t.post("/v1/signatures", "Content-Type: application/json\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n", "{}");
    EXPECT_TRUE(both.status == 411 || both.status == 0) << both.status;
    const auto twice = t.post("/v1/signatures", "Content-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 3\r\n", "{}x");
    EXPECT_TRUE(twice.status == 411 || twice.status == 0) << twice.status;
    EXPECT_EQ(t.request("GET", "/v1/operations/x?wait=30&unknown=1").status, 404); // what does not exist is said first
    for (const std::string path : {"/v1/encryptions", "/v1/decryptions"}) EXPECT_EQ(t.post_json(path, "{}").status, 501) << path;
}

TEST(Door, TellsWhatAPathAllowsAndHowToAuthenticate) {
    Door t;
    EXPECT_EQ(t.request("DELETE", "/v1/documents").headers["allow"], "POST");
    EXPECT_EQ(t.request("POST", "/v1/operations/x", "{}").headers["allow"], "GET, DELETE");
    EXPECT_EQ(t.raw(t.head("GET /v1/status") + "\r\n").headers["www-authenticate"], "Bearer");
}

TEST(Door, APageThatIsToldTooLargeCanReadItThoughItIsStillSending) {
    Door t;
    const std::string piece(1u << 20, ' ');
    for (int megabytes : {5, 8, 64}) {
        RawConnection connection(t.port());
        const auto length = std::to_string(megabytes << 20);
        ASSERT_TRUE(connection.send(t.head("POST /v1/signatures", "Authorization: Bearer " + t.token() +
                                                                      "\r\nContent-Type: application/json\r\nContent-Length: " + length + "\r\n") +
                                    "\r\n"));
        bool sent = true;
        for (int i = 0; sent && i < megabytes; ++i) sent = connection.send(piece);
        EXPECT_TRUE(sent) << megabytes << " MiB: reset in the middle";
        EXPECT_EQ(connection.receive(5).status, 413) << megabytes << " MiB";
    }
}

TEST(Door, BodiesThatAreNotARequestAreRefusedByName) {
    Door t;
    const auto code = [&](const std::string& body) { return t.post_json("/v1/signatures", body).error_code(); };
    const std::string good =
        R"({"requestId":"request-1","format":"PAdES","level":"PAdES_BASELINE_B","purpose":"tte","taskKind":"email","items":[{"name":"a","documentId":"d_x"}])";
    EXPECT_EQ(code(good + "}"), "E-TIDAK-DITEMUKAN"); // the form is right, the document is not there
    EXPECT_EQ(code(good + R"(,"extra":1})"), "E-KOLOM-TIDAK-DIKENAL");
    EXPECT_EQ(code(good + R"(,"certificate":""})"), "E-PERMINTAAN-TIDAK-SAH");
    EXPECT_EQ(code(std::string(good).replace(good.find("d_x"), 3, "") + "}"), "E-PERMINTAAN-TIDAK-SAH") << "an empty documentId";
    EXPECT_EQ(code(good + R"(,"pin":"1234"})"), "E-PASSPHRASE-DARI-APLIKASI");
    EXPECT_EQ(code(good + R"(,"atasNama":"x"})"), "E-PENDELEGASIAN-DILARANG");
    EXPECT_EQ(code(good + R"(,"requestId":"request-2"})"), "E-PERMINTAAN-TIDAK-SAH");
    for (const auto& body : {std::string(), std::string("{"), std::string(100'000, '['), std::string("{\"a\":\"\xff\"}"), std::string("[]"),
                             std::string("{\"a\0\":1}", 8)})
        EXPECT_EQ(code(body), "E-PERMINTAAN-TIDAK-SAH") << body.substr(0, 20);
    EXPECT_EQ(t.post("/v1/signatures", "Content-Type: application/json\r\nContent-Length: 5000000\r\n", "{").error_code(), "E-TERLALU-BESAR");
}

TEST(Door, EveryRefusalOfAPolicyCarriesTheCitysArticle) {
    Door t;
    const auto document = t.upload(letter("nota-dinas.pdf"));
    const auto body = [&](const std::string& purpose, const std::string& task) {
        return R"({"requestId":"request-1","format":"PAdES","level":"PAdES_BASELINE_B","purpose":")" + purpose + R"(","taskKind":")" + task +
               R"(","items":[{"name":"a","documentId":")" + document + "\"}]}";
    };
    const auto refusal = t.post_json("/v1/signatures", body("ssl_server", "email")).json().at("error").as_object();
    EXPECT_EQ(refusal.at("code").as_string(), "E-KEGUNAAN-TIDAK-DIIZINKAN");
    EXPECT_EQ(refusal.at("rule").as_string(), "4.1");
    EXPECT_EQ(refusal.at("citation").as_string(), "Pasal 12 huruf a; Pasal 12 huruf b; Pasal 12 huruf c");
    EXPECT_EQ(t.post_json("/v1/signatures", body("tte", "pribadi")).json().at("error").as_object().at("citation").as_string(),
              "Pasal 11 huruf a; Pasal 11 huruf b; Pasal 11 huruf c");
}

TEST(Door, DocumentsBelongToTheirOrigin) {
    SiteWish wish;
    wish.applications = {{"https://eoffice.example"}, {"https://lain.example"}};
    Door t(wish);
    const auto id = t.upload(letter("nota-dinas.pdf"));
    t.origin = "https://lain.example";
    EXPECT_EQ(t.request("GET", "/v1/documents/" + id + "/content").status, 404);
    EXPECT_EQ(t.request("DELETE", "/v1/documents/" + id).status, 404);
    t.origin = "https://eoffice.example";
    EXPECT_EQ(t.request("GET", "/v1/documents/" + id + "/content").status, 200);
    EXPECT_EQ(t.request("DELETE", "/v1/documents/" + id).status, 204);
    EXPECT_EQ(t.request("GET", "/v1/documents/" + id + "/content").status, 404);
}

TEST(Door, TheSameRequestTwiceIsOneDialogAndAChangedOneIsAConflict) {
    Door t;
    json::array items{json::object{{"name", "a.pdf"}, {"documentId", t.upload(letter("nota-dinas.pdf"))}}};
    auto request = t.sign_request(std::move(items));
    const auto first = t.sign(request), again = t.sign(request);
    EXPECT_EQ(first.at("id"), again.at("id"));
    EXPECT_EQ(t.shown().size(), 1u);
    request["taskKind"] = "persuratan_elektronik";
    EXPECT_EQ(t.post_json("/v1/signatures", json::serialize(request)).status, 409);
}

TEST(Door, CancellingBeforeConsentClosesTheDialog) {
    Door t({}, {"silent"});
    json::array items{json::object{{"name", "a.pdf"}, {"documentId", t.upload(letter("nota-dinas.pdf"))}}};
    const auto operation = t.post_json("/v1/signatures", json::serialize(t.sign_request(std::move(items)))).json().at("operation").as_object();
    const std::string path = "/v1/operations/" + std::string(operation.at("id").as_string());
    ASSERT_EQ(t.shown(1).size(), 1u);
    EXPECT_EQ(t.request("DELETE", path).status, 200);
    const auto ended = t.wait_for(std::string(operation.at("id").as_string()));
    EXPECT_EQ(ended.at("state").as_string(), "cancelled");
    EXPECT_EQ(t.shown(2).back().at("reason").as_object().at("code").as_string(), "E-DIBATALKAN-APLIKASI");
    EXPECT_EQ(t.request("DELETE", path).status, 409);
}

TEST(Door, APageThatGoesAwayDuringConsentTakesItsDialogAlong) {
    Door t({}, {"silent"});
    json::array items{json::object{{"name", "a.pdf"}, {"documentId", t.upload(letter("nota-dinas.pdf"))}}};
    t.post_json("/v1/signatures", json::serialize(t.sign_request(std::move(items)))); // and never asks again
    ASSERT_EQ(t.shown(2).size(), 2u);
    EXPECT_EQ(t.shown().back().at("reason").as_object().at("code").as_string(), "E-HALAMAN-DITUTUP");
}

TEST(Door, SlowHeadersAndBodiesAreCutOff) {
    Door t;
    RawConnection slow(t.port());
    slow.send("GET /v1/hello HTTP/1.1\r\nHost: ");
    const auto before = std::chrono::steady_clock::now();
    std::thread drip([&] {
        for (int i = 0; i < 12 && slow.send("x"); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(800));
    });
    EXPECT_TRUE(slow.closed_within(9));
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(8));
    drip.join();
    RawConnection body(t.port());
    body.send(t.head("POST /v1/session", "Content-Type: application/json\r\nContent-Length: 100\r\n") + "\r\n{");
    EXPECT_TRUE(body.closed_within(13));
}

TEST(Door, AHeaderThatIsTooLongIsCutOff) {
    Door t;
    RawConnection connection(t.port());
    connection.send(t.head("GET /v1/hello", "X-Long: " + std::string(40'000, 'x') + "\r\n") + "\r\n");
    EXPECT_NE(connection.receive(10).status, 200);
}

TEST(Door, IdleConnectionsCannotKeepAPageOut) {
    Door t;
    t.token();
    std::vector<std::unique_ptr<RawConnection>> idle;
    for (int i = 0; i < 60; ++i) idle.push_back(std::make_unique<RawConnection>(t.port()));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_EQ(t.request("GET", "/v1/status").status, 200);
}

TEST(Door, KeepsAConnectionForSeveralRequestsAndPipelinedOnesAnswerInOrder) {
    Door t;
    RawConnection connection(t.port());
    const auto one = t.head("GET /v1/hello") + "\r\n";
    connection.send(one + t.head("GET /v1/nothing") + "\r\n" + one);
    EXPECT_EQ(connection.receive().status, 200);
    EXPECT_EQ(connection.receive().status, 404);
    EXPECT_EQ(connection.receive().status, 200);
}

TEST(Door, ListensOnLoopbackOnlyAndOwnsBothAddresses) {
    Door t;
    const auto said = run_command("ss -Hltnp | grep pid=" + std::to_string(t.agent().pid()) + ",");
    EXPECT_EQ(std::count(said.text.begin(), said.text.end(), '\n'), 2) << said.text;
    EXPECT_NE(said.text.find("127.0.0.1:" + std::to_string(t.port())), std::string::npos) << said.text;
    EXPECT_NE(said.text.find("[::1]:" + std::to_string(t.port())), std::string::npos) << said.text;
}

/// Holds a port on one loopback address, as a squatter would.
class Squatter {
public:
    explicit Squatter(int family) : m_fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        if (family == AF_INET6) {
            sockaddr_in6 address{};
            address.sin6_family = AF_INET6;
            address.sin6_addr = in6addr_loopback;
            m_ok = bind(m_fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && listen(m_fd, 1) == 0;
            socklen_t size = sizeof address;
            getsockname(m_fd, reinterpret_cast<sockaddr*>(&address), &size);
            port = ntohs(address.sin6_port);
        } else {
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            m_ok = bind(m_fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && listen(m_fd, 1) == 0;
            socklen_t size = sizeof address;
            getsockname(m_fd, reinterpret_cast<sockaddr*>(&address), &size);
            port = ntohs(address.sin_port);
        }
    }
    ~Squatter() { close(m_fd); }
    bool m_ok = false;
    unsigned short port = 0;

private:
    int m_fd;
};

TEST(Door, APortThatSomebodyHoldsOnEitherAddressIsNotUsedAndTheHolderIsNamed) {
    for (const int family : {AF_INET, AF_INET6}) {
        const Squatter squatter(family);
        ASSERT_TRUE(squatter.m_ok);
        const ScratchFolder folder;
        const auto site = TestSite::create(folder.path() / "site");
        const auto ran = run_program({program("jurukuncid"), "--port", std::to_string(squatter.port)}, site.environment(), folder.path());
        EXPECT_EQ(ran.exit_code, 5) << ran.output;
        EXPECT_NE(ran.output.find("E-PORT-TERPAKAI"), std::string::npos) << ran.output;
        EXPECT_NE(ran.output.find("pid " + std::to_string(getpid())), std::string::npos) << ran.output;
    }
}

TEST(Door, ASecondAgentOfTheSameUserIsRefused) {
    Door t;
    const auto ran = run_program({program("jurukuncid"), "--port", "0"}, t.site().environment(), t.folder());
    EXPECT_EQ(ran.exit_code, 5);
    EXPECT_NE(ran.output.find("E-AGEN-SUDAH-JALAN"), std::string::npos) << ran.output;
}

TEST(Door, AnAgentOfAnotherEnvironmentDoesNotTakeTheAddressOfTheFirst) {
    Door t;
    SiteWish wish;
    wish.environment = "produksi";
    const ScratchFolder folder;
    const auto second = TestSite::create(folder.path() / "site", wish);
    std::vector<std::string> environment;
    for (const auto& entry : second.environment())
        if (!entry.starts_with("XDG_RUNTIME_DIR=")) environment.push_back(entry);
    for (const auto& entry : t.site().environment())
        if (entry.starts_with("XDG_RUNTIME_DIR=")) environment.push_back(entry);
    const auto ran = run_program({program("jurukuncid"), "--port", "0"}, environment, t.folder());
    EXPECT_EQ(ran.exit_code, 5);
    EXPECT_NE(ran.output.find("E-AGEN-SUDAH-JALAN"), std::string::npos) << ran.output;
    EXPECT_EQ(t.cli({"status"}).exit_code, 0);
}

TEST(Prompter, NobodyBecomesItByCallingHimselfTheTray) {
    Door t({}, {});
    auto channel = control_channel(t);
    ASSERT_TRUE(channel.send(bytes_of(R"({"register":"tray"})")));
    const auto frame = channel.receive();
    ASSERT_TRUE(frame);
    EXPECT_NE(text_of(frame->body).find("E-PENANYA-DITOLAK"), std::string::npos) << text_of(frame->body);
    EXPECT_EQ(t.request("GET", "/v1/status").json().at("prompter").as_string(), "absent");
}

TEST(Prompter, OneThatDoesNotReadHoldsUpNeitherThePageNorTheAgentsEnd) {
    Door t({}, {});
    auto frozen = control_channel(t);
    ASSERT_TRUE(frozen.send(bytes_of(R"({"register":"test"})")));
    ASSERT_TRUE(frozen.receive()); // registered; from here on it reads nothing
    json::array items;
    const auto document = t.upload(letter("nota-dinas.pdf"));
    for (int i = 0; i < 100; ++i) items.push_back(json::object{{"name", std::string(190, '\x01') + std::to_string(i)}, {"documentId", document}});
    std::string path;
    for (int i = 0; i < 4; ++i) { // enough for any socket buffer
        const auto answer = t.post_json("/v1/signatures", json::serialize(t.sign_request(items)));
        ASSERT_EQ(answer.status, 202) << answer.body;
        path = "/v1/operations/" + std::string(answer.json().at("operation").at("id").as_string());
        for (int k = 0; k < 500 && t.request("GET", path).json().at("state").as_string() == "preparing"; ++k)
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        if (i == 3) break;
        t.request("DELETE", path);
        // Cancelled; or failed, once it was found out that nobody reads.
        const auto ended = t.wait_for(std::string(answer.json().at("operation").at("id").as_string()));
        EXPECT_TRUE(ended.at("state").as_string() == "cancelled" || ended.at("state").as_string() == "failed") << json::serialize(ended);
    }
    t.agent().signal(SIGTERM);
    EXPECT_EQ(t.agent().wait(30'000), 0);
}

TEST(Door, AnotherLocalUserIsResetBeforeAByteIsRead) {
    if (geteuid() != 0) GTEST_FAIL() << "this test changes the user with setpriv and must run as root";
    Door t;
    const auto curl = "bash -c 'exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(t.port()) +
                      " && printf \"GET /v1/hello HTTP/1.1\\r\\nHost: " + t.host() +
                      "\\r\\nOrigin: https://eoffice.example\\r\\n\\r\\n\" >&3 && timeout 5 cat <&3'";
    const auto other = run_command("setpriv --reuid=65534 --regid=65534 --clear-groups " + curl);
    EXPECT_EQ(other.text.find("HTTP/1.1"), std::string::npos) << other.text;
    EXPECT_TRUE(t.agent().says("E-BUKAN-SESI-PEMILIK"));
    EXPECT_NE(run_command(curl).text.find("HTTP/1.1 200"), std::string::npos) << "the owner's own request works";
}

TEST(Door, AnOrphanOfAnotherUserIsRefusedThoughItsProcessIsGone) {
    if (geteuid() != 0) GTEST_FAIL() << "this test changes the user with setpriv and must run as root";
    Door t;
    const auto refused = [&] {
        const auto log = t.agent().output();
        int count = 0;
        for (std::size_t at = 0; (at = log.find("E-BUKAN-SESI-PEMILIK", at)) != std::string::npos; ++at) ++count;
        return count;
    };
    t.agent().signal(SIGSTOP);
    // Sixty complete requests, sent and closed while the agent cannot look.
    run_command("setpriv --reuid=65534 --regid=65534 --clear-groups bash -c 'for i in $(seq 60); do exec 3<>/dev/tcp/127.0.0.1/" +
                std::to_string(t.port()) + " && printf \"GET /v1/hello HTTP/1.1\\r\\nHost: " + t.host() +
                "\\r\\nOrigin: https://eoffice.example\\r\\n\\r\\n\" >&3; exec 3>&-; done'");
    t.agent().signal(SIGCONT);
    for (int i = 0; i < 1000 && refused() < 60; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(refused(), 60);
}

std::string status_of(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

TEST(Confinement, AgentWorkerAndDocumentProgramHaveGivenUpWhatTheyDoNotNeed) {
#ifdef JURUKUNCI_SANITIZED
    GTEST_SKIP() << "sanitizers need what the filters forbid; the other builds test this";
#endif
    Door t;
    t.sign_document(letter("nota-dinas.pdf"));
    const auto agent = json::parse(t.cli({"status", "--json"}).output).as_object().at("agent").as_object();
    const int worker = static_cast<int>(agent.at("modules").as_array().at(0).as_object().at("workerPid").as_int64());
    for (const int pid : {t.agent().pid(), worker}) {
        const auto status = status_of(pid);
        EXPECT_NE(status.find("NoNewPrivs:\t1"), std::string::npos);
        EXPECT_NE(status.find("Seccomp:\t2"), std::string::npos) << status;
    }
    // Not dumpable: the files of its own process belong to root, whoever runs it.
    const auto owner = run_command("setpriv --reuid=" + std::to_string(geteuid()) + " --clear-groups --inh-caps=-all --bounding-set=-all cat /proc/" +
                                   std::to_string(t.agent().pid()) + "/environ");
    EXPECT_NE(owner.exit_code, 0);
    std::ifstream limits("/proc/" + std::to_string(t.agent().pid()) + "/limits");
    std::string line;
    while (std::getline(limits, line))
        if (line.starts_with("Max core file size")) {
            EXPECT_NE(line.find(" 0 "), std::string::npos) << line;
        }
}

TEST(Pin, StandsInNoMemoryOfTheAgentNorOfTheWorkerAfterwardsNorInAnyFile) {
#ifdef JURUKUNCI_SANITIZED
    GTEST_SKIP() << "the sanitizer's own copies are not ours";
#endif
    if (geteuid() != 0) GTEST_FAIL() << "this test reads another process's memory and must run as root";
    SiteWish wish;
    wish.token.pin = "sangat-rahasia-7391";
    Door t(wish);
    t.sign_document(letter("nota-dinas.pdf"));
    const auto agent = json::parse(t.cli({"status", "--json"}).output).as_object().at("agent").as_object();
    const int worker = static_cast<int>(agent.at("modules").as_array().at(0).as_object().at("workerPid").as_int64());
    EXPECT_EQ(found_in_memory(t.agent().pid(), wish.token.pin), 0);
    EXPECT_GT(found_in_memory(t.agent().pid(), "Jana Kusuma"), 0) << "the scan itself works";
    // SoftHSM itself keeps no copy after C_Logout; ours is wiped when the window closes.
    EXPECT_EQ(found_in_memory(worker, wish.token.pin), 0);
    const auto files = run_command("grep -rlF " + wish.token.pin + " " + quoted(t.folder()) + " --exclude=pin");
    EXPECT_EQ(files.text, "");
}

TEST(Configuration, WhatOthersCouldHaveChangedStopsTheStart) {
    const ScratchFolder folder;
    const auto site = TestSite::create(folder.path() / "site");
    const auto start = [&] { return run_program({program("jurukuncid"), "--port", "0"}, site.environment(), folder.path()); };
    std::filesystem::permissions(site.configuration() / "profile.yaml", std::filesystem::perms(0666));
    auto ran = start();
    EXPECT_EQ(ran.exit_code, 5);
    EXPECT_NE(ran.output.find("is writable by others"), std::string::npos) << ran.output;
    std::filesystem::permissions(site.configuration() / "profile.yaml", std::filesystem::perms(0644));
    std::ofstream(site.configuration() / "profile.yaml", std::ios::app) << "surprise: 1\n";
    ran = start();
    EXPECT_NE(ran.output.find("unknown key `surprise`"), std::string::npos) << ran.output;
    std::filesystem::remove(site.configuration() / "profile.yaml");
    EXPECT_EQ(start().exit_code, 5);
}

} // namespace
} // namespace jk::test
