// The terminal as the prompter: what a person at a terminal reads, types and does not see.
#include "tests/support/judges.hpp"
#include "tests/support/pkcs11_program.hpp"
#include "tests/support/running_agent.hpp"
#include "tests/support/typed_program.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

namespace jk::test {
namespace {

TEST(Terminal, AsksWithHiddenInputWhereNobodyElseDoes) {
    RunningAgent t({}, {});
    const auto out = t.folder() / "signed.pdf";
    TypedProgram sign({program("jurukunci"), "sign", letter("undangan-rapat.pdf").string(), "-o", out.string()}, t.site().environment());
    ASSERT_TRUE(sign.shows("> ")) << sign.screen();
    EXPECT_TRUE(sign.shows("jurukunci (baris perintah)")) << sign.screen();
    EXPECT_TRUE(sign.shows("undangan-rapat.pdf"));
    EXPECT_TRUE(sign.shows("TOKEN UJI"));
    sign.type("ya\n");
    ASSERT_TRUE(sign.shows("sisa percobaan 5")) << sign.screen();
    sign.type("salah\x7f\x7f\x7f\x7f\x7fsalah-lagi\n");
    ASSERT_TRUE(sign.shows("sisa percobaan paling banyak 4")) << sign.screen(); // SoftHSM says by now that a wrong one was typed
    sign.type("uji-1234\n");
    EXPECT_TRUE(sign.shows("signed.pdf")) << sign.screen();
    EXPECT_EQ(sign.screen().find("uji-1234"), std::string::npos) << "the PIN was echoed";
    EXPECT_EQ(sign.exit_code(), 0) << sign.screen();
    EXPECT_NE(pdfsig(out).text.find("Signature is Valid"), std::string::npos);
}

TEST(Terminal, MayNotAskWhereTheProfileDoesNotSaySo) {
    SiteWish wish;
    wish.terminal_prompter = false;
    RunningAgent t(wish, {});
    const auto ran = t.cli({"prompt"});
    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_NE(ran.output.find("E-PENANYA-DITOLAK"), std::string::npos) << ran.output;
}

/// `jurukunci prompt` in a terminal, and a page that asks while it runs.
struct PromptedPage : RunningAgent {
    explicit PromptedPage(const SiteWish& wish) : RunningAgent(wish, {}) {
        for (int i = 0; i < 100 && request("GET", "/v1/status").json().at("prompter").as_string() != "present"; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    TypedProgram prompt{{program("jurukunci"), "prompt"}, site().environment()};
    std::future<HttpAnswer> post(const std::string& path, const std::string& name) {
        return std::async(std::launch::async, [=, this] { return request("POST", path, json::serialize(json::object{{name, fresh_nonce()}})); });
    }
};

TEST(Terminal, ShowsAnEnrolmentsCodeAndAsksForNoPin) {
    for (const std::string word : {"sama", "ya"}) { // "ya" is no answer to "is it the same?"
        PromptedPage t({});
        const auto begun = t.post("/v1/enrolments", "nonce").get();
        ASSERT_EQ(begun.status, 202) << begun.body;
        const auto enrolment = begun.json().at("enrolment").as_object();
        const std::string code(enrolment.at("code").as_string());
        ASSERT_TRUE(t.prompt.shows(code.substr(0, 3) + " " + code.substr(3))) << t.prompt.screen();
        ASSERT_TRUE(t.prompt.shows("> ")) << t.prompt.screen();
        t.prompt.type(word + "\n");
        const auto ended = t.request("GET", "/v1/enrolments/" + std::string(enrolment.at("id").as_string()) + "?wait=10&seen=2").json();
        EXPECT_EQ(ended.at("state").as_string(), word == "sama" ? "confirmed" : "refused") << t.prompt.screen();
        EXPECT_EQ(t.prompt.screen().find("assphrase"), std::string::npos) << t.prompt.screen();
    }
}

TEST(Terminal, SaysThatALoginSignsNoDocument) {
    SiteWish wish;
    wish.authentication = true;
    PromptedPage t(wish);
    auto login = t.post("/v1/authenticate", "challengeNonce");
    ASSERT_TRUE(t.prompt.shows("tidak ada dokumen yang ditandatangani")) << t.prompt.screen();
    ASSERT_TRUE(t.prompt.shows("> ")) << t.prompt.screen();
    t.prompt.type("ya\n");
    ASSERT_TRUE(t.prompt.shows("sisa percobaan 5")) << t.prompt.screen();
    t.prompt.type("uji-1234\n");
    EXPECT_EQ(login.get().status, 200) << t.prompt.screen();
}

TEST(Terminal, NamesTheProgramAndSaysThatItsDoingsCannotBeShown) {
    PromptedPage t(ordinary_key());
    Pkcs11Program program(t.site());
    const auto session = program.session();
    auto login = std::async(std::launch::async, [&] { return program.login(session); });
    ASSERT_TRUE(t.prompt.shows("tidak dapat ditampilkan")) << t.prompt.screen();
    EXPECT_TRUE(t.prompt.shows("e2e_terminal_test (PID ")) << t.prompt.screen();
    EXPECT_TRUE(t.prompt.shows("sampai 100 kali pemakaian kunci, selama 5 menit")) << t.prompt.screen();
    ASSERT_TRUE(t.prompt.shows("> ")) << t.prompt.screen();
    t.prompt.type("ya\n");
    ASSERT_TRUE(t.prompt.shows("sisa percobaan 5")) << t.prompt.screen();
    t.prompt.type("uji-1234\n");
    EXPECT_EQ(login.get(), CKR_OK) << t.prompt.screen();
}

} // namespace
} // namespace jk::test
