// Requests whose length, lines or version can be read in two ways. Each carries a second request in its bytes: whoever answers that one was
// talked into it. Numbers are those of docs/security-checklist.md.
#include "tests/support/raw_page.hpp"

#include <gtest/gtest.h>

namespace jk::test {
namespace {

class Framing : public testing::Test {
protected:
    std::string hidden() const { return t.head("GET /v1/hello") + "\r\n"; }
    std::string json_post(const std::string& framing) const { return t.head("POST /v1/session", "Content-Type: application/json\r\n" + framing); }
    /// At most one answer, never a 200, and the agent goes on for others.
    void expect_refused(const std::string& bytes, const std::string& what) const {
        const auto heard = t.say(bytes);
        EXPECT_LE(heard.answers(), 1) << what << "\n" << heard.bytes;
        EXPECT_FALSE(heard.says("HTTP/1.1 200")) << what << "\n" << heard.bytes;
        EXPECT_TRUE(t.is_well()) << what;
    }
    RawPage t{{}, {}};
};

TEST_F(Framing, ASecondRequestHiddenBehindTwoLengthsIsNotAnswered) {
    const std::string chunks = "0\r\n\r\n" + hidden();
    const auto length = "Content-Length: " + std::to_string(chunks.size()) + "\r\n";
    for (const auto& framing :
         {length + "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\n" + length, std::string("Transfer-Encoding: chunked\r\n"),
          std::string("Content-Length: 0\r\n") + length, length + "Content-Length: 0\r\n", length + length,
          std::string("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), length + "Transfer-Encoding: xchunked\r\n",
          length + "Transfer-Encoding:\tchunked\r\n", length + "Transfer-Encoding: identity, chunked\r\n", length + "transfer-encoding: CHUNKED\r\n"})
        expect_refused(json_post(framing) + "\r\n" + chunks, framing);
}

TEST_F(Framing, ALengthIsDigitsAndNothingElse) {
    for (const std::string value : {"+5", "-1", "0x5", "5, 5", "5 5", "5;", "", "99999999999999999999999", "18446744073709551616", "5\t5", "\"5\""})
        expect_refused(json_post("Content-Length: " + value + "\r\n") + "\r\nabcde" + hidden(), value);
}

TEST_F(Framing, ALengthWithoutItsBodyEndsWithTheConnection) {
    expect_refused(json_post("Content-Length: 40\r\n") + "\r\n{", "a body that stops");
    const auto heard = t.say(json_post("") + "\r\n" + hidden());
    EXPECT_TRUE(heard.says("HTTP/1.1 411")) << heard.bytes;
}

TEST_F(Framing, ABodyWhereNoneIsExpectedIsNotTakenForTheNextRequest) {
    const auto length = "Content-Length: " + std::to_string(hidden().size()) + "\r\n";
    for (const std::string line : {"GET /v1/hello", "DELETE /v1/documents/d_1", "OPTIONS /v1/signatures", "HEAD /v1/hello"})
        expect_refused(t.head(line, length) + "\r\n" + hidden(), line);
    for (const std::string line : {"GET /v1/hello", "DELETE /v1/documents/d_1", "OPTIONS /v1/signatures", "HEAD /v1/hello"})
        expect_refused(t.head(line, "Transfer-Encoding: chunked\r\n") + "\r\n0\r\n\r\n" + hidden(), line + " in chunks");
    // Of a refused POST, too: its body is read past, not interpreted.
    const auto refused = t.say(t.head("POST /v1/signatures", "Content-Type: text/plain\r\n" + length) + "\r\n" + hidden());
    EXPECT_EQ(refused.answers(), 1) << refused.bytes;
    EXPECT_TRUE(refused.says("HTTP/1.1 415")) << refused.bytes;
}

TEST_F(Framing, LinesEndAsTheyMustAndFieldsHaveTheirForm) {
    const std::string host = "Host: " + t.host(), origin = "Origin: https://eoffice.example";
    const auto start = std::string("GET /v1/hello HTTP/1.1\r\n");
    for (const auto& [bytes, what] : std::vector<std::pair<std::string, std::string>>{
             {"GET /v1/hello HTTP/1.1\n" + host + "\n" + origin + "\n\n", "bare line feeds"},
             {start + host + "\n" + origin + "\r\n\r\n", "one bare line feed"},
             {start + host + "\r" + origin + "\r\n\r\n", "a bare carriage return"},
             {start + "Host : " + t.host() + "\r\n" + origin + "\r\n\r\n", "a space before the colon"},
             {start + " " + host + "\r\n" + origin + "\r\n\r\n", "a space before the first field"},
             {start + host + "\r\nOrigin: https://evil.example\r\n " + origin + "\r\n\r\n", "a folded Origin"},
             {start + host + "\r\n" + origin + "\r\n .evil.example\r\n\r\n", "an Origin that goes on in the next line"},
             {start + "Host: evil.example\r\n\t" + t.host() + "\r\n" + origin + "\r\n\r\n", "a folded Host"},
             {start + host + "\r\n" + origin + "\r\nno colon here\r\n\r\n", "a line without a colon"},
             {start + host + "\r\n: nameless\r\n" + origin + "\r\n\r\n", "a field without a name"},
             {start + host + std::string("\0", 1) + "\r\n" + origin + "\r\n\r\n", "NUL in Host"},
             {start + host + "\r\n" + origin + std::string("\0.evil", 6) + "\r\n\r\n", "NUL in Origin"},
             {start + host + "\r\n" + origin + "\r\nX" + std::string("\0", 1) + "Y: z\r\n\r\n", "NUL in a field's name"},
             {"GET /v1/hello" + std::string("\0", 1) + " HTTP/1.1\r\n" + host + "\r\n" + origin + "\r\n\r\n", "NUL in the path"},
             {"GET  /v1/hello HTTP/1.1\r\n" + host + "\r\n" + origin + "\r\n\r\n", "two spaces in the first line"},
             {"GET\t/v1/hello HTTP/1.1\r\n" + host + "\r\n" + origin + "\r\n\r\n", "a tab in the first line"}})
        expect_refused(bytes, what);
}

TEST_F(Framing, OnlyAPathOnThisServerIsATarget) {
    const auto fields = " HTTP/1.1\r\nHost: " + t.host() + "\r\nOrigin: https://eoffice.example\r\n\r\n";
    for (const std::string target : {"http://127.0.0.1/v1/hello", "http://evil.example/v1/hello", "https://evil.example:443/v1/hello", "*",
                                     "//evil.example/v1/hello", "/v1/../v1/hello", "/v1//hello", "/v1/hello/", "/v1/hello%00", "/v1/hello#x",
                                     "/V1/HELLO", "v1/hello", "/v1/%68ello", "/v1/hello;x=1", "\\v1\\hello"})
        expect_refused("GET " + target + fields, target);
    expect_refused("GET http://" + t.host() + "/v1/hello" + fields, "absolute form");
    for (const std::string method : {"CONNECT", "TRACE", "PUT", "PATCH", "HEAD", "get", "GETX", "PROPFIND"})
        expect_refused(method + " /v1/hello" + fields, method);
    expect_refused("CONNECT " + t.host() + fields + hidden(), "CONNECT and a tunnel");
}

TEST_F(Framing, OtherVersionsAndProtocolsAreNotSpoken) {
    const auto fields = "\r\nHost: " + t.host() + "\r\nOrigin: https://eoffice.example\r\n";
    for (const std::string version : {"HTTP/0.9", "HTTP/2", "HTTP/2.0", "HTTP/3.0", "http/1.1", "HTTP/1.1x", "HTTP/11", "HTTP/1", "ICY"})
        expect_refused("GET /v1/hello " + version + fields + "\r\n", version);
    expect_refused("GET /v1/hello\r\n", "HTTP/0.9");
    expect_refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string(9, '\0'), "the preface of HTTP/2");
    expect_refused("GET /v1/hello HTTP/1.1" + fields +
                       "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
                   "an upgrade to HTTP/2");
    expect_refused(std::string("\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", 11) + std::string(160, 'x'), "TLS");
    expect_refused(std::string(100, '\0'), "nothing but NUL");
    // An older version is answered once and closed, whatever it asks.
    const auto old = t.say("GET /v1/hello HTTP/1.0" + fields + "Connection: keep-alive\r\n\r\n" + hidden());
    EXPECT_EQ(old.answers(), 1) << old.bytes;
}

TEST_F(Framing, AFieldThatDecidesStandsOnceOrTheRequestIsRefused) {
    const auto body = std::string(R"({"nonce":"AAECAwQFBgcICQoLDA0ODw=="})");
    struct Case {
        std::string name, good, other;
        int status;
    };
    const auto length = std::to_string(body.size());
    for (const Case& c : {Case{"Host", t.host(), "evil.example", 421}, Case{"Origin", "https://eoffice.example", "https://evil.example", 403},
                          Case{"Content-Type", "application/json", "text/plain", 415}, Case{"Content-Length", length, "0", 0},
                          Case{"Sec-Fetch-Mode", "cors", "navigate", 403}, Case{"Sec-Fetch-Dest", "empty", "document", 403}}) {
        const auto request = [&](const std::vector<std::string>& values) {
            std::string all = "POST /v1/session HTTP/1.1\r\n";
            for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{{"Host", t.host()},
                                                                                              {"Origin", "https://eoffice.example"},
                                                                                              {"Content-Type", "application/json"},
                                                                                              {"Content-Length", length},
                                                                                              {"Sec-Fetch-Mode", "cors"},
                                                                                              {"Sec-Fetch-Dest", "empty"}}) {
                if (name != c.name)
                    all += name + ": " + value + "\r\n";
                else
                    for (const auto& one : values) all += name + ": " + one + "\r\n";
            }
            return all + "\r\n" + body;
        };
        for (const auto& values : {std::vector{c.good, c.good}, {c.good, c.other}, {c.other, c.good}}) {
            const auto heard = t.say(request(values));
            EXPECT_FALSE(heard.says("HTTP/1.1 200")) << c.name << "\n" << heard.bytes;
            if (c.status != 0) {
                EXPECT_TRUE(heard.says("HTTP/1.1 " + std::to_string(c.status))) << c.name << "\n" << heard.bytes;
            }
        }
    }
    const auto bearer = "Authorization: Bearer " + t.token() + "\r\n";
    EXPECT_EQ(t.raw(t.head("GET /v1/status", bearer) + "\r\n").status, 200);
    EXPECT_EQ(t.raw(t.head("GET /v1/status", bearer + bearer) + "\r\n").status, 401);
    EXPECT_EQ(t.raw(t.head("GET /v1/status", bearer + "Authorization: Basic eDp5\r\n") + "\r\n").status, 401);
    EXPECT_EQ(t.raw(t.head("GET /v1/operations/o_1?wait=1&wait=30", bearer) + "\r\n").status, 400) << "a parameter, too, stands once";
    std::string many = "/v1/operations/o_1?";
    for (int i = 0; i < 40; ++i) many += "a" + std::to_string(i) + "=1&";
    EXPECT_EQ(t.raw(t.head("GET " + many, bearer) + "\r\n").status, 400) << "none is ignored because there are many";
}

TEST_F(Framing, APipelineBehindARefusalIsAnsweredInOrderOrNotAtAll) {
    const auto bad = t.head("POST /v1/signatures", "Content-Type: text/plain\r\nContent-Length: 5\r\n") + "\r\nabcde";
    const auto heard = t.say(hidden() + bad + hidden());
    ASSERT_EQ(heard.answers(), 3) << heard.bytes;
    const auto first = heard.bytes.find("HTTP/1.1 200"), second = heard.bytes.find("HTTP/1.1 415"), third = heard.bytes.rfind("HTTP/1.1 200");
    EXPECT_TRUE(first < second && second < third) << heard.bytes;
    // Five hundred at once: each is answered, and what they need is not kept.
    std::string flood;
    for (int i = 0; i < 500; ++i) flood += hidden();
    EXPECT_EQ(t.say(flood).count("HTTP/1.1 200"), 500);
}

} // namespace
} // namespace jk::test
