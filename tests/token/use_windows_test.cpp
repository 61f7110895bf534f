// A window of a key use on a real SoftHSM2: what its grant does not say never reaches the token, whatever the agent's half asks for. Fits: softhsm.
#include "ipc/blocking_channel.hpp"
#include "ipc/pin_channel.hpp"
#include "pkcs11/worker/all_tokens.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/soft_token.hpp"
#include "tests/support/test_launcher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace jk::gate {

/// Stands in for the gate, as in granting.hpp. Never linked together with jk_gate.
class LocalPrograms {
public:
    static UseGrant grant(TokenId token, std::vector<KeyOfUse> keys, UseTerms terms, PinTicket pin) {
        return {std::move(token), std::move(keys), terms, pin};
    }
};

} // namespace jk::gate

namespace jk::test {
namespace {

struct UseDesk {
    explicit UseDesk(const TokenWish& wanted = wish())
        : ca(DemoCa::create()), token(SoftToken::create(folder.path(), ca, wanted)), launcher(io.get_executor(), take_launcher()) {
        const auto log = (folder.path() / "log").string(), control = (folder.path() / "control").string();
        std::ofstream(control) << "";
        tokens = std::make_unique<pkcs11::AllTokens>(
            io.get_executor(), launcher,
            std::vector{pkcs11::ModuleConfig{
                "softhsm", JURUKUNCI_UNRULY_MODULE, {{"SOFTHSM2_CONF", token.conf()}, {"UNRULY_CONTROL", control}, {"UNRULY_LOG", log}}, 1, false}});
        if (!run(io, tokens->tokens())) throw std::runtime_error("no token");
    }
    static TokenWish wish() {
        TokenWish w;
        w.key = "rsa2048";
        w.decrypts = true;
        return w;
    }
    int calls(const std::string& function) const {
        std::ifstream lines(folder.path() / "log");
        int count = 0;
        for (std::string line; std::getline(lines, line);) count += line == function;
        return count;
    }
    int signatures() const { return calls("C_Sign") + calls("C_Decrypt"); }
    void order(const std::string& text) { std::ofstream(folder.path() / "control") << text; }
    std::shared_ptr<UseWindow> open(KeyOfUse key, UseTerms terms) {
        auto opened = run(io, open_task(std::move(key), terms));
        if (!opened) throw std::runtime_error(opened.error().log_line());
        return *opened;
    }
    Task<Outcome<std::shared_ptr<UseWindow>>> open_task(KeyOfUse key, UseTerms terms) {
        const TokenId id{"softhsm", token.serial()};
        auto ends = ipc::socket_pair();
        auto awaited = co_await tokens->expect_pin(id, std::move(ends->second));
        if (!awaited) co_return awaited.error();
        auto secret = Secret::create();
        const std::string typed = wish().pin;
        std::copy(typed.begin(), typed.end(), secret->room().begin());
        secret->grow(typed.size());
        (void)ipc::write_pin(ends->first.get(), *secret);
        std::vector<KeyOfUse> keys;
        keys.push_back(std::move(key));
        auto window = co_await tokens->open_use(gate::LocalPrograms::grant(id, std::move(keys), terms, awaited->ticket));
        co_return window;
    }
    KeyTask signing(const std::string& text) const {
        return {token.certificate()->id, DigestToSign{{KeyKind::rsa, HashFunction::sha256, Padding::pkcs1_v15}, sha256(bytes_of(text))}};
    }
    Errc used(UseWindow& window, KeyTask task) {
        auto result = run(io, window.use(std::move(task), [] { return done(); }));
        return result ? Errc{} : result.error().code;
    }

    ScratchFolder folder;
    DemoCa ca;
    SoftToken token;
    net::io_context io;
    launcher::Launcher launcher;
    std::unique_ptr<pkcs11::AllTokens> tokens;
};

TEST(UseWindows, OfOneOperationDoTheOneThatWasAgreedToAndNoOther) {
    UseDesk t;
    const auto window = t.open({t.token.certificate(), true, true}, {3, std::chrono::seconds(60), sha256(bytes_of("surat"))});
    EXPECT_EQ(t.used(*window, t.signing("lain")), Errc::digest_not_granted);
    EXPECT_EQ(t.signatures(), 0);
    EXPECT_EQ(t.used(*window, t.signing("surat")), Errc{});
    EXPECT_EQ(t.signatures(), 1);
}

TEST(UseWindows, DoOnlyTheKindOfOperationThatWasGranted) {
    UseDesk t;
    const KeyTask opening{t.token.certificate()->id, Ciphertext{Hiding::pkcs1_v15, Bytes(256, 1)}};
    const auto for_signing = t.open({t.token.certificate(), true, false}, {5, std::chrono::seconds(60)});
    EXPECT_EQ(t.used(*for_signing, opening), Errc::digest_not_granted);
    const auto for_opening = t.open({t.token.certificate(), false, true}, {5, std::chrono::seconds(60)});
    EXPECT_EQ(t.used(*for_opening, t.signing("surat")), Errc::digest_not_granted);
    EXPECT_EQ(t.signatures(), 0);
}

TEST(UseWindows, OfATokenAllEndWithAPinThatItRefusesForOneUse) {
    auto wish = UseDesk::wish();
    wish.always_authenticate = true;
    UseDesk t(wish);
    const KeyOfUse key{t.token.certificate(), true, false};
    const auto one = t.open(key, {5, std::chrono::seconds(60)}), another = t.open(key, {5, std::chrono::seconds(60)});
    EXPECT_EQ(t.used(*one, t.signing("surat")), Errc{});
    const auto before = t.calls("C_Login");
    t.order("C_Login anew\n");
    EXPECT_EQ(t.used(*one, t.signing("surat")), Errc::pin_incorrect);
    EXPECT_EQ(t.used(*one, t.signing("surat")), Errc::use_ended);
    EXPECT_EQ(t.used(*another, t.signing("surat")), Errc::use_ended);
    EXPECT_EQ(t.calls("C_Login") - before, 1);
    t.order("");
    EXPECT_EQ(t.used(*t.open(key, {1, std::chrono::seconds(60)}), t.signing("surat")), Errc{});
}

TEST(UseWindows, EndByTheirNumberAndEachTryCounts) {
    UseDesk t;
    const auto window = t.open({t.token.certificate(), true, false}, {2, std::chrono::seconds(60), sha256(bytes_of("surat"))});
    EXPECT_EQ(t.used(*window, t.signing("lain")), Errc::digest_not_granted);
    EXPECT_EQ(t.used(*window, t.signing("surat")), Errc{});
    EXPECT_EQ(t.used(*window, t.signing("surat")), Errc::use_ended);
    EXPECT_EQ(t.signatures(), 1);
}

} // namespace
} // namespace jk::test
