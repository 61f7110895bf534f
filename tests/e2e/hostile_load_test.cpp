// Too much, too slow, too deep: what a page or program may cost before it is cut off. Numbers are those of docs/security-checklist.md.
#include "tests/support/process_facts.hpp"
#include "tests/support/raw_page.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <thread>

namespace jk::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Sanitizers keep freed memory; the other builds measure.
void expect_growth_below(long before, long after, long kib, const std::string& what) {
#ifdef JURUKUNCI_SANITIZED
    (void)before, (void)after, (void)kib, (void)what;
#else
    EXPECT_LT(after - before, kib) << what << ": " << before << " KiB before, " << after << " KiB at most";
#endif
}

TEST(Load, HostileJsonIsRefusedInConstantMemory) {
    RawPage t({}, {});
    t.token();
    const auto valid = [](const std::string& extra) {
        return R"({"requestId":"request-1","format":"PAdES","level":"PAdES_BASELINE_B","purpose":"tte","taskKind":"email",)" + extra +
               R"("items":[{"name":"a","documentId":"d_x"}]})";
    };
    std::string twice = "{", wide = "[";
    for (int i = 0; i < 100'000; ++i) twice += (i > 0 ? "," : "") + std::string("\"a\":1");
    while (wide.size() < (3u << 20)) wide += "0,";
    const std::vector<std::pair<std::string, std::string>> bodies{
        {"arrays 100 000 deep", std::string(100'000, '[') + std::string(100'000, ']')},
        {"objects 100 000 deep",
         [] {
             std::string deep;
             for (int i = 0; i < 100'000; ++i) deep += "{\"a\":";
             return deep + "1" + std::string(100'000, '}');
         }()},
        {"one name 100 000 times", twice + "}"},
        {"a duplicate member", valid(R"("purpose":"tte",)")},
        {"a duplicate member, escaped", valid(R"("purp\u006fse":"tte",)")},
        {"a huge number", valid("\"extra\":" + std::string(200'000, '9') + ",")},
        {"a huge exponent", valid("\"extra\":1e999999999,")},
        {"a number that is none", valid("\"extra\":NaN,")},
        {"three megabytes of numbers", wide + "0]"},
        {"bad UTF-8", "{\"a\":\"\xc3\x28\xff\"}"},
        {"an overlong NUL", "{\"a\":\"\xc0\x80\"}"},
        {"half a surrogate pair", R"({"a":"\ud800"})"},
        {"a bare NUL", std::string("{\"a\":\"\0\"}", 9)},
        {"NUL behind the value", std::string("{}\0", 3)},
        {"a second value", "{} {}"},
        {"a comment", "{/* */}"},
        {"a byte order mark", "\xef\xbb\xbf{}"},
    };
    const auto round = [&] {
        for (const auto& [what, body] : bodies) {
            const auto answer = t.post_json("/v1/signatures", body);
            EXPECT_EQ(answer.status, 400) << what << answer.body;
        }
    };
    for (int i = 0; i < 4; ++i) round(); // what is kept for good: code pages, the allocator's arenas
    const auto before = peak_kib(t.agent().pid());
    for (int i = 0; i < 20; ++i) round();
    expect_growth_below(before, peak_kib(t.agent().pid()), 8 << 10, "twenty rounds, 130 MB, of hostile JSON");
    EXPECT_TRUE(t.is_well());
}

TEST(Load, WhatIsAnnouncedTooLargeIsRefusedBeforeItIsRead) {
    RawPage t({}, {});
    const auto before = resident_kib(t.agent().pid());
    for (const std::string length : {"4194305", "99999999999", "9223372036854775807", "18446744073709551615"}) {
        const auto answer =
            t.raw(t.with_session("POST /v1/signatures", "Content-Type: application/json\r\nContent-Length: " + length + "\r\n") + "\r\n{");
        EXPECT_EQ(answer.status, 413) << length;
        EXPECT_EQ(answer.error_code(), "E-TERLALU-BESAR") << length;
        const auto document =
            t.raw(t.with_session("POST /v1/documents", "Content-Type: application/pdf\r\nContent-Length: " + length + "\r\n") + "\r\n%");
        if (length != "4194305") {
            EXPECT_EQ(document.status, 413) << length << document.body;
        }
    }
    expect_growth_below(before, resident_kib(t.agent().pid()), 4 << 10, "announced bodies");
    RawConnection header(t.port());
    header.send("GET /v1/hello HTTP/1.1\r\nHost: " + t.host() + "\r\n");
    bool sending = true;
    for (int i = 0; sending && i < 4000; ++i) sending = header.send("X-" + std::to_string(i) + ": " + std::string(60, 'x') + "\r\n");
    EXPECT_TRUE(header.closed_within(2)) << "by its length, and not by the five seconds that a header may take";
    EXPECT_TRUE(t.is_well());
}

/// 32 connections that stop in the middle of what `bytes` began. The official's page must not wait for them.
/// What starts at the first need, the worker and the lives that read documents, is there.
void warm_up(RawPage& t) {
    ASSERT_EQ(t.request("GET", "/v1/status").status, 200);
    const auto uploaded = t.upload(letter("nota-dinas.pdf"));
    ASSERT_FALSE(uploaded.empty());
}

class HeldConnections : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(HeldConnections, DoNotStopTheOfficialsPage) {
    RawPage t({}, {});
    warm_up(t);
    std::string bytes = GetParam().second;
    for (std::size_t at; (at = bytes.find("PORT")) != std::string::npos;) bytes.replace(at, 4, std::to_string(t.port()));
    std::vector<std::unique_ptr<RawConnection>> held;
    for (int i = 0; i < 40; ++i) {
        held.push_back(std::make_unique<RawConnection>(t.port()));
        held.back()->send(bytes);
    }
    std::this_thread::sleep_for(200ms); // they are all in their places
    const auto before = Clock::now();
    const auto answer = t.request("GET", "/v1/status");
    EXPECT_EQ(answer.status, 200);
    EXPECT_LT(Clock::now() - before, 4s) << "it has a place at once, not when others time out";
}

INSTANTIATE_TEST_SUITE_P(
    All, HeldConnections,
    testing::Values(std::pair{"Silent", ""}, std::pair{"HalfAHeader", "GET /v1/hello HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nOri"},
                    std::pair{"RefusedOriginsUnsentBody", "POST /v1/session HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nOrigin: https://evil.example\r\n"
                                                          "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"},
                    std::pair{"WrongHostsUnsentBody", "POST /v1/documents HTTP/1.1\r\nHost: evil.example:PORT\r\nOrigin: https://evil.example\r\n"
                                                      "Content-Type: application/pdf\r\nContent-Length: 4000000\r\n\r\n%PDF"},
                    std::pair{"ListedOriginWithoutSession", "POST /v1/session HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nOrigin: https://eoffice.example\r\n"
                                                            "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"}),
    [](const auto& held) { return std::string(held.param.first); });

TEST(Load, ThirtyTwoRequestsAreServedAndTheNextOneIsResetNotQueued) {
    RawPage t({}, {});
    // Long polls with a session: none of them may be let go.
    SiteWish wish;
    std::vector<std::unique_ptr<RawConnection>> busy;
    const auto upload = t.with_session("POST /v1/documents", "Content-Type: application/pdf\r\nContent-Length: 100\r\n") + "\r\n%PDF";
    const auto before = open_descriptors(t.agent().pid());
    for (int i = 0; i < 32; ++i) {
        busy.push_back(std::make_unique<RawConnection>(t.port()));
        busy.back()->send(upload);
    }
    for (int i = 0; i < 250 && open_descriptors(t.agent().pid()) < before + 32; ++i) std::this_thread::sleep_for(20ms);
    ASSERT_GE(open_descriptors(t.agent().pid()), before + 32) << "each has its connection";
    std::this_thread::sleep_for(300ms); // and their headers have been read
    RawConnection further(t.port());
    further.send(t.head("GET /v1/hello") + "\r\n");
    EXPECT_EQ(further.receive(5).status, 0);
    for (int i = 0; i < 32; ++i) {
        busy[i]->send(std::string(96, 'x'));
        EXPECT_EQ(busy[i]->receive(10).status, 201) << i;
    }
    EXPECT_TRUE(t.is_well());
}

TEST(Load, ASlowReaderOfALongAnswerIsLeftBehind) {
    RawPage t({}, {});
    warm_up(t);
    const auto file = t.folder() / "long.bin";
    std::ofstream(file, std::ios::binary) << std::string(64u << 20, 'x');
    std::ifstream in(file, std::ios::binary);
    std::stringstream bytes;
    bytes << in.rdbuf();
    const auto answer = t.request("POST", "/v1/documents", bytes.str(), "application/octet-stream");
    ASSERT_EQ(answer.status, 201) << answer.body;
    const auto before = resident_kib(t.agent().pid());
    const auto descriptors = open_descriptors(t.agent().pid());
    std::vector<std::unique_ptr<RawConnection>> slow;
    for (int i = 0; i < 16; ++i) {
        slow.push_back(std::make_unique<RawConnection>(t.port()));
        slow.back()->send(t.with_session("GET /v1/documents/" + std::string(answer.json().at("id").as_string()) + "/content") + "\r\n");
    }
    std::this_thread::sleep_for(300ms);
    EXPECT_EQ(t.request("GET", "/v1/status").status, 200) << "others are answered meanwhile";
    expect_growth_below(before, resident_kib(t.agent().pid()), 8 << 10, "sixteen long answers that nobody reads");
    for (int i = 0; i < 150 && open_descriptors(t.agent().pid()) > descriptors; ++i) std::this_thread::sleep_for(100ms);
    EXPECT_LE(open_descriptors(t.agent().pid()), descriptors) << "who takes nothing for ten seconds is hung up on";
}

TEST(Load, ADocumentThatComesByTheByteKeepsOnlyItsOwnConnection) {
    RawPage t({}, {});
    RawConnection drip(t.port());
    drip.send(t.with_session("POST /v1/documents", "Content-Type: application/pdf\r\nContent-Length: 100000\r\n") + "\r\n%");
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(drip.send("x"));
        EXPECT_TRUE(t.is_well());
        std::this_thread::sleep_for(100ms);
    }
    EXPECT_TRUE(drip.closed_within(13)) << "ten seconds without a byte end it";
}

} // namespace
} // namespace jk::test
