// C_SignInit ahead of the digest, on a real SoftHSM2 and without the agent: what is begun, what is signed, and that nothing stays begun. Fits: softhsm.
#include "pkcs11/worker/use_windows.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/soft_token.hpp"
#include "x509/signature_check.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>

namespace jk::test {
namespace {

using namespace pkcs11;

struct AheadDesk {
    explicit AheadDesk(TokenWish wish = {}) : ca(DemoCa::create()), token(SoftToken::create(folder.path(), ca, wish)) {
        setenv("SOFTHSM2_CONF", token.conf().c_str(), 1);
        setenv("UNRULY_LOG", (folder.path() / "log").c_str(), 1);
        setenv("UNRULY_CONTROL", (folder.path() / "control").c_str(), 1);
        board.emplace(std::move(*CallBoard::create()));
        module.emplace(std::move(*Module::load(JURUKUNCI_UNRULY_MODULE, *board)));
        windows.emplace(*module);
    }
    void behave(const std::string& orders) const { std::ofstream(folder.path() / "control") << orders; }
    int calls(std::string_view function) const {
        std::ifstream lines(folder.path() / "log");
        int count = 0;
        for (std::string line; std::getline(lines, line);) count += line == function;
        return count;
    }
    std::uint64_t open(std::uint32_t operations = 100) {
        const auto slots = slots_with_token(*module);
        for (const auto slot : *slots) {
            if (token_state(*module, slot)->serial != token.serial()) continue;
            auto pin = Secret::create();
            const std::string typed = TokenWish().pin;
            std::ranges::copy(typed, pin->room().begin());
            pin->grow(typed.size());
            OpenUseRequest request;
            request.serial = token.serial();
            request.keys.push_back({token.certificate()->id, token.certificate()->public_key, true, false});
            request.operations = operations;
            request.seconds = 60;
            auto opened = windows->open(slot, "uji", std::move(request), std::move(*pin));
            if (!opened) throw std::runtime_error(opened.error().log_line());
            return opened->window;
        }
        throw std::runtime_error("no token");
    }
    KeyTask task(const std::string& text, HashFunction hash = HashFunction::sha256) const {
        const auto digest = hash == HashFunction::sha256 ? sha256(bytes_of(text)) : *Digest::from(hash, Bytes(size_of(hash), 7));
        return {token.certificate()->id, DigestToSign{{KeyKind::ec, hash, Padding::none}, digest}};
    }
    /// The signature is the key's, over this digest.
    bool signs(std::uint64_t window, const KeyTask& task) {
        const auto raw = windows->use(window, task);
        if (!raw) return ADD_FAILURE() << raw.error().log_line(), false;
        const auto& wanted = std::get<DigestToSign>(task.what);
        const auto check = x509::SignatureCheck::for_certificate(*token.certificate(), wanted.mechanism);
        return check->verifies(wanted.digest, *x509::ecdsa_to_der(*raw));
    }

    ScratchFolder folder;
    DemoCa ca;
    SoftToken token;
    std::optional<CallBoard> board;
    std::optional<Module> module;
    std::optional<UseWindows> windows;
};

TEST(SignAhead, BeginsTheThirdOfThreeAndSignsWhatThenComes) {
    AheadDesk t;
    const auto window = t.open();
    t.windows->get_ready();
    EXPECT_EQ(t.calls("C_SignInit"), 0) << "nothing was signed yet";
    EXPECT_TRUE(t.signs(window, t.task("satu")));
    t.windows->get_ready();
    EXPECT_EQ(t.calls("C_SignInit"), 1) << "one signature is no burst";
    EXPECT_TRUE(t.signs(window, t.task("dua")));
    t.windows->get_ready();
    t.windows->get_ready();
    EXPECT_EQ(t.calls("C_SignInit"), 3);
    EXPECT_EQ(t.calls("C_Sign"), 2) << "nothing is signed ahead";
    EXPECT_TRUE(t.signs(window, t.task("tiga")));
    EXPECT_EQ(t.calls("C_SignInit"), 3);
    EXPECT_EQ(t.calls("C_Sign"), 3);
}

TEST(SignAhead, AnotherMechanismEndsIt) {
    AheadDesk t;
    const auto window = t.open();
    for (const auto* text : {"satu", "dua"}) EXPECT_TRUE(t.signs(window, t.task(text)));
    t.windows->get_ready();
    EXPECT_TRUE(t.signs(window, t.task("lain", HashFunction::sha384)));
    EXPECT_EQ(t.calls("C_SignInit"), 4);
    EXPECT_TRUE(t.signs(window, t.task("tiga")));
    EXPECT_EQ(t.calls("C_SignInit"), 5) << "nothing was left begun beside it";
}

TEST(SignAhead, EndsWithThePauseAndWithTheWindow) {
    AheadDesk t;
    const auto window = t.open();
    for (const auto* text : {"satu", "dua"}) EXPECT_TRUE(t.signs(window, t.task(text)));
    const int sessions = t.calls("C_OpenSession");
    t.windows->get_ready();
    EXPECT_EQ(t.calls("C_OpenSession"), sessions + 1);
    t.windows->stand_down();
    EXPECT_TRUE(t.signs(window, t.task("tiga")));
    EXPECT_EQ(t.calls("C_SignInit"), 4) << "the one that was begun is gone";
    t.windows->get_ready();
    t.windows->close(window);
    EXPECT_FALSE(t.windows->any());
    EXPECT_EQ(t.windows->use(window, t.task("empat")).error().code, Errc::use_ended);
    t.windows->get_ready();
    EXPECT_EQ(t.calls("C_Sign"), 3);
}

TEST(SignAhead, BeginsNothingForAWindowThatIsUsedUp) {
    AheadDesk t;
    const auto window = t.open(2);
    for (const auto* text : {"satu", "dua"}) EXPECT_TRUE(t.signs(window, t.task(text)));
    t.windows->get_ready();
    EXPECT_EQ(t.calls("C_SignInit"), 2);
    EXPECT_EQ(t.windows->use(window, t.task("tiga")).error().code, Errc::use_ended);
}

TEST(SignAhead, ANewLoginOnTheTokenEndsIt) {
    AheadDesk t;
    const auto first = t.open();
    for (const auto* text : {"satu", "dua"}) EXPECT_TRUE(t.signs(first, t.task(text)));
    t.windows->get_ready();
    const auto second = t.open();
    EXPECT_TRUE(t.signs(second, t.task("tiga")));
    EXPECT_EQ(t.calls("C_SignInit"), 4);
    EXPECT_TRUE(t.signs(first, t.task("empat"))) << "the first program's window is still open";
}

TEST(SignAhead, WhereTheModuleForgotItTheOrdinaryWaySigns) {
    AheadDesk t;
    const auto window = t.open();
    for (const auto* text : {"satu", "dua"}) EXPECT_TRUE(t.signs(window, t.task(text)));
    t.windows->get_ready();
    t.behave("C_Sign forgets\n");
    EXPECT_TRUE(t.signs(window, t.task("tiga")));
    EXPECT_EQ(t.calls("C_Sign"), 4) << "once in vain, and signed nothing";
    t.behave("");
    t.windows->get_ready(); // the module says that an operation is active: that session is given up, and no other opened
    EXPECT_TRUE(t.signs(window, t.task("empat")));
    const int sessions = t.calls("C_OpenSession");
    t.windows->get_ready();
    EXPECT_EQ(t.calls("C_OpenSession"), sessions) << "once refused, not asked again in this login";
}

TEST(SignAhead, BeginsNothingWithAKeyOfOtherCustodyThanTheOneThatWasJudged) {
    AheadDesk t;
    const auto window = t.open();
    for (const auto* text : {"satu", "dua"}) EXPECT_TRUE(t.signs(window, t.task(text)));
    t.behave("C_GetAttributeValue extractable\n");
    t.windows->get_ready();
    EXPECT_EQ(t.calls("C_SignInit"), 2);
}

TEST(SignAhead, AnErrorOfTheTokenIsTheErrorAndEndsIt) {
    AheadDesk t;
    const auto window = t.open();
    for (const auto* text : {"satu", "dua"}) EXPECT_TRUE(t.signs(window, t.task(text)));
    t.windows->get_ready();
    t.behave("C_Sign length\n");
    EXPECT_EQ(t.windows->use(window, t.task("tiga")).error().code, Errc::token_failed);
    EXPECT_EQ(t.calls("C_Sign"), 3) << "tried once";
    t.behave("");
    t.windows->get_ready();
    EXPECT_EQ(t.calls("C_SignInit"), 3) << "no burst any more";
}

TEST(SignAhead, BeginsNothingForAKeyThatAsksAPinAtEachUse) {
    TokenWish wish;
    wish.always_authenticate = true;
    AheadDesk t(wish);
    const auto window = t.open();
    for (const auto* text : {"satu", "dua"}) EXPECT_TRUE(t.signs(window, t.task(text)));
    t.windows->get_ready();
    EXPECT_EQ(t.calls("C_SignInit"), 2);
    EXPECT_TRUE(t.signs(window, t.task("tiga")));
}

TEST(SignAhead, BeginsNothingOnASlowToken) {
    AheadDesk t;
    const auto window = t.open();
    t.behave("C_Sign slow\n");
    for (const auto* text : {"satu", "dua"}) EXPECT_TRUE(t.signs(window, t.task(text)));
    t.windows->get_ready();
    EXPECT_EQ(t.calls("C_SignInit"), 2);
}

} // namespace
} // namespace jk::test
