// What the token itself says of its PIN, as the person reads it before typing: the agent's own count knows nothing of other computers.
#include "tests/support/running_agent.hpp"
#include "tests/support/typed_program.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace jk::test {
namespace {

struct Reading {
    std::string order, language;
    std::vector<std::string> says, says_not;
};

TEST(PinWarning, TheTerminalSaysInWordsWhatTheTokenReports) {
    SiteWish wish;
    wish.module = JURUKUNCI_UNRULY_MODULE;
    RunningAgent t(wish, {});
    const std::string low_id = "token sendiri melaporkan bahwa passphrase pernah salah", low_en = "the token itself reports that a wrong PIN";
    const std::string initial_id = "masih bawaan", initial_en = "still the initial one", command = "jurukunci pin change";
    const std::vector<Reading> readings{{"", "id", {"sisa percobaan 5"}, {low_id, initial_id}},
                                        {"C_GetTokenInfo low\n", "id", {low_id, "paling banyak 5"}, {initial_id, "(sisa percobaan 5"}},
                                        {"C_GetTokenInfo low\n", "en", {low_en, "at most 5"}, {initial_en}},
                                        {"C_GetTokenInfo initial\n", "id", {low_id, initial_id, command}, {}},
                                        {"C_GetTokenInfo initial\n", "en", {low_en, initial_en, command}, {}}};
    int number = 0;
    for (const auto& reading : readings) {
        t.order_module(reading.order);
        const auto out = t.folder() / (std::to_string(++number) + ".pdf");
        TypedProgram sign({program("jurukunci"), "sign", letter("nota-dinas.pdf").string(), "-o", out.string(), "--lang", reading.language},
                          t.site().environment());
        ASSERT_TRUE(sign.shows("> ")) << sign.screen();
        sign.type("ya\n");
        ASSERT_TRUE(sign.shows("): ")) << sign.screen();
        for (const auto& words : reading.says) EXPECT_TRUE(sign.shows(words)) << words << " is not in\n" << sign.screen();
        for (const auto& words : reading.says_not) EXPECT_EQ(sign.screen().find(words), std::string::npos) << sign.screen();
        sign.type("uji-1234\n");
        EXPECT_EQ(sign.exit_code(), 0) << sign.screen();
    }
}

TEST(PinWarning, AStepOfProvisioningSaysItToo) {
    SiteWish wish;
    wish.module = JURUKUNCI_UNRULY_MODULE;
    RunningAgent t(wish, {});
    t.order_module("C_GetTokenInfo initial\n");
    const std::vector<std::string> destroy{program("jurukunci"), "token", "destroy",   "--reason",   "mutasi",          "--officer", "Rina",
                                           "--witness",          "Agus",  "--minutes", "BA-12/2026", "--without-so-pin"};
    TypedProgram prompt({program("jurukunci"), "prompt"}, t.site().environment());
    for (int i = 0; i < 100 && t.request("GET", "/v1/status").json().at("prompter").as_string() != "present"; ++i) usleep(50'000);
    TypedProgram command(destroy, t.site().environment());
    ASSERT_TRUE(prompt.shows("> ")) << prompt.screen();
    EXPECT_TRUE(prompt.shows("token sendiri melaporkan bahwa passphrase pernah salah")) << prompt.screen();
    EXPECT_TRUE(prompt.shows("masih bawaan")) << prompt.screen();
    prompt.type("\n");
    EXPECT_EQ(command.exit_code(), 4) << command.screen();
}

} // namespace
} // namespace jk::test
