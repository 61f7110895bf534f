// What issuers say, asked by the real jurukunci-deliver of the real openssl: kept over restarts, final where it is final, and never waited for long.
#include "agent/audit/verify.hpp"
#include "agent/life/status_keeper.hpp"
#include "agent/policy/rules.hpp"
#include "tests/support/fakes.hpp"
#include "tests/support/gate_fixture.hpp"
#include "tests/support/status_desk.hpp"
#include "tests/support/test_launcher.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace jk::test {
namespace {

using policy::RevocationAnswer;
using policy::StatusSource;
using namespace std::chrono_literals;

struct Computer {
    explicit Computer(StatusSource source = StatusSource::ocsp) {
        desk.open();
        profile.regulation = regulation_of("palembang-23-2020.yaml");
        profile.anchors = {{ca.root(), policy::Environment::uji}};
        profile.intermediates = {ca.issuing()};
        profile.revocation_status.source = source;
        profile.revocation_status.url = desk.url();
        profile.revocation_status.hosts = {desk.host()};
        token.id = {"fake", "1234"};
        token.certificates = {certificate};
        database = *store::Database::open(folder.path() / "audit.db");
        device_key.emplace(*store::DeviceKey::open_or_create(folder.path() / "device.key"));
        log = *audit::Log::open(*database, *device_key, clock);
        if (source == StatusSource::crl) desk.make_crl();
        start();
    }
    ~Computer() { io.shutdown(); }

    /// As an agent that starts: nothing is known but what was kept.
    void start() {
        keeper.reset();
        keeper = *life::StatusKeeper::open(io.get_executor(), {profile, launcher, *log, *device_key, clock, folder.path() / "status"});
    }
    /// As the gate does before it judges; how long that took.
    std::chrono::milliseconds refresh() {
        const auto begin = std::chrono::steady_clock::now();
        run(io, [](life::StatusKeeper& k, std::vector<TokenInfo> tokens) -> Task<bool> {
            co_await k.refresh(std::move(tokens));
            co_return true;
        }(*keeper, {token}));
        return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    }
    policy::State state() const {
        policy::State s;
        keeper->add_facts(s, *certificate);
        return s;
    }
    policy::Decision judge() const { return policy::judge_state(profile, state(), *certificate, clock.now()); }
    Errc refusal() const {
        const auto outcome = judge().outcome();
        return outcome ? Errc{} : outcome.error().code;
    }
    void forget_answers() { std::filesystem::remove_all(folder.path() / "status"); }
    int rows(const std::string& state_name) {
        SQLite::Statement count(database->raw(),
                                "SELECT count(*) FROM log WHERE kind = 'certificate-status' AND body LIKE '%\"state\":\"' || ? || '\"%'");
        count.bind(1, state_name);
        count.executeStep();
        return count.getColumn(0).getInt();
    }

    ScratchFolder folder;
    FixtureLoop io;
    launcher::Launcher launcher{io.get_executor(), take_launcher()};
    FakeClock clock{SystemClock().now()};
    DemoCa ca = DemoCa::create();
    x509::EvpPkeyPtr key = make_key("p256");
    CertificateRef certificate = *x509::read_certificate(ca.certify(key.get(), {}));
    StatusDesk desk{folder.path() / "desk", ca, certificate};
    policy::Profile profile;
    TokenInfo token;
    std::unique_ptr<store::Database> database;
    std::optional<store::DeviceKey> device_key;
    std::unique_ptr<audit::Log> log;
    std::unique_ptr<life::StatusKeeper> keeper;
};

class Status : public testing::TestWithParam<StatusSource> {};
INSTANTIATE_TEST_SUITE_P(BothSources, Status, testing::Values(StatusSource::ocsp, StatusSource::crl),
                         [](const auto& which) { return which.param == StatusSource::ocsp ? "ocsp" : "crl"; });

TEST_P(Status, AGoodAnswerIsKeptOverARestartWithoutANetwork) {
    Computer t(GetParam());
    EXPECT_EQ(t.refusal(), Errc::status_unknown) << "nobody has asked yet";
    t.refresh();
    EXPECT_EQ(t.state().status, RevocationAnswer::good);
    EXPECT_EQ(t.refusal(), Errc{});
    const auto asked = t.desk.asked();
    t.refresh();
    EXPECT_EQ(t.desk.asked(), asked) << "a fresh answer is asked for again";
    t.desk.close();
    t.start();
    t.refresh();
    EXPECT_EQ(t.state().status, RevocationAnswer::good);
}

TEST_P(Status, Row10_6_RevokedIsFinalWhateverIsSaidLaterAndWithTheClockSetBack) {
    Computer t(GetParam());
    t.desk.revoked();
    if (GetParam() == StatusSource::crl) t.desk.make_crl();
    t.refresh();
    EXPECT_EQ(t.refusal(), Errc::certificate_revoked);
    EXPECT_EQ(t.judge().outcome().error().citation, "Pasal 11 ayat (3)");
    EXPECT_EQ(t.rows("revoked"), 1);
    t.desk.good();
    if (GetParam() == StatusSource::crl) t.desk.make_crl();
    t.forget_answers();
    t.start();
    t.refresh();
    EXPECT_EQ(t.refusal(), Errc::certificate_revoked);
    t.clock.set(t.clock.now() - std::chrono::hours(24 * 365));
    t.start();
    t.refresh();
    EXPECT_EQ(t.refusal(), Errc::certificate_revoked);
    EXPECT_TRUE(audit::verify(t.database->raw(), *t.device_key)->faults.empty());
}

TEST_P(Status, Row10_4_OnHoldIsToldAsSuchAndLiftsWhenTheIssuerSaysSo) {
    Computer t(GetParam());
    t.desk.on_hold();
    if (GetParam() == StatusSource::crl) t.desk.make_crl();
    t.refresh();
    EXPECT_EQ(t.refusal(), Errc::certificate_suspended);
    t.desk.mode("error");
    t.forget_answers();
    t.start();
    t.refresh();
    EXPECT_EQ(t.refusal(), Errc::certificate_suspended) << "the log still knows";
    t.desk.mode("answer");
    t.desk.good();
    if (GetParam() == StatusSource::crl) t.desk.make_crl();
    t.start();
    t.refresh();
    EXPECT_EQ(t.refusal(), Errc{});
    EXPECT_EQ(t.rows("suspended"), 1);
    EXPECT_EQ(t.rows("good"), 1);
}

TEST_P(Status, WhoCannotBeReachedIsWaitedForAsLongAsTheProfilesTwoThresholdsSay) {
    Computer t(GetParam());
    t.refresh();
    ASSERT_EQ(t.refusal(), Errc{});
    t.desk.close();
    const auto then = t.clock.now();
    t.clock.set(then + 25h + 1min);
    t.start();
    t.refresh();
    auto decision = t.judge();
    EXPECT_TRUE(decision.allowed());
    ASSERT_EQ(decision.warnings().size(), 1u);
    EXPECT_NE(decision.warnings()[0].sentence(Language::indonesian).find("25 jam"), std::string::npos);
    t.clock.set(then + 73h + 1min);
    decision = t.judge();
    ASSERT_FALSE(decision.allowed());
    EXPECT_EQ(decision.outcome().error().code, Errc::status_unknown);
    EXPECT_NE(decision.outcome().error().sentence(Language::indonesian).find("73 jam"), std::string::npos);
    EXPECT_FALSE(decision.outcome().error().remedy(Language::indonesian).empty());
    t.clock.set(then - 2h);
    EXPECT_FALSE(t.judge().allowed()) << "a clock that was set back makes no answer fresh";
}

TEST_P(Status, AnAnswerThatIsTooLargeOrNoneOrAnErrorIsUnknown) {
    for (const std::string mode : {"large", "broken", "error"}) {
        Computer t(GetParam());
        t.desk.mode(mode);
        t.refresh();
        EXPECT_EQ(t.refusal(), Errc::status_unknown) << mode;
        EXPECT_EQ(t.desk.asked(), 1) << mode;
    }
}

TEST(StatusAsking, TheWrongResponderAndTheWrongNonceAreNoAnswer) {
    Computer wrong;
    wrong.desk.signed_by({.common_name = "Pejabat"}, wrong.ca);
    wrong.refresh();
    EXPECT_EQ(wrong.refusal(), Errc::status_unknown);
    Computer other;
    other.desk.mode("other-nonce");
    other.refresh();
    EXPECT_EQ(other.refusal(), Errc::status_unknown);
    Computer none;
    none.desk.mode("no-nonce");
    none.refresh();
    EXPECT_EQ(none.refusal(), Errc{}) << "a responder that signs ahead has no nonce";
}

TEST(StatusAsking, ASlowIssuerHoldsUpNeitherTheGateNorTheLoop) {
    Computer t;
    t.profile.revocation_status.wait = 300ms;
    t.start();
    t.desk.mode("slow");
    int ticks = 0;
    net::co_spawn(
        t.io,
        [](int& n) -> Task<void> {
            for (;;) {
                co_await ipc::sleep_for(10ms);
                ++n;
            }
        }(ticks),
        [](std::exception_ptr) {});
    const auto took = t.refresh();
    EXPECT_GE(took, 300ms);
    EXPECT_LT(took, 5s) << "the desk takes fifteen seconds";
    EXPECT_GE(ticks, 2) << "the loop stood still";
    EXPECT_EQ(t.refusal(), Errc::status_unknown);
}

TEST(StatusAsking, OnlyHostsThatTheProfileListsAreAsked) {
    Computer t;
    const auto named = [&](const std::string& url) { return *x509::read_certificate(t.ca.certify(t.key.get(), {.ocsp_url = url})); };
    t.profile.revocation_status.url.clear();
    t.certificate = named(t.desk.url());
    t.token.certificates = {t.certificate};
    t.profile.revocation_status.hosts = {"ocsp.example"};
    t.start();
    t.refresh();
    EXPECT_EQ(t.desk.asked(), 0);
    EXPECT_EQ(t.refusal(), Errc::status_unknown);
    t.profile.revocation_status.hosts = {t.desk.host()};
    t.start();
    t.refresh();
    EXPECT_EQ(t.desk.asked(), 1) << "the certificate's own address, once it is listed";
}

TEST(StatusAsking, AnOldAnswerThatSomebodyKeptIsNoNews) {
    Computer t;
    t.refresh();
    const auto file = t.folder.path() / "status" / (t.certificate->id.sha256.hex() + ".ocsp");
    const auto old = t.folder.path() / "old";
    std::filesystem::copy_file(file, old);
    std::this_thread::sleep_for(1100ms); // answers have seconds
    t.forget_answers();
    t.desk.on_hold();
    t.start();
    t.refresh();
    ASSERT_EQ(t.refusal(), Errc::certificate_suspended);
    t.desk.close();
    std::filesystem::copy_file(old, file, std::filesystem::copy_options::overwrite_existing);
    t.start();
    t.refresh();
    EXPECT_EQ(t.refusal(), Errc::certificate_suspended) << "the good answer is authentic, and older than the log's row";
}

TEST(StatusAsking, ARowThatAnotherProgramWroteRevokesNothingAndAChangedFileIsNotBelieved) {
    Computer t;
    t.refresh();
    const auto body = "{\"certificateSha256\":\"" + t.certificate->id.sha256.hex() + "\",\"state\":\"revoked\",\"since\":\"2026-11-01T00:00:00Z\"}";
    ASSERT_TRUE(t.log->commit(store::Durability::process, [&] { return t.log->append("certificate-status", "", body), done(); }));
    const auto file = t.folder.path() / "status" / (t.certificate->id.sha256.hex() + ".ocsp");
    t.desk.close();
    t.start();
    t.refresh();
    EXPECT_EQ(t.refusal(), Errc{});
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(160);
    bytes.put('x');
    bytes.close();
    t.start();
    t.refresh();
    EXPECT_EQ(t.refusal(), Errc::status_unknown);
}

} // namespace
} // namespace jk::test
