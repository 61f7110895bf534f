// Several modules at once: two SoftHSM token folders behind two modules, one of which forgets its manners.
#include "pkcs11/worker/all_tokens.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/soft_token.hpp"
#include "tests/support/test_launcher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace jk::test {
namespace {

using namespace std::chrono_literals;

TokenWish labelled(const std::string& label) {
    TokenWish wish;
    wish.label = label;
    return wish;
}

struct TwoModules {
    TwoModules()
        : ca(DemoCa::create()), first(SoftToken::create(folder.path() / "satu", ca, labelled("Satu"))),
          second(SoftToken::create(folder.path() / "dua", ca, labelled("Dua"))), launcher(io.get_executor(), take_launcher()) {
        config("baik", softhsm_module(), first);
        config("kasar", JURUKUNCI_UNRULY_MODULE, second);
    }
    void config(const std::string& name, const std::string& path, const SoftToken& token) {
        pkcs11::ModuleConfig module;
        module.name = name;
        module.path = path;
        module.environment = {{"SOFTHSM2_CONF", token.conf()}, {"UNRULY_CONTROL", (folder.path() / "control").string()}};
        configs.push_back(std::move(module));
    }
    pkcs11::AllTokens& tokens() {
        if (!all) all = std::make_unique<pkcs11::AllTokens>(io.get_executor(), launcher, configs);
        return *all;
    }
    void order(const std::string& text) {
        std::ofstream(folder.path() / "new") << text;
        std::filesystem::rename(folder.path() / "new", folder.path() / "control");
    }
    std::vector<std::string> labels() {
        auto found = run(io, tokens().tokens());
        if (!found) throw std::runtime_error(found.error().log_line());
        std::vector<std::string> names;
        for (const auto& token : *found) names.push_back(token.label);
        return names;
    }

    ScratchFolder folder;
    DemoCa ca;
    SoftToken first, second;
    net::io_context io;
    launcher::Launcher launcher;
    std::vector<pkcs11::ModuleConfig> configs;
    std::unique_ptr<pkcs11::AllTokens> all;
};

using Labels = std::vector<std::string>;

TEST(TwoModulesAtOnce, BothTokensAreListedEachUnderItsModule) {
    TwoModules desk;
    const auto found = run(desk.io, desk.tokens().tokens());
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 2u);
    EXPECT_EQ((*found)[0].id, (TokenId{"baik", desk.first.serial()}));
    EXPECT_EQ((*found)[1].id, (TokenId{"kasar", desk.second.serial()}));
}

TEST(TwoModulesAtOnce, OneThatHangsIsNotWaitedForWhileTheOtherHasATokenToOffer) {
    TwoModules desk;
    ASSERT_EQ(desk.labels(), (Labels{"Satu", "Dua"}));
    desk.order("C_GetSlotList hang\n"); // its deadline is ten seconds
    const auto before = std::chrono::steady_clock::now();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(desk.labels(), Labels{"Satu"});
    EXPECT_LT(std::chrono::steady_clock::now() - before, 8s); // a wait for the deadline would be longer
}

TEST(TwoModulesAtOnce, OneThatIsLateIsKnownToBeAndCanBeWaitedFor) {
    TwoModules desk;
    pkcs11::Deadlines deadlines;
    deadlines.ordinary = 3s;
    desk.all = std::make_unique<pkcs11::AllTokens>(desk.io.get_executor(), desk.launcher, desk.configs, deadlines);
    ASSERT_EQ(desk.labels(), (Labels{"Satu", "Dua"}));
    EXPECT_FALSE(desk.tokens().is_late({}));
    desk.order("C_GetSlotList hang\n");
    ASSERT_EQ(desk.labels(), Labels{"Satu"});
    EXPECT_TRUE(desk.tokens().is_late({}));
    EXPECT_TRUE(desk.tokens().is_late("kasar"));
    EXPECT_FALSE(desk.tokens().is_late("baik"));
    const auto wait = [&](const std::string& module, bool given_up) -> Task<int> {
        co_await desk.tokens().await_late(module, [given_up] { return given_up; });
        co_return 0;
    };
    run(desk.io, wait("baik", false));
    run(desk.io, wait("kasar", true));
    EXPECT_TRUE(desk.tokens().is_late("kasar")) << "it still hangs";
    desk.order("");
    run(desk.io, wait("kasar", false));
    EXPECT_FALSE(desk.tokens().is_late({}));
    auto seen = desk.labels();
    for (int i = 0; i < 20 && seen.size() < 2; ++i) { // its worker starts again, and that may take longer than an answer
        run(desk.io, wait("kasar", false));
        seen = desk.labels();
    }
    EXPECT_EQ(seen, (Labels{"Satu", "Dua"}));
}

TEST(TwoModulesAtOnce, AStartThatFailsIsToldToAllWhoWaitedForIt) {
    TwoModules desk;
    desk.configs.erase(desk.configs.begin());
    pkcs11::Deadlines deadlines;
    deadlines.ordinary = 2s;
    desk.all = std::make_unique<pkcs11::AllTokens>(desk.io.get_executor(), desk.launcher, desk.configs, deadlines);
    desk.order("C_Initialize hang\n");
    const auto before = std::chrono::steady_clock::now();
    int told = 0;
    for (int i = 0; i < 4; ++i)
        net::co_spawn(desk.io, desk.tokens().tokens(), [&](std::exception_ptr, Outcome<std::vector<TokenInfo>> found) { told += !found; });
    desk.io.restart();
    for (const auto end = before + 30s; told < 4 && desk.io.run_one_until(end) > 0;) {
    }
    EXPECT_EQ(told, 4);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 6s) << "one deadline, not one after the other";
    desk.order("");
    EXPECT_EQ(desk.labels(), Labels{"Dua"});
}

TEST(TwoModulesAtOnce, OneThatHangsAloneIsWaitedForToItsDeadlineAndComesBack) {
    TwoModules desk;
    desk.configs.erase(desk.configs.begin());
    pkcs11::Deadlines deadlines;
    deadlines.ordinary = 2s; // a worker's start counts, too
    desk.all = std::make_unique<pkcs11::AllTokens>(desk.io.get_executor(), desk.launcher, desk.configs, deadlines);
    ASSERT_EQ(desk.labels(), Labels{"Dua"});
    desk.order("C_GetSlotList hang\n");
    EXPECT_EQ(run(desk.io, desk.tokens().tokens()).error().code, Errc::token_timed_out);
    EXPECT_TRUE(desk.tokens().present().empty());
    desk.order("");
    EXPECT_EQ(desk.labels(), Labels{"Dua"});
}

TEST(TwoModulesAtOnce, ATokenThatItsModuleIsNotListedForIsNotShownTwice) {
    TwoModules desk;
    desk.config("umum", softhsm_module(), desk.first); // another module that sees the first card, too
    EXPECT_EQ(desk.labels(), (Labels{"Satu", "Dua", "Satu"}));
    desk.all.reset();
    desk.configs[2].tokens = {{"Pabrikan Lain", "", ""}};
    EXPECT_EQ(desk.labels(), (Labels{"Satu", "Dua"}));
}

TEST(TwoModulesAtOnce, AnEmptySlotOrATokenIsPreparedThroughTheModuleThatIsListedForIt) {
    TwoModules desk;
    desk.config("umum", softhsm_module(), desk.first);
    desk.configs[2].tokens = {{"Pabrikan Lain", "", ""}};
    const auto found = run(desk.io, desk.tokens().contents());
    ASSERT_TRUE(found);
    for (const auto& token : *found) EXPECT_NE(token.id.module, "umum");
    EXPECT_EQ(std::ranges::count(*found, desk.first.serial(), [](const TokenContents& token) { return token.id.serial; }), 1);
}

TEST(TwoModulesAtOnce, AMechanismThatAQuirkRulesOutIsNotOffered) {
    TwoModules desk;
    desk.configs[0].quirks = {{"SoftHSM*", "SoftHSM v2", "2.*", {"PSS"}}};
    const auto found = run(desk.io, desk.tokens().tokens());
    ASSERT_TRUE(found);
    for (const auto& token : *found) {
        const auto pss = std::ranges::count(token.mechanisms, Padding::pss, &Mechanism::padding);
        EXPECT_EQ(pss, token.id.module == "baik" ? 0 : 3) << token.label;
    }
}

} // namespace
} // namespace jk::test
