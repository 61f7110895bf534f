// The bundle: believed only by a pinned certificate, never older than one that was seen, and the last good one stays.
#include "agent/config/configuration.hpp"
#include "agent/policy/narrow.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/signed_bundle.hpp"
#include "tests/unit/matrix_fixture.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace jk::test {
namespace {

namespace fs = std::filesystem;

/// A configuration folder for `produksi`, an RA, and a place where the agent would keep the last good bundle.
struct Desk {
    Desk() {
        fs::create_directories(etc() / "anchors");
        fs::create_directories(etc() / "ra");
        fs::create_directories(etc() / "modules.d");
        for (const auto& each : {folder.path(), etc(), etc() / "anchors", etc() / "ra", etc() / "modules.d"}) chmod(each.c_str(), 0755);
        write("anchors/root.pem", ca.root_pem());
        write("mataram-30-2018.yaml", text_of_file(policies_folder() / "mataram-30-2018.yaml"));
        write_profile("produksi");
        write("ra/ra.pem", pem_of(*officer));
    }
    fs::path etc() const { return folder.path() / "etc"; }
    fs::path kept() const { return folder.path() / "bundle.kept"; }
    void write(const std::string& name, const std::string& text) {
        std::ofstream(etc() / name, std::ios::binary) << text;
        chmod((etc() / name).c_str(), 0644);
    }
    void write_profile(const std::string& environment, int limit = 100) {
        write("profile.yaml",
              "environment: " + environment + "\nregulation: mataram-30-2018.yaml\nanchors: [{file: anchors/root.pem, environment: " + environment +
                  "}]\nlimits: {items_per_consent: " + std::to_string(limit) +
                  "}\napplications:\n  - {origin: \"https://eoffice.example\", name: e-Office, owner_unit: Diskominfo, decree: SK 1}\n");
    }
    std::string bundle(const BundleWish& wish = {}) { return signed_bundle(bundle_content(etc(), wish), *officer, key.get()); }
    void install(const BundleWish& wish = {}) { write("bundle.cms", bundle(wish)); }
    /// As an agent does that has taken this one from root's folder.
    void keep(const BundleWish& wish = {}, const std::string& environment = "produksi") {
        keep_bytes(bundle(wish), static_cast<std::uint32_t>(wish.version), environment);
    }
    void keep_bytes(const std::string& bytes, std::uint32_t version, const std::string& environment) {
        fs::create_directories(folder.path() / environment);
        const auto device = *store::DeviceKey::open_or_create(folder.path() / environment / "device.key");
        const auto view = bytes_of(bytes);
        ASSERT_TRUE(config::keep_bundle(kept(), {Bytes(view.begin(), view.end()), environment, version}, device));
    }
    Outcome<config::Configuration> read() { return config::read(etc(), kept()); }
    std::string fault() {
        const auto read_ = read();
        return read_ ? "" : std::string(read_.error().entry().code) + " " + read_.error().detail;
    }

    ScratchFolder folder;
    DemoCa ca = DemoCa::create();
    x509::EvpPkeyPtr key = make_key("p256");
    CertificateRef officer = *x509::read_certificate(ca.certify(key.get(), {}));
};

TEST(Bundle, CarriesAWholeConfiguration) {
    Desk t;
    t.install({.version = 7,
               .blocked = R"([{"by":"token","value":"1234","cause":"reported","case":"K-1","since":"2026-01-02T03:04:05Z"}])",
               .holders = "[{\"certificate\":\"" + std::string(64, 'a') +
                          R"(","name":"Sri Wahyuni","number":"198001012005012001","title":"Kepala Bidang","unit":"Diskominfo"}])"});
    // Nothing but the bundle and the pin is needed.
    fs::remove(t.etc() / "profile.yaml");
    fs::remove(t.etc() / "mataram-30-2018.yaml");
    fs::remove_all(t.etc() / "anchors");
    const auto configuration = t.read();
    ASSERT_TRUE(configuration) << configuration.error().log_line();
    EXPECT_EQ(configuration->profile.regulation.city, "Mataram");
    ASSERT_TRUE(configuration->bundle);
    EXPECT_EQ(configuration->bundle->bundle.version, 7u);
    EXPECT_FALSE(configuration->bundle->kept);
    EXPECT_EQ(configuration->bundle->bundle.holders.at(0).title, "Kepala Bidang");
    EXPECT_EQ(configuration->bundle->bundle.blocks.at(0).case_number, "K-1");
}

TEST(Bundle, InServicePlainFilesAreNotEnoughAndForPracticeTheyAre) {
    Desk t;
    EXPECT_NE(t.fault().find("E-PROFIL-DIUBAH is missing"), std::string::npos) << t.fault();
    t.write_profile("uji");
    EXPECT_EQ(t.fault(), "");
}

TEST(Bundle, OneByteChangedAnywhereIsRefused) {
    Desk t;
    const auto good = t.bundle();
    for (std::size_t at = 0; at < good.size(); at += good.size() / 97) {
        auto changed = good;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        t.write("bundle.cms", changed);
        const auto configuration = t.read();
        // Bytes that the signature does not cover say nothing (a version number of CMS): then the content is the signed one.
        if (configuration) {
            EXPECT_EQ(configuration->bundle->bundle.files, config::open_bundle(bytes_of(good), {t.officer}, 1, SystemClock().now())->files);
        } else {
            EXPECT_EQ(configuration.error().code, Errc::profile_changed);
        }
    }
    t.write("bundle.cms", good + "x");
    EXPECT_NE(t.fault().find("E-PROFIL-DIUBAH"), std::string::npos);
}

TEST(Bundle, ASignerWhoIsNotPinnedIsNobodyThoughTheCaIsTheSame) {
    Desk t;
    const auto stranger_key = make_key("p256");
    const auto stranger = *x509::read_certificate(t.ca.certify(stranger_key.get(), {}));
    t.write("bundle.cms", signed_bundle(bundle_content(t.etc(), {}), *stranger, stranger_key.get()));
    EXPECT_NE(t.fault().find("not signed by a pinned certificate"), std::string::npos) << t.fault();
    t.install();
    fs::remove(t.etc() / "ra/ra.pem");
    EXPECT_NE(t.fault().find("no RA certificate is pinned"), std::string::npos) << t.fault();
}

TEST(Bundle, APinInsideTheBundleCountsForNothing) {
    Desk t;
    const auto stranger_key = make_key("p256");
    const auto stranger = *x509::read_certificate(t.ca.certify(stranger_key.get(), {}));
    auto content = bundle_content(t.etc(), {});
    content.replace(content.find("\"files\":{"), 9, "\"files\":{\"ra/other.pem\":\"" + std::string("x") + "\",");
    t.write("bundle.cms", signed_bundle(content, *stranger, stranger_key.get()));
    EXPECT_NE(t.fault().find("not signed by a pinned certificate"), std::string::npos) << t.fault();
}

TEST(Bundle, AnExpiredOneAndOneFromTheFutureAreRefused) {
    Desk t;
    const auto now = SystemClock().now();
    t.install({.expires = rfc3339(now - std::chrono::seconds(1))});
    EXPECT_NE(t.fault().find("expired on"), std::string::npos) << t.fault();
    t.install({.issued = rfc3339(now + std::chrono::hours(48))});
    EXPECT_NE(t.fault().find("in the future"), std::string::npos) << t.fault();
    t.install({.issued = "2001-01-01T00:00:00Z"});
    EXPECT_NE(t.fault().find("outside the RA certificate's validity"), std::string::npos) << t.fault();
}

TEST(Bundle, RootsMinimumAndWhatWasSeenStopGoingBack) {
    Desk t;
    t.install({.version = 4});
    t.write("bundle-minimum", "5\n");
    EXPECT_NE(t.fault().find("has version 4, and 5 is the least"), std::string::npos) << t.fault();
    t.write("bundle-minimum", "lima");
    EXPECT_NE(t.fault().find("is no version"), std::string::npos);
    fs::remove(t.etc() / "bundle-minimum");
    t.keep({.version = 6});
    const auto configuration = t.read();
    ASSERT_TRUE(configuration) << configuration.error().log_line();
    EXPECT_TRUE(configuration->bundle->kept) << "the installed one is older than one that was seen";
    EXPECT_EQ(configuration->bundle->bundle.version, 6u);
    EXPECT_EQ(configuration->bundle->refused->code, Errc::profile_changed);
}

TEST(Bundle, TheLastGoodOneIsUsedWhereTheInstalledOneWasChanged) {
    Desk t;
    t.write_profile("produksi", 7);
    t.keep({.version = 3});
    t.write_profile("produksi", 100);
    t.write("bundle.cms", "rusak");
    const auto configuration = t.read();
    ASSERT_TRUE(configuration) << configuration.error().log_line();
    EXPECT_EQ(configuration->profile.limits.items_per_consent, 7u);
    EXPECT_TRUE(configuration->bundle->kept);
    // And where it is gone, which takes as little as spoiling it.
    fs::remove(t.etc() / "bundle.cms");
    EXPECT_TRUE(t.read()->bundle->kept);
}

TEST(Bundle, AKeptFileThatNobodySignedIsNoBundle) {
    Desk t;
    t.install({.version = 2});
    std::ofstream(t.kept()) << "{\"format\":\"jurukunci-bundle-1\",\"version\":99}";
    const auto configuration = t.read();
    ASSERT_TRUE(configuration) << configuration.error().log_line();
    EXPECT_FALSE(configuration->bundle->kept);
    EXPECT_EQ(configuration->bundle->bundle.version, 2u);
}

TEST(BundleInUse, AKeptBundleThatWasNeverInstalledHereIsNotUsed) {
    Desk t;
    t.install({.version = 2});
    t.keep({.version = 2});                       // the device has a key
    for (const bool as_it_came : {true, false}) { // of another computer of the city, as the RA signed it, or as that computer's agent kept it
        if (as_it_came) {
            std::ofstream(t.kept(), std::ios::binary) << t.bundle({.version = 9});
        } else {
            Desk other;
            other.officer = t.officer;
            other.key.reset(t.key.get());
            other.keep({.version = 9});
            (void)other.key.release();
            fs::copy_file(other.kept(), t.kept(), fs::copy_options::overwrite_existing);
        }
        const auto configuration = t.read();
        ASSERT_TRUE(configuration) << configuration.error().log_line();
        EXPECT_FALSE(configuration->bundle->kept);
        EXPECT_EQ(configuration->bundle->bundle.version, 2u);
        t.write("bundle.cms", "rusak");
        EXPECT_FALSE(t.read()) << "nor where the installed one is spoilt";
        t.install({.version = 2});
    }
}

TEST(BundleInUse, AKeptBundleForPracticeNeverTakesTheServicesPlace) {
    Desk t;
    t.write_profile("uji");
    const auto practice = t.bundle({.version = 9});
    t.write_profile("produksi");
    t.keep_bytes(practice, 9, "uji"); // the computer was used for practice before
    t.install({.version = 2});
    EXPECT_EQ(t.read()->profile.environment, policy::Environment::produksi);
    EXPECT_EQ(t.read()->bundle->bundle.version, 2u);
    t.write("bundle.cms", "rusak");
    EXPECT_FALSE(t.read());
    t.keep_bytes(practice, 9, "produksi"); // nor under the other name
    EXPECT_FALSE(t.read());
}

TEST(BundleInUse, APlainProfileThatRootPutInTheBundlesPlaceIsRead) {
    Desk t;
    t.write_profile("uji", 7);
    t.keep({.version = 3}, "uji");
    t.write_profile("uji", 100);
    const auto configuration = t.read();
    ASSERT_TRUE(configuration) << configuration.error().log_line();
    EXPECT_FALSE(configuration->bundle);
    EXPECT_EQ(configuration->profile.limits.items_per_consent, 100u);
}

TEST(BundleInUse, AVersionThatWasUsedStopsAnOlderOneAlsoAfterItHasExpired) {
    Desk t;
    t.keep({.version = 6, .expires = rfc3339(SystemClock().now() - std::chrono::seconds(1))});
    t.install({.version = 5});
    EXPECT_NE(t.fault().find("has version 5, and 6 is the least"), std::string::npos) << t.fault();
}

TEST(Bundle, EveryMistakeInTheContentIsNamed) {
    Desk t;
    const auto good = bundle_content(t.etc(), {.version = 3});
    ASSERT_TRUE(config::read_bundle_content(good));
    const auto fault = [&](const std::string& from, const std::string& to) {
        auto text = good;
        text.replace(text.find(from), from.size(), to);
        const auto bundle = config::read_bundle_content(text);
        return bundle ? "" : bundle.error().detail;
    };
    EXPECT_NE(fault("\"version\":3", "\"version\":0").find("version must be"), std::string::npos);
    EXPECT_NE(fault("\"version\":3", "\"version\":\"3\"").find("version must be"), std::string::npos);
    EXPECT_NE(fault("jurukunci-bundle-1", "jurukunci-bundle-2").find("format is not"), std::string::npos);
    EXPECT_NE(fault("\"holders\":[]", "\"holders\":[],\"lain\":1").find("unknown member lain"), std::string::npos);
    EXPECT_NE(fault("\"anchors/root.pem\"", "\"../root.pem\"").find("not plain"), std::string::npos);
    EXPECT_NE(fault("\"anchors/root.pem\"", "\"/etc/root.pem\"").find("not plain"), std::string::npos);
    EXPECT_NE(fault("\"profile.yaml\"", "\"profil.yaml\"").find("profile.yaml is missing"), std::string::npos);
    EXPECT_NE(
        fault("\"blocked\":[]", R"("blocked":[{"by":"everything","value":"","cause":"reported","since":"2026-01-01T00:00:00Z"}])").find("blocked.by"),
        std::string::npos);
    EXPECT_NE(
        fault("\"blocked\":[]", R"("blocked":[{"by":"certificate","value":"12","cause":"revoked","since":"2026-01-01T00:00:00Z"}])").find("SHA-256"),
        std::string::npos);
    EXPECT_FALSE(config::read_bundle_content(std::string(config::max_bundle + 1, ' ')));
}

TEST(Bundle, WhatOurWriterWritesIsReadAgain) {
    Desk t;
    auto bundle = *config::read_bundle_content(bundle_content(t.etc(), {.version = 3}));
    bundle.blocks.push_back({policy::BlockedBy::certificate, std::string(64, 'b'), policy::BlockCause::revoked, false, "K-2", bundle.issued});
    const auto again = config::read_bundle_content(config::write_bundle_content(bundle));
    ASSERT_TRUE(again) << again.error().log_line();
    EXPECT_EQ(again->files, bundle.files);
    EXPECT_EQ(again->blocks, bundle.blocks);
}

TEST(Bundle, ItsBlocksReachTheRules) {
    MatrixFixture t(cities()[1]);
    policy::BlockList blocks;
    blocks.add({policy::BlockedBy::certificate, t.h.certificate->id.sha256.hex(), policy::BlockCause::revoked, false, "", t.now});
    policy::add_blocks(t.h.state, blocks, *t.h.certificate, {"fake", "1234"});
    EXPECT_EQ(t.judge().find(policy::Rule::not_revoked)->error->code, Errc::certificate_revoked);
    MatrixFixture other(cities()[1]);
    policy::BlockList token;
    token.add({policy::BlockedBy::token, "1234", policy::BlockCause::reported, false, "K-9", other.now});
    policy::add_blocks(other.h.state, token, *other.h.certificate, {"fake", "1234"});
    EXPECT_EQ(other.judge().find(policy::Rule::not_blocked)->error->code, Errc::blocked_locally);
}

TEST(Narrowing, TakesAwayAndNeverGives) {
    Desk t;
    t.install();
    auto profile = t.read()->profile;
    profile.raw_hashes = true;
    ASSERT_TRUE(policy::narrow(profile, "items_per_consent: 5\nraw_hashes: false\nwithout_applications: [\"https://eoffice.example\"]\n"));
    EXPECT_EQ(profile.limits.items_per_consent, 5u);
    EXPECT_FALSE(profile.raw_hashes);
    EXPECT_TRUE(profile.applications.empty());
    for (const char* more : {"items_per_consent: 6", "raw_hashes: true", "authentication: true", "anchors: []", "applications: []",
                             "environment: uji", "sessions: {remote: true}", "local_programs: true"}) {
        const auto before = profile.limits.items_per_consent;
        EXPECT_FALSE(policy::narrow(profile, more)) << more;
        EXPECT_EQ(profile.limits.items_per_consent, before);
    }
}

} // namespace
} // namespace jk::test
