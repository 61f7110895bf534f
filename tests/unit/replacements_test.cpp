// Row 9.4: what counts as a certificate's successor and what does not, and that this is known after a restart.
#include "agent/life/replacements.hpp"
#include "agent/policy/rules.hpp"
#include "tests/support/fakes.hpp"
#include "tests/support/gate_fixture.hpp"

#include <gtest/gtest.h>

namespace jk::test {
namespace {

using namespace std::chrono_literals;

struct Holder {
    explicit Holder(const std::string& city = "pekalongan-98-2018.yaml") {
        profile.regulation = regulation_of(city);
        profile.anchors = {{ca.root(), policy::Environment::uji}};
        profile.intermediates = {ca.issuing()};
        database = *store::Database::open(folder.path() / "audit.db");
        device_key.emplace(*store::DeviceKey::open_or_create(folder.path() / "device.key"));
        log = *audit::Log::open(*database, *device_key, clock);
        start();
    }
    void start() { record.emplace(*life::Replacements::open({profile, *log, *device_key, clock, folder.path() / "certificates"})); }
    CertificateRef certificate(CertificateWish wish, WallTime from) const {
        wish.not_before = from;
        wish.not_after = from + 24h * 700;
        const auto key = make_key("p256");
        return *x509::read_certificate(ca.certify(key.get(), wish));
    }
    void see(std::vector<CertificateRef> certificates) {
        TokenInfo token;
        token.id = {"fake", "1"};
        token.certificates = std::move(certificates);
        record->look({token}, [this](const Certificate& c, const TokenId&) { return unfit && c.id == unfit->id; });
    }
    Outcome<void> judged(const CertificateRef& certificate) const {
        policy::State state;
        record->add_facts(state, *certificate);
        return policy::judge_state(profile, state, *certificate, clock.now()).outcome();
    }

    ScratchFolder folder;
    FakeClock clock{SystemClock().now()};
    DemoCa ca = DemoCa::create();
    policy::Profile profile;
    std::unique_ptr<store::Database> database;
    std::optional<store::DeviceKey> device_key;
    std::unique_ptr<audit::Log> log;
    std::optional<life::Replacements> record;
    CertificateRef unfit;
};

TEST(Replaced, Row9_4_AFollowedCertificateSignsNoMoreAndSaysSinceWhenAndUnderWhichArticle) {
    const std::vector<std::pair<std::string, std::string>> cities{{"pekalongan-98-2018.yaml", "Pasal 9 ayat (4)"},
                                                                  {"mataram-30-2018.yaml", "Pasal 15 ayat (1)"},
                                                                  {"tangsel-71-2022.yaml", "Pasal 12 ayat (1)"},
                                                                  {"bekasi-84-2017.yaml", "Pasal 15 ayat (1)"},
                                                                  {"palembang-23-2020.yaml", "Pasal 10 ayat (2)"}};
    for (const auto& [city, article] : cities) {
        Holder t(city);
        const auto old = t.certificate({}, t.clock.now() - 24h * 300), fresh = t.certificate({}, t.clock.now() - 24h);
        t.see({old});
        EXPECT_TRUE(t.judged(old));
        t.see({old, fresh});
        EXPECT_TRUE(t.judged(fresh));
        const auto refused = t.judged(old);
        ASSERT_FALSE(refused) << city;
        EXPECT_EQ(refused.error().code, Errc::certificate_replaced);
        EXPECT_EQ(refused.error().citation, article);
        EXPECT_NE(refused.error().sentence(Language::indonesian).find(indonesian_date(fresh->not_before)), std::string::npos);
    }
}

TEST(Replaced, IsKnownAfterARestartAndOnATokenThatHasOnlyTheOldOne) {
    Holder t;
    const auto old = t.certificate({}, t.clock.now() - 24h * 300), fresh = t.certificate({}, t.clock.now() - 24h);
    t.see({fresh}); // the new token; the old one lies in a drawer
    t.start();
    t.see({old});
    EXPECT_FALSE(t.judged(old));
    std::filesystem::remove_all(t.folder.path() / "certificates");
    t.start();
    EXPECT_FALSE(t.judged(old)) << "the log's row alone tells";
}

TEST(Replaced, AnotherUseAnotherHolderAndAnotherIssuerFollowNobody) {
    Holder t;
    const auto then = t.clock.now() - 24h * 300, now = t.clock.now() - 24h;
    const auto old = t.certificate({}, then);
    const auto other = DemoCa::create("CA Lain");
    t.profile.anchors.push_back({other.root(), policy::Environment::uji});
    t.profile.intermediates.push_back(other.issuing());
    const auto key = make_key("p256");
    const std::vector<CertificateRef> others{
        t.certificate({.key_usage = "critical,keyEncipherment"}, now),      t.certificate({.key_usage = "critical,digitalSignature"}, now),
        t.certificate({.extended_key_usage = "emailProtection"}, now),      t.certificate({.common_name = "Jana Kusuma, Sekretaris"}, now),
        t.certificate({.organization = "Pemerintah Kota Lain (UJI)"}, now), *x509::read_certificate(other.certify(key.get(), {.not_before = now}))};
    for (const auto& newer : others) t.see({old, newer});
    EXPECT_TRUE(t.judged(old));
    EXPECT_EQ(t.log->head().row, 0);
}

TEST(Replaced, ARevokedAFutureAndAnUnrecognisedCertificateFollowNobody) {
    Holder t;
    const auto old = t.certificate({}, t.clock.now() - 24h * 300), fresh = t.certificate({}, t.clock.now() - 24h);
    t.unfit = fresh;
    t.see({old, fresh});
    EXPECT_TRUE(t.judged(old));
    t.unfit = nullptr;
    t.see({old, t.certificate({}, t.clock.now() + 24h * 3)});
    EXPECT_TRUE(t.judged(old));
    const auto strange = DemoCa::create(); // the same names, another key
    const auto key = make_key("p256");
    t.see({old, *x509::read_certificate(strange.certify(key.get(), {.not_before = t.clock.now() - 1h}))});
    EXPECT_TRUE(t.judged(old));
    t.see({old, fresh});
    EXPECT_FALSE(t.judged(old)) << "the same pair, once nothing stands against it";
}

TEST(Replaced, AFileThatSomebodyPutThereAndARowWithoutACheckpointReplaceNothing) {
    Holder t;
    const auto old = t.certificate({}, t.clock.now() - 24h * 300);
    const auto strange = DemoCa::create();
    const auto key = make_key("p256");
    const auto forged = strange.certify(key.get(), {.not_before = t.clock.now() - 1h});
    std::ofstream(t.folder.path() / "certificates" / (life::identity_of(*old) + ".der"), std::ios::binary)
        .write(reinterpret_cast<const char*>(forged.data()), static_cast<std::streamsize>(forged.size()));
    const auto body = "{\"certificateSha256\":\"" + old->id.sha256.hex() + "\",\"since\":\"2026-11-01T00:00:00Z\"}";
    ASSERT_TRUE(t.log->commit(store::Durability::process, [&] { return t.log->append("replaced", "", body), done(); }));
    t.start();
    t.see({old});
    EXPECT_TRUE(t.judged(old));
}

} // namespace
} // namespace jk::test
