// Names that look like the right one: hosts of rebound addresses, origins that begin, end or sound like the city's, ways a browser can be made
// to send something without fetch. Numbers are those of docs/security-checklist.md.
#include "tests/support/raw_page.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace jk::test {
namespace {

const std::string listed = "Origin: https://eoffice.example\r\n";

TEST(Rebinding, OnlyTheThreeExactHostsOnEveryPathAndMethod) {
    RawPage t({}, {});
    const auto p = ":" + std::to_string(t.port());
    const auto bearer = "Authorization: Bearer " + t.token() + "\r\n";
    for (const auto& host : {"evil.example" + p,
                             "evil.example." + p,
                             "127.0.0.1.evil.example" + p,
                             "localhost.evil.example" + p,
                             "127.0.0.1." + p,
                             "localhost." + p,
                             "LOCALHOST" + p,
                             "LocalHost" + p,
                             "127.1" + p,
                             "127.0.1" + p,
                             "2130706433" + p,
                             "0x7f000001" + p,
                             "0x7f.0.0.1" + p,
                             "0177.0.0.1" + p,
                             "127.000.000.001" + p,
                             "127.0.0.2" + p,
                             "0.0.0.0" + p,
                             "0" + p,
                             "[::]" + p,
                             "[::ffff:127.0.0.1]" + p,
                             "[::ffff:7f00:1]" + p,
                             "[0:0:0:0:0:0:0:1]" + p,
                             "[::1%25lo]" + p,
                             "::1" + p,
                             "[::1" + p,
                             "ip6-localhost" + p,
                             "user@127.0.0.1" + p,
                             "127.0.0.1:0" + p.substr(1),
                             "127.0.0.1" + p + "/",
                             "127.0.0.1" + p + "x",
                             "127.0.0.1" + p + ",evil",
                             "evil, 127.0.0.1" + p,
                             "http://127.0.0.1" + p,
                             "127.0.0.1" + p + ":80",
                             std::string("127.0.0.1"),
                             std::string("localhost"),
                             std::string("[::1]"),
                             std::string("127.0.0.1:80"),
                             std::string("127.0.0.1:"),
                             std::string(":"),
                             p,
                             "xn--localhost-9za" + p,
                             "localhost%00" + p,
                             "127.0.0.1%2e" + p})
        EXPECT_EQ(t.hello_with("Host: " + host + "\r\n" + listed).status, 421) << host;
    for (const std::string line :
         {"GET /v1/hello", "OPTIONS /v1/signatures", "GET /v1/status", "GET /v1/certificates", "GET /v1/operations", "DELETE /v1/operations/o_1",
          "GET /v1/documents/d_1/content", "DELETE /v1/documents/d_1", "GET /", "GET /nothing", "HEAD /v1/hello", "PUT /v1/hello"})
        EXPECT_EQ(
            t.raw(line + " HTTP/1.1\r\nHost: evil.example" + p + "\r\n" + listed + bearer + "Access-Control-Request-Method: GET\r\n\r\n").status, 421)
            << line;
    for (const std::string path : {"/v1/session", "/v1/documents", "/v1/signatures", "/v1/verifications", "/v1/enrolments", "/v1/authenticate"})
        EXPECT_EQ(t.raw("POST " + path + " HTTP/1.1\r\nHost: evil.example" + p + "\r\n" + listed + bearer +
                        "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
                      .status,
                  421)
            << path;
    // What a rebound page is told: nothing it can read.
    const auto answer = t.hello_with("Host: evil.example" + p + "\r\n" + listed);
    EXPECT_FALSE(answer.headers.contains("access-control-allow-origin"));
}

TEST(OtherOrigins, NoneThatOnlyResemblesTheListedOneIsTakenForIt) {
    RawPage t({}, {});
    const auto host = "Host: " + t.host() + "\r\n";
    for (const std::string origin : {"null",
                                     "https://eoffice.example.evil.id",
                                     "https://evil-eoffice.example",
                                     "https://xeoffice.example",
                                     "https://evil.example/https://eoffice.example",
                                     "https://eoffice.example@evil.example",
                                     "https://eoffice.exampl",
                                     "http://eoffice.example",
                                     "ws://eoffice.example",
                                     "wss://eoffice.example",
                                     "file://",
                                     "file:///home",
                                     "chrome-extension://eoffice.example",
                                     "moz-extension://3f5a",
                                     "https://eoffice.example:443",
                                     "https://eoffice.example:8443",
                                     "https://eoffice.example:",
                                     "HTTPS://eoffice.example",
                                     "https://EOFFICE.example",
                                     "https://eoffice.example/",
                                     "https://eoffice.example.",
                                     "https://eoffice.example/v1",
                                     "https://eoffice.example?x",
                                     "https://eoffice.example#x",
                                     "https://user@eoffice.example",
                                     "https://xn--eoffice-9za.example",
                                     "https://eoff\xc4\xb1"
                                     "ce.example",                     // a dotless i
                                     "https://\xd0\xb5office.example", // a Cyrillic e
                                     "https://eoffice.example https://evil.example",
                                     "https://evil.example https://eoffice.example",
                                     "https://eoffice.example, https://evil.example",
                                     "https://eoffice.example%00",
                                     "https:eoffice.example",
                                     "//eoffice.example",
                                     "eoffice.example",
                                     "*",
                                     ""}) {
        const auto answer = t.hello_with(host + "Origin: " + origin + "\r\n");
        EXPECT_EQ(answer.status, 403) << origin;
        EXPECT_EQ(answer.error_code(), "E-ASAL-TIDAK-DISETUJUI") << origin;
        EXPECT_FALSE(answer.headers.contains("access-control-allow-origin")) << origin;
        const auto preflight =
            t.raw("OPTIONS /v1/session HTTP/1.1\r\n" + host + "Origin: " + origin + "\r\nAccess-Control-Request-Method: POST\r\n\r\n");
        EXPECT_EQ(preflight.status, 403) << origin;
        EXPECT_FALSE(preflight.headers.contains("access-control-allow-methods")) << origin;
    }
    EXPECT_EQ(t.hello_with(host).status, 403);
    for (const auto& two :
         {"Origin: https://evil.example\r\n" + listed, listed + "Origin: https://evil.example\r\n", listed + listed, listed + "Origin: null\r\n"})
        EXPECT_EQ(t.hello_with(host + two).status, 403) << two;
}

TEST(Navigation, AFormAnImageOrABeaconReachesNothingAndRaisesNoDialog) {
    RawPage t;
    const auto document = t.upload(letter("nota-dinas.pdf"));
    const std::string body =
        R"({"requestId":"request-1","format":"PAdES","level":"PAdES_BASELINE_B","purpose":"tte","taskKind":"email","items":[{"name":"a","documentId":")" +
        document + R"("}]})";
    const auto send = [&](const std::string& origin, const std::string& type, const std::string& metadata) {
        return t.raw("POST /v1/signatures HTTP/1.1\r\nHost: " + t.host() + "\r\nOrigin: " + origin + "\r\nAuthorization: Bearer " + t.token() +
                     "\r\nContent-Type: " + type + "\r\n" + metadata + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    };
    const std::string navigation = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";
    EXPECT_EQ(send("null", "text/plain", navigation).status, 403) << "as both browsers sent it from a hostile page";
    EXPECT_EQ(send("https://eoffice.example", "application/json", navigation).status, 403) << "even from the listed page";
    for (const std::string type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                                   "text/plain; application/json", "application/json+x", "application/jsonx", "text/json", ""})
        EXPECT_EQ(send("https://eoffice.example", type, "").status, 415) << type;
    for (const std::string metadata :
         {"Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n", "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: script\r\n",
          "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: empty\r\n", "Sec-Fetch-Mode: same-origin\r\n", "Sec-Fetch-Mode: websocket\r\n",
          "Sec-Fetch-Mode: CORS\r\n", "Sec-Fetch-Mode: \r\n", "Sec-Fetch-Mode: cors\r\nSec-Fetch-Dest: iframe\r\n"}) {
        EXPECT_EQ(send("https://eoffice.example", "application/json", metadata).status, 403) << metadata;
        for (const std::string path : {"/v1/hello", "/v1/status", "/v1/operations"})
            EXPECT_EQ(t.raw(t.with_session("GET " + path, metadata) + "\r\n").status, 403) << metadata << path;
    }
    EXPECT_TRUE(t.shown().empty()) << "nobody was asked anything";
    EXPECT_EQ(t.request("GET", "/v1/operations").json().at("operations").as_array().size(), 0u);
    const auto refused = t.raw(t.head("GET /v1/hello", "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n") + "\r\n");
    EXPECT_EQ(refused.headers.at("cross-origin-resource-policy"), "same-origin") << "nor can an image or a script be made of the refusal";
    EXPECT_EQ(refused.headers.at("x-content-type-options"), "nosniff");
    EXPECT_NE(refused.headers.at("content-security-policy").find("frame-ancestors 'none'"), std::string::npos);
}

TEST(WebSockets, AreRefusedBeforeTheyAreOneWhoeverAsks) {
    RawPage t({}, {});
    const std::string upgrade =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const auto ask = [&](const std::string& host, const std::string& origin) {
        return t.say("GET /v1/hello HTTP/1.1\r\nHost: " + host + "\r\nOrigin: " + origin + "\r\n" + upgrade + "\r\n");
    };
    EXPECT_TRUE(ask(t.host(), "https://eoffice.example").says("HTTP/1.1 403"));
    EXPECT_TRUE(ask(t.host(), "https://evil.example").says("HTTP/1.1 403"));
    EXPECT_TRUE(ask("evil.example:" + std::to_string(t.port()), "https://eoffice.example").says("HTTP/1.1 421"));
    for (const std::string origin : {"https://eoffice.example", "https://evil.example"}) EXPECT_FALSE(ask(t.host(), origin).says(" 101 ")) << origin;
}

TEST(Addresses, NothingIsReachableButTheTwoLoopbackAddresses) {
    RawPage t({}, {});
    const auto reaches = [&](std::uint32_t address) {
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(t.port());
        to.sin_addr.s_addr = htonl(address);
        const bool connected = connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
        close(fd);
        return connected;
    };
    EXPECT_TRUE(reaches(INADDR_LOOPBACK));
    EXPECT_FALSE(reaches(INADDR_LOOPBACK + 1)) << "127.0.0.2 is this computer, too, and not ours";
    // The address others would reach this computer at, where it has one: no packet is sent to find it.
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in outside{};
    outside.sin_family = AF_INET;
    outside.sin_port = htons(9);
    outside.sin_addr.s_addr = htonl(0xC0000201); // 192.0.2.1, for documentation only
    sockaddr_in own{};
    socklen_t size = sizeof own;
    if (connect(fd, reinterpret_cast<sockaddr*>(&outside), sizeof outside) == 0 && getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) == 0) {
        EXPECT_FALSE(reaches(ntohl(own.sin_addr.s_addr)));
    }
    close(fd);
}

} // namespace
} // namespace jk::test
