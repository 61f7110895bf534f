// The token path on a real SoftHSM2, and on a module of bad manners over it. Fits: softhsm.
#include "ipc/blocking_channel.hpp"
#include "ipc/pin_channel.hpp"
#include "pkcs11/worker/all_tokens.hpp"
#include "tests/support/granting.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/soft_token.hpp"
#include "tests/support/test_launcher.hpp"
#include "x509/signature_check.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <fstream>

namespace jk::test {
namespace {

using namespace std::chrono_literals;

/// Says yes to everything and remembers.
class RecordingGate final : public SigningRecord {
public:
    Outcome<void> opened(const KeyCustody& c) override {
        custody = c;
        return refuse_custody ? Outcome<void>(Errc::key_extractable) : done();
    }
    Outcome<void> starting(std::span<const ItemIndex> items) override {
        started.insert(started.end(), items.begin(), items.end());
        return done();
    }
    Outcome<void> finished(std::vector<ItemResult> items) override {
        for (auto& item : items) results.push_back(std::move(item));
        return done();
    }
    KeyCustody custody;
    bool refuse_custody = false;
    std::vector<ItemIndex> started;
    std::vector<ItemResult> results;
};

/// For a module that hangs. A worker's start counts as well, so that they are no shorter than one on a busy computer.
pkcs11::Deadlines short_ones() {
    pkcs11::Deadlines deadlines;
    deadlines.ordinary = 2000ms;
    deadlines.pin_pad = 4000ms;
    deadlines.key_generation = std::chrono::milliseconds(3000);
    return deadlines;
}

struct Desk {
    explicit Desk(TokenWish wish = {}, bool unruly = false, std::uint32_t parallel = 1, pkcs11::Deadlines deadlines = {})
        : pin(wish.pin), ca(DemoCa::create()), token(SoftToken::create(folder.path(), ca, wish)), launcher(io.get_executor(), take_launcher()) {
        const auto module = unruly ? std::string(JURUKUNCI_UNRULY_MODULE) : softhsm_module();
        tokens = std::make_unique<pkcs11::AllTokens>(
            io.get_executor(), launcher,
            std::vector{pkcs11::ModuleConfig{
                "softhsm", module, {{"SOFTHSM2_CONF", token.conf()}, {"UNRULY_CONTROL", control()}, {"UNRULY_LOG", log()}}, parallel, false}},
            deadlines);
    }

    std::string control() const { return (folder.path() / "control").string(); }
    std::string log() const { return (folder.path() / "log").string(); }
    void order(const std::string& text) { std::ofstream(control()) << text; }
    int calls(const std::string& function) const {
        std::ifstream lines(log());
        int count = 0;
        for (std::string line; std::getline(lines, line);) count += line == function;
        return count;
    }

    std::vector<TokenInfo> list() {
        auto found = run(io, tokens->tokens());
        if (!found) throw std::runtime_error(found.error().log_line());
        return std::move(*found);
    }

    Outcome<void> sign(const std::string& typed, std::vector<Digest> sealed, Mechanism mechanism, std::vector<Bytes> hashed = {}) {
        return run(io, sign_task(typed, std::move(sealed), mechanism, std::move(hashed)));
    }

    Task<Outcome<void>> sign_task(std::string typed, std::vector<Digest> sealed, Mechanism mechanism, std::vector<Bytes> hashed = {}) {
        const TokenId id{"softhsm", token.serial()};
        auto ends = ipc::socket_pair();
        auto awaited = co_await tokens->expect_pin(id, std::move(ends->second));
        if (!awaited) co_return awaited.error();
        auto secret = Secret::create();
        std::copy(typed.begin(), typed.end(), secret->room().begin());
        secret->grow(typed.size());
        (void)ipc::write_pin(ends->first.get(), *secret);
        co_return co_await tokens->sign(gate::Gate::grant(id, token.certificate(), mechanism, std::move(sealed), awaited->ticket, std::move(hashed)),
                                        record);
    }

    void expect_all_verify(const std::vector<Digest>& sealed, Mechanism mechanism) {
        ASSERT_EQ(record.results.size(), sealed.size());
        auto check = x509::SignatureCheck::for_certificate(*token.certificate(), mechanism);
        for (const auto& result : record.results) {
            ASSERT_TRUE(result.signature) << result.signature.error().log_line();
            EXPECT_TRUE(check->verifies(sealed[result.index], result.signature->value));
        }
    }

    ScratchFolder folder;
    std::string pin;
    DemoCa ca;
    SoftToken token;
    net::io_context io;
    launcher::Launcher launcher;
    std::unique_ptr<pkcs11::AllTokens> tokens;
    RecordingGate record;
};

std::vector<Digest> digests(std::size_t count, HashFunction hash = HashFunction::sha256) {
    std::vector<Digest> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(hash_of(hash, bytes_of("document " + std::to_string(i))));
    return all;
}

constexpr Mechanism ecdsa{KeyKind::ec, HashFunction::sha256, Padding::none};

TEST(Worker, ListsTokensWithCertificatesAndMechanisms) {
    Desk desk;
    const auto tokens = desk.list();
    ASSERT_EQ(tokens.size(), 1u);
    EXPECT_EQ(tokens[0].label, "Jana K.");
    EXPECT_EQ(tokens[0].id, (TokenId{"softhsm", desk.token.serial()}));
    ASSERT_EQ(tokens[0].certificates.size(), 1u);
    EXPECT_EQ(tokens[0].certificates[0]->common_name, "Jana Kusuma");
    EXPECT_TRUE(std::ranges::count(tokens[0].mechanisms, ecdsa));
}

struct AlgorithmCase {
    const char* key;
    Mechanism mechanism;
};
void PrintTo(const AlgorithmCase& c, std::ostream* out) { *out << c.key << " " << c.mechanism.name(); }
class WorkerAlgorithms : public testing::TestWithParam<AlgorithmCase> {};

TEST_P(WorkerAlgorithms, SignsWithTheTrueMechanism) {
    TokenWish wish;
    wish.key = GetParam().key;
    Desk desk(wish);
    desk.list();
    const auto sealed = digests(3, GetParam().mechanism.hash);
    const auto outcome = desk.sign(desk.pin, sealed, GetParam().mechanism);
    ASSERT_TRUE(outcome) << outcome.error().log_line();
    desk.expect_all_verify(sealed, GetParam().mechanism);
}

INSTANTIATE_TEST_SUITE_P(All, WorkerAlgorithms,
                         testing::Values(AlgorithmCase{"rsa2048", {KeyKind::rsa, HashFunction::sha256, Padding::pkcs1_v15}},
                                         AlgorithmCase{"rsa2048", {KeyKind::rsa, HashFunction::sha512, Padding::pss}},
                                         AlgorithmCase{"rsa3072", {KeyKind::rsa, HashFunction::sha384, Padding::pss}},
                                         AlgorithmCase{"rsa4096", {KeyKind::rsa, HashFunction::sha256, Padding::pkcs1_v15}},
                                         AlgorithmCase{"rsa4096", {KeyKind::rsa, HashFunction::sha512, Padding::pss}}, AlgorithmCase{"p256", ecdsa},
                                         AlgorithmCase{"p384", {KeyKind::ec, HashFunction::sha384, Padding::none}},
                                         AlgorithmCase{"p521", {KeyKind::ec, HashFunction::sha512, Padding::none}}));

TEST(Worker, AnEd25519KeyOnTheTokenHidesNoOtherKeyAndItsCertificateIsListed) {
    TokenWish wish;
    wish.beside_ed25519 = true;
    Desk desk(wish);
    const auto tokens = desk.list();
    ASSERT_EQ(tokens.size(), 1u);
    ASSERT_EQ(tokens[0].certificates.size(), 2u);
    const auto other = std::ranges::find(tokens[0].certificates, "Jana Kusuma Ed25519", [](const auto& c) { return c->common_name; });
    ASSERT_NE(other, tokens[0].certificates.end());
    EXPECT_TRUE((*other)->mechanisms.empty());
    const auto sealed = digests(2);
    ASSERT_TRUE(desk.sign(desk.pin, sealed, ecdsa));
    desk.expect_all_verify(sealed, ecdsa);
}

TEST(Worker, SignsEverySealedDigestOnceOnParallelSessions) {
    Desk desk({}, true, 2);
    desk.list();
    const auto sealed = digests(50);
    ASSERT_TRUE(desk.sign(desk.pin, sealed, ecdsa));
    desk.expect_all_verify(sealed, ecdsa);
    EXPECT_EQ(desk.calls("C_Sign"), 50);
    EXPECT_EQ(desk.calls("C_Login"), 1);
    desk.list(); // answered after the window was closed: nobody waits for the logout itself
    EXPECT_EQ(desk.calls("C_Logout"), 1);
}

TEST(Worker, ALookAtTheTokensInTheMiddleOfABatchDoesNotEndIt) {
    Desk desk({}, true);
    ASSERT_EQ(desk.list().size(), 1u);
    desk.order("C_Sign slow");
    std::vector<std::size_t> seen;
    const auto look = [](Desk& at, std::vector<std::size_t>& counts) -> Task<void> {
        net::steady_timer timer(at.io);
        while (at.record.started.size() < 2) {
            timer.expires_after(10ms);
            co_await timer.async_wait(net::use_awaitable);
        }
        for (int i = 0; i < 3; ++i) {
            auto found = co_await at.tokens->tokens();
            counts.push_back(found ? found->size() : 0);
        }
    };
    net::co_spawn(desk.io, look(desk, seen), [](std::exception_ptr e) { EXPECT_FALSE(e); });
    const auto sealed = digests(6);
    const auto signed_all = desk.sign(desk.pin, sealed, ecdsa);
    ASSERT_TRUE(signed_all) << signed_all.error().log_line();
    desk.expect_all_verify(sealed, ecdsa);
    while (seen.size() < 3) desk.io.run_one();
    EXPECT_EQ(seen, (std::vector<std::size_t>{1, 1, 1}));
}

TEST(Worker, ShowsTheCustodyOfTheSigningHandle) {
    TokenWish wish;
    wish.extractable = true;
    Desk desk(wish);
    desk.list();
    ASSERT_TRUE(desk.sign(desk.pin, digests(1), ecdsa));
    EXPECT_TRUE(desk.record.custody.extractable);
    EXPECT_FALSE(desk.record.custody.never_extractable);
    EXPECT_TRUE(desk.record.custody.local);
    EXPECT_TRUE(desk.record.custody.known_to_match_certificate);
}

TEST(Worker, SignsNothingWhenTheGateRefusesTheCustody) {
    Desk desk({}, true);
    desk.list();
    desk.record.refuse_custody = true;
    EXPECT_EQ(desk.sign(desk.pin, digests(1), ecdsa).error().code, Errc::key_extractable);
    EXPECT_EQ(desk.calls("C_Sign"), 0);
    desk.list(); // answered after the window was closed
    EXPECT_EQ(desk.calls("C_Logout"), 1);
}

TEST(Worker, AWrongPinIsOneLoginAndNoSignature) {
    Desk desk({}, true);
    desk.list();
    EXPECT_EQ(desk.sign("salah-sekali", digests(2), ecdsa).error().code, Errc::pin_incorrect);
    EXPECT_EQ(desk.calls("C_Login"), 1);
    EXPECT_EQ(desk.calls("C_Sign"), 0);
}

TEST(Worker, AnEmptyPinNeverReachesTheToken) {
    Desk desk({}, true);
    desk.list();
    EXPECT_EQ(desk.sign("", digests(1), ecdsa).error().code, Errc::pin_empty);
    EXPECT_EQ(desk.calls("C_Login"), 0);
}

TEST(Worker, ALockedPinIsNotTried) {
    Desk desk({}, true);
    desk.list();
    desk.order("C_GetTokenInfo locked\n");
    EXPECT_EQ(desk.sign(desk.pin, digests(1), ecdsa).error().code, Errc::pin_locked);
    EXPECT_EQ(desk.calls("C_Login"), 0);
}

TEST(Worker, ATokenThatHashesByItselfGetsTheBytesThatWereSealedAndNoOthers) {
    TokenWish wish;
    wish.key = "rsa2048";
    Desk desk(wish, true);
    desk.order("C_GetMechanismList hashing\n");
    const auto found = desk.list();
    const Bytes letter{'s', 'u', 'r', 'a', 't'};
    for (const Mechanism& mechanism :
         {Mechanism{KeyKind::rsa, HashFunction::sha256, Padding::pkcs1_v15}, Mechanism{KeyKind::rsa, HashFunction::sha384, Padding::pss}}) {
        EXPECT_TRUE(std::ranges::count(found[0].mechanisms, mechanism)) << mechanism.name();
        EXPECT_TRUE(std::ranges::count(found[0].hashed_there, mechanism)) << mechanism.name();
        const std::vector<Digest> sealed{hash_of(mechanism.hash, letter)};
        desk.record.results.clear();
        const auto signed_ = desk.sign(desk.pin, sealed, mechanism, {letter});
        ASSERT_TRUE(signed_) << signed_.error().log_line();
        desk.expect_all_verify(sealed, mechanism);
    }
    const Mechanism mechanism{KeyKind::rsa, HashFunction::sha256, Padding::pkcs1_v15};
    const int before = desk.calls("C_Sign");
    EXPECT_FALSE(desk.sign(desk.pin, {sha256(letter)}, mechanism, {Bytes{'l', 'a', 'i', 'n'}}));
    EXPECT_EQ(desk.calls("C_Sign"), before);
}

TEST(Worker, APinPadGetsNoPinFromUs) {
    Desk desk({}, true);
    desk.order("C_GetTokenInfo pinpad\n");
    EXPECT_TRUE(desk.list()[0].pin_pad);
    ASSERT_TRUE(desk.sign("", digests(1), ecdsa)); // nothing was typed here, and the token still opens
    EXPECT_EQ(desk.calls("C_Login"), 1);
}

TEST(Worker, AuthenticatesEachSignatureWhereTheKeyDemandsIt) {
    TokenWish wish;
    wish.always_authenticate = true;
    Desk desk(wish, true);
    desk.list();
    const auto sealed = digests(3);
    const auto outcome = desk.sign(desk.pin, sealed, ecdsa);
    ASSERT_TRUE(outcome) << outcome.error().log_line();
    desk.expect_all_verify(sealed, ecdsa);
    EXPECT_TRUE(desk.record.custody.always_authenticate);
    EXPECT_EQ(desk.calls("C_Login"), 4); // the user once, then each operation
}

TEST(Worker, APinThatIsRefusedForOneSignatureIsNotTriedForTheOthersOfTheBatch) {
    TokenWish wish;
    wish.always_authenticate = true;
    Desk desk(wish, true, 4);
    desk.list();
    desk.order("C_Login anew\n");
    EXPECT_EQ(desk.sign(desk.pin, digests(40), ecdsa).error().code, Errc::pin_incorrect);
    EXPECT_EQ(desk.calls("C_Login"), 2) << "the user once, then one signature";
    EXPECT_EQ(desk.calls("C_Sign"), 0);
    EXPECT_GT(desk.record.started.size(), 1u) << "more than one was at the worker";
    for (const auto& result : desk.record.results) EXPECT_EQ(result.signature.error().code, Errc::pin_incorrect);
}

TEST(Worker, ATokenThatWentAwayIsFoundAgainInTheSameBreathAlsoWhileTheOldWorkerStillLogsOut) {
    Desk desk({}, true);
    desk.list();
    const auto of_a_start = desk.calls("C_Initialize");
    desk.order("C_Sign gone\nC_Logout slow\n");
    EXPECT_EQ(desk.sign(desk.pin, digests(1), ecdsa).error().code, Errc::token_removed);
    std::size_t seen = 0;
    for (int i = 0; i < 3; ++i) // all wait for the same logout
        net::co_spawn(desk.io, desk.tokens->tokens(),
                      [&](std::exception_ptr, Outcome<std::vector<TokenInfo>> found) { seen += found ? found->size() : 0; });
    EXPECT_EQ(desk.list().size(), 1u);
    while (seen < 3 && desk.io.run_one_for(5s) > 0) {
    }
    EXPECT_EQ(seen, 3u);
    EXPECT_EQ(desk.calls("C_Initialize"), 2 * of_a_start) << "one new worker, whoever waited";
}

TEST(Worker, FindsACertificateOfAnotherKeyBeforeSigning) {
    for (const char* key : {"p256", "rsa2048"}) {
        TokenWish wish;
        wish.key = key;
        wish.wrong_pair = true;
        Desk desk(wish, true);
        desk.list();
        const Mechanism mechanism = wish.key == "p256" ? ecdsa : Mechanism{KeyKind::rsa, HashFunction::sha256, Padding::pkcs1_v15};
        EXPECT_EQ(desk.sign(desk.pin, digests(1), mechanism).error().code, Errc::key_mismatch);
        EXPECT_EQ(desk.calls("C_Sign"), 0);
    }
}

TEST(Worker, WithholdsAWrongSignatureAndStopsTheBatch) {
    Desk desk({}, true);
    desk.list();
    desk.order("C_Sign wrong\n");
    EXPECT_EQ(desk.sign(desk.pin, digests(40), ecdsa).error().code, Errc::signature_wrong);
    for (const auto& result : desk.record.results) EXPECT_FALSE(result.signature);
    EXPECT_LT(desk.record.started.size(), 40u);
}

TEST(Worker, AnImpossibleLengthIsAnErrorOfThatItem) {
    Desk desk({}, true);
    desk.list();
    desk.order("C_Sign length\n");
    ASSERT_TRUE(desk.sign(desk.pin, digests(1), ecdsa));
    ASSERT_EQ(desk.record.results.size(), 1u);
    EXPECT_EQ(desk.record.results[0].signature.error().code, Errc::token_failed);
}

TEST(Worker, WildAttributeLengthsAreRefused) {
    Desk desk({}, true);
    desk.list();
    desk.order("C_GetAttributeValue length\n");
    EXPECT_EQ(desk.sign(desk.pin, digests(1), ecdsa).error().code, Errc::certificate_unknown) << "the worker lives and has read no such thing";
    EXPECT_EQ(desk.calls("C_Sign"), 0);
#ifndef JURUKUNCI_SANITIZED
    EXPECT_LT(peak_kib(desk.tokens->modules()[0].worker_pid), 300'000) << "a claimed gigabyte was taken at its word";
#endif
}

TEST(Worker, RemovalIsNamedAndEndsTheBatch) {
    Desk desk({}, true);
    desk.list();
    desk.order("C_Sign removed\n");
    EXPECT_EQ(desk.sign(desk.pin, digests(30), ecdsa).error().code, Errc::token_removed);
    EXPECT_LT(desk.record.started.size(), 30u);
}

TEST(Worker, ACrashIsAnErrorAtOnceAndTheNextCallWorks) {
    Desk desk({}, true);
    desk.list();
    desk.order("C_Sign crash\n");
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(desk.sign(desk.pin, digests(5), ecdsa).error().code, Errc::module_crashed);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
    desk.order("");
    desk.record.results.clear();
    ASSERT_TRUE(desk.sign(desk.pin, digests(5), ecdsa));
    desk.expect_all_verify(digests(5), ecdsa);
}

TEST(Worker, AHangEndsAtItsDeadlineNamesTheFunctionAndTheNextCallWorks) {
    Desk desk({}, true, 1, short_ones());
    desk.list();
    desk.order("C_Sign hang\n");
    const auto before = std::chrono::steady_clock::now();
    const auto outcome = desk.sign(desk.pin, digests(5), ecdsa);
    const auto took = std::chrono::steady_clock::now() - before;
    ASSERT_EQ(outcome.error().code, Errc::token_timed_out);
    EXPECT_NE(outcome.error().log_line().find("C_Sign"), std::string::npos);
    EXPECT_GE(took, short_ones().ordinary);
    desk.order("");
    desk.record.results.clear();
    ASSERT_TRUE(desk.sign(desk.pin, digests(2), ecdsa));
}

TEST(Worker, OneThatLiesOnTheCallBoardIsEndedAllTheSame) {
    for (const char* manner : {"lie", "renew"}) {
        Desk desk({}, true, 1, short_ones());
        desk.list();
        desk.order(std::string("C_Sign ") + manner + "\n");
        EXPECT_EQ(desk.sign(desk.pin, digests(2), ecdsa).error().code, Errc::token_timed_out) << manner;
        desk.order("");
        EXPECT_EQ(desk.list().size(), 1u);
    }
}

TEST(Worker, AHangWhileLoadingIsAnErrorToo) {
    Desk desk({}, true, 1, short_ones());
    desk.order("C_Initialize hang\n");
    EXPECT_EQ(run(desk.io, desk.tokens->tokens()).error().code, Errc::token_timed_out);
    desk.order("");
    EXPECT_EQ(desk.list().size(), 1u);
}

TEST(Worker, APinPadMayTakeLongerThanOtherCalls) {
    Desk desk({}, true, 1, short_ones());
    desk.order("C_GetTokenInfo pinpad\n");
    desk.list();
    desk.order("C_GetTokenInfo pinpad\nC_Login hang\n");
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(desk.sign("", digests(1), ecdsa).error().code, Errc::token_timed_out);
    EXPECT_GE(std::chrono::steady_clock::now() - before, short_ones().pin_pad);
}

TEST(Worker, AModuleThatCannotBeLoadedSaysWhy) {
    net::io_context io;
    launcher::Launcher launcher(io.get_executor(), take_launcher());
    pkcs11::AllTokens tokens(io.get_executor(), launcher, {pkcs11::ModuleConfig{"hilang", "/nonexistent/libhilang.so", {}, 1, false}});
    const auto error = run(io, tokens.tokens()).error();
    EXPECT_EQ(error.code, Errc::module_unusable);
    EXPECT_NE(error.sentence(Language::indonesian).find("/nonexistent/libhilang.so"), std::string::npos);
}

TEST(Worker, ABrokenModuleHidesOnlyItsOwnTokens) {
    Desk desk;
    pkcs11::AllTokens both(desk.io.get_executor(), desk.launcher,
                           {pkcs11::ModuleConfig{"hilang", "/nonexistent/libhilang.so", {}, 1, false},
                            pkcs11::ModuleConfig{"softhsm", softhsm_module(), {{"SOFTHSM2_CONF", desk.token.conf()}}, 1, false}});
    const auto found = run(desk.io, both.tokens());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->size(), 1u);
    EXPECT_TRUE(both.modules()[0].fault.has_value());
}

TEST(Worker, KilledWhileWaitingForThePinFailsCleanly) {
    Desk desk;
    desk.list();
    const TokenId id{"softhsm", desk.token.serial()};
    auto ends = ipc::socket_pair();
    auto awaited = run(desk.io, desk.tokens->expect_pin(id, std::move(ends->second)));
    ASSERT_TRUE(awaited);
    kill(desk.tokens->modules()[0].worker_pid, SIGKILL);
    auto grant = gate::Gate::grant(id, desk.token.certificate(), ecdsa, digests(1), awaited->ticket);
    EXPECT_EQ(run(desk.io, desk.tokens->sign(std::move(grant), desk.record)).error().code, Errc::module_crashed);
}

} // namespace
} // namespace jk::test
