// Policy: profiles as data, origins exact, refusals with the active city's citation and no other's.
#include "agent/config/configuration.hpp"
#include "agent/policy/read_profile.hpp"
#include "agent/policy/rules.hpp"
#include "tests/support/gate_fixture.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace jk::test {
namespace {

using policy::Origin;

TEST(Origin, OnlyTheExactSerialisationOfAnHttpsOrigin) {
    for (const char* good : {"https://eoffice.pekalongankota.go.id", "https://localhost:8443", "https://a", "https://xn--bcher-kva.example"})
        EXPECT_TRUE(Origin::parse(good)) << good;
    for (const char* bad : {"http://eoffice.example", "https://", "https://EOFFICE.example", "https://eoffice.example/",
                            "https://eoffice.example:443", "https://eoffice.example:0", "https://eoffice.example:65536", "https://eoffice.example:08",
                            "https://eoffice.example.", "https://*.example", "https://user@eoffice.example", "https://a..b", "https://-a.example",
                            "https://b\xc3\xbc"
                            "cher.example",
                            "null", "", "https://eoffice.example:", "https://eoffice.example:8443x", "https://a b"})
        EXPECT_FALSE(Origin::parse(bad)) << bad;
}

TEST(Origin, HostsOfLinks) {
    EXPECT_EQ(policy::https_host("https://eoffice.example/cek/1?x=2#y"), "eoffice.example");
    EXPECT_EQ(policy::https_host("https://eoffice.example:8443/cek"), "eoffice.example");
    for (const char* bad : {"http://eoffice.example/", "https://eoffice.example@evil.example/", "https://eoffice.example\\@evil.example/",
                            "javascript:alert(1)", "https:///x", "https://a b/"})
        EXPECT_FALSE(policy::https_host(bad)) << bad;
}

TEST(Registry, LetsInTheListedOriginAndNothingThatLooksLikeIt) {
    GateFixture t;
    const auto now = t.clock.now();
    EXPECT_TRUE(policy::judge_origin(t.profile, "https://eoffice.example", now));
    for (const char* other : {"https://eoffice.example.evil.id", "https://evil-eoffice.example", "http://eoffice.example",
                              "https://eoffice.example:8443", "https://EOFFICE.example", "null", ""}) {
        const auto caller = policy::judge_origin(t.profile, other, now);
        ASSERT_FALSE(caller) << other;
        EXPECT_EQ(caller.error().code, Errc::origin_refused);
        EXPECT_EQ(caller.error().citation, "Pasal 13 huruf e dan huruf f");
    }
    t.profile.applications[0].until = now - std::chrono::hours(1);
    EXPECT_EQ(policy::judge_origin(t.profile, "https://eoffice.example", now).error().code, Errc::origin_expired);
}

/// The fixture's certificate with another use.
CertificateRef used_for(const GateFixture& t, KeyUsage usage) {
    auto changed = std::make_shared<Certificate>(*t.certificate);
    usage.present = true;
    changed->key_usage = usage;
    return changed;
}

TEST(LocalProgramRules, NothingIsPermittedWhereTheProfileIsSilent) {
    GateFixture t;
    const auto key = policy::judge_key_for_program(t.profile, t.certificate, {}, t.clock.now());
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, Errc::program_not_permitted);
}

TEST(LocalProgramRules, ANonRepudiationKeyIsAskedForEachTimeAndNeverDecrypts) {
    GateFixture t;
    t.profile.local_programs = {true, 100, std::chrono::minutes(5), false};
    KeyUsage both;
    both.digital_signature = both.non_repudiation = both.key_encipherment = true;
    const auto certificate = used_for(t, both);
    EXPECT_EQ(policy::judge_key_for_program(t.profile, certificate, {}, t.clock.now()).error().code, Errc::program_not_permitted);
    t.profile.local_programs.non_repudiation_key = true;
    const auto key = policy::judge_key_for_program(t.profile, certificate, {}, t.clock.now());
    ASSERT_TRUE(key);
    EXPECT_TRUE(key->sign);
    EXPECT_FALSE(key->decrypt);
    EXPECT_TRUE(key->each_asked);
}

TEST(LocalProgramRules, ACertificateThatDoesNotSayWhatItIsForCountsAsNonRepudiation) {
    GateFixture t;
    t.profile.local_programs = {true, 100, std::chrono::minutes(5), false};
    auto silent = std::make_shared<Certificate>(*t.certificate);
    silent->key_usage = {};
    EXPECT_EQ(policy::judge_key_for_program(t.profile, silent, {}, t.clock.now()).error().code, Errc::program_not_permitted);
}

TEST(LocalProgramRules, AnOrdinaryKeyDoesWhatItsUsageSaysAsOftenAsTheProfilePermits) {
    GateFixture t;
    t.profile.local_programs = {true, 100, std::chrono::minutes(5), false};
    KeyUsage signing;
    signing.digital_signature = true;
    auto key = policy::judge_key_for_program(t.profile, used_for(t, signing), {}, t.clock.now());
    ASSERT_TRUE(key);
    EXPECT_TRUE(key->sign);
    EXPECT_FALSE(key->decrypt);
    EXPECT_FALSE(key->each_asked);
    t.profile.local_programs.operations_per_consent = 1;
    key = policy::judge_key_for_program(t.profile, used_for(t, signing), {}, t.clock.now());
    ASSERT_TRUE(key);
    EXPECT_TRUE(key->each_asked);
    const auto expired = t.certificate->not_after + std::chrono::hours(1);
    EXPECT_FALSE(policy::judge_key_for_program(t.profile, used_for(t, signing), {}, expired));
    KeyUsage other;
    other.key_cert_sign = true;
    EXPECT_EQ(policy::judge_key_for_program(t.profile, used_for(t, other), {}, t.clock.now()).error().code, Errc::program_not_permitted);
}

TEST(LocalProgramRules, APointThatIsNotOnTheKeysCurveNeverReachesTheToken) {
    GateFixture t;
    t.token.info.ecdh = true;
    const auto own = t.certificate->public_key; // a point of its curve
    const auto judged = [&](Bytes point) {
        return policy::judge_task(*t.certificate, t.token.info, {t.certificate->id, PeerPoint{std::move(point)}});
    };
    EXPECT_TRUE(judged(own));
    auto beside = own;
    beside.back() ^= 1;
    EXPECT_EQ(judged(beside).error().code, Errc::decryption_failed);
    auto nowhere = Bytes(own.size());
    nowhere[0] = 0x04; // (0, 0) is on no curve with b ≠ 0
    EXPECT_EQ(judged(nowhere).error().code, Errc::decryption_failed);
    const auto larger = make_key("p384");
    EXPECT_EQ(judged((*x509::read_certificate(t.ca.certify(larger.get())))->public_key).error().code, Errc::mechanism_unsupported);
    EXPECT_FALSE(judged({0x00}));
}

Errc refusal_of(const policy::Decision& decision) { return decision.allowed() ? Errc{} : decision.refusals().front().code; }

TEST(RequestRules, EachRefusalHasItsOwnCode) {
    GateFixture t;
    const auto judge = [&](auto&& change) {
        auto r = t.request();
        change(r);
        return refusal_of(policy::judge_request(t.profile, r));
    };
    EXPECT_EQ(judge([](SignRequest&) {}), Errc{});
    EXPECT_EQ(judge([](SignRequest& r) { r.purpose = "segel"; }), Errc::key_usage_refused);
    EXPECT_EQ(judge([](SignRequest& r) { r.purpose = "proteksi_email"; }), Errc::key_usage_refused); // a use of the profile, but no signature
    EXPECT_EQ(judge([](SignRequest& r) { r.task_kind = ""; }), Errc::task_kind_refused);
    EXPECT_EQ(judge([](SignRequest& r) { r.items.clear(); }), Errc::request_malformed);
    EXPECT_EQ(judge([](SignRequest& r) { r.items.assign(101, r.items[0]); }), Errc::batch_too_large);
    EXPECT_EQ(judge([](SignRequest& r) { r.level = "PAdES_BASELINE_LT"; }), Errc::not_available);
    EXPECT_EQ(judge([](SignRequest& r) { r.level = "PAdES_BASELINE_X"; }), Errc::request_malformed);
    EXPECT_EQ(judge([](SignRequest& r) { r.format = Format::raw, r.level = ""; }), Errc::content_not_visible);
    EXPECT_EQ(judge([](SignRequest& r) { r.format = Format::raw, r.level = "", r.caller.door = Door::control; }), Errc{});
    Appearance a;
    a.link = "https://eoffice.example/cek/1";
    EXPECT_EQ(judge([&](SignRequest& r) { r.items[0].appearance = a; }), Errc{});
    a.link = "https://evil.example/cek/1";
    EXPECT_EQ(judge([&](SignRequest& r) { r.items[0].appearance = a; }), Errc::link_refused);
    t.profile.raw_hashes = true;
    EXPECT_EQ(judge([](SignRequest& r) { r.format = Format::raw, r.level = ""; }), Errc{});
}

TEST(Profiles, AllFiveCitiesAreReadAndNoneBorrowsAnothersPasal) {
    struct City {
        const char *file, *name, *task, *issuer, *application, *delegation, *key;
    };
    for (const auto& city : {City{"pekalongan-98-2018.yaml", "Pekalongan", "email", "Pasal 5 huruf a; Pasal 1 angka 15",
                                  "Pasal 13 huruf e dan huruf f", "Pasal 15 ayat (3); Pasal 19 huruf c", "Pasal 1 angka 26"},
                             City{"mataram-30-2018.yaml", "Mataram", "naskah_kedinasan", "Pasal 6 ayat (2); Pasal 1 angka 6",
                                  "Pasal 4 ayat (1) huruf g; Pasal 8 ayat (4)", "Pasal 18 huruf c", "Pasal 1 angka 14"},
                             City{"tangsel-71-2022.yaml", "Tangerang Selatan", "spbe", "Pasal 1 angka 13; Pasal 15 ayat (1)",
                                  "Pasal 15 ayat (3) huruf b; Pasal 16 ayat (2)", "", ""},
                             City{"bekasi-84-2017.yaml", "Bekasi", "naskah_kedinasan", "Pasal 6 ayat (2); Pasal 1 angka 19",
                                  "Pasal 4 ayat (1) huruf g; Pasal 8 ayat (4)", "Pasal 18 huruf c", "Pasal 1 angka 15"},
                             City{"palembang-23-2020.yaml", "Palembang", "penandatanganan_dokumen", "Pasal 4 ayat (2); Pasal 7 ayat (1) huruf a",
                                  "Pasal 5 ayat (1); Pasal 6 ayat (2) huruf c; Lampiran I.A", "Pasal 14 huruf c; Pasal 12 ayat (2) huruf b",
                                  "Pasal 1 angka 19; Pasal 12 ayat (2) huruf b"}}) {
        const auto regulation = regulation_of(city.file);
        EXPECT_EQ(regulation.city, city.name);
        EXPECT_NE(policy::find(regulation.task_kinds, city.task), nullptr) << city.file;
        EXPECT_NE(policy::find(regulation.purposes, "tte"), nullptr);
        EXPECT_EQ(regulation.issuer_citation, city.issuer);
        EXPECT_EQ(regulation.approved_applications_citation, city.application);
        EXPECT_EQ(regulation.no_delegation_citation, city.delegation);
        EXPECT_EQ(regulation.private_key_citation, city.key);
    }
    EXPECT_EQ(regulation_of("tangsel-71-2022.yaml").validity_years, 1);
    EXPECT_EQ(regulation_of("mataram-30-2018.yaml").validity_years, std::nullopt);
}

struct ProfileText {
    DemoCa ca = DemoCa::create();
    std::string text = R"(environment: uji
regulation: kota.yaml
anchors: [{file: root.pem, environment: uji}]
applications:
  - {origin: "https://eoffice.example", name: e-Office, owner_unit: Diskominfo, decree: SK 1, until: 2030-01-31, link_hosts: [eoffice.example]}
limits: {items_per_consent: 5}
)";
    Outcome<policy::Profile> read() {
        return policy::read_profile(text, [&](const std::string& name) -> Outcome<std::string> {
            if (name == "root.pem") return ca.root_pem();
            std::ifstream in(std::string(JURUKUNCI_SOURCE_DIR) + "/policies/pekalongan-98-2018.yaml");
            std::stringstream all;
            all << in.rdbuf();
            return all.str();
        });
    }
    std::string fault_after_replacing(const std::string& from, const std::string& to) {
        ProfileText copy = {DemoCa::create(), text};
        copy.text.replace(copy.text.find(from), from.size(), to);
        const auto profile = copy.read();
        return profile ? "" : profile.error().sentence(Language::english);
    }
};

TEST(ProfileFile, IsReadWhole) {
    ProfileText t;
    const auto profile = t.read();
    ASSERT_TRUE(profile) << profile.error().log_line();
    EXPECT_EQ(profile->limits.items_per_consent, 5u);
    EXPECT_EQ(profile->applications[0].link_hosts[0], "eoffice.example");
    EXPECT_EQ(rfc3339(*profile->applications[0].until), "2030-01-31T23:59:59Z");
}

TEST(ProfileFile, AMistakeIsRefusedByNameAndNotIgnored) {
    ProfileText t;
    EXPECT_NE(t.fault_after_replacing("items_per_consent", "items_per_konsent").find("unknown key `items_per_konsent`"), std::string::npos);
    EXPECT_NE(t.fault_after_replacing("items_per_consent: 5", "items_per_consent: 0").find("from 1 to 10000"), std::string::npos);
    EXPECT_NE(t.fault_after_replacing("https://eoffice.example\"", "https://*.example\"").find("no exact https origin"), std::string::npos);
    EXPECT_NE(t.fault_after_replacing("environment: uji\nreg", "environment: test\nreg").find("uji or produksi"), std::string::npos);
    EXPECT_NE(t.fault_after_replacing("until: 2030-01-31", "until: besok").find("must be a date"), std::string::npos);
    EXPECT_NE(t.fault_after_replacing("[{file: root.pem, environment: uji}]", "[]").find("anchors is empty"), std::string::npos);
    EXPECT_NE(t.fault_after_replacing("limits:", "intermediates: semua\nlimits:").find("intermediates must be a list"), std::string::npos);
    EXPECT_NE(t.fault_after_replacing("limits:", "limits: [").find("profile.yaml"), std::string::npos);
}

struct ConfigFixture {
    ScratchFolder folder;
    std::filesystem::path file(const std::string& name, const std::string& text, mode_t mode = 0644) {
        const auto path = folder.path() / name;
        std::ofstream(path) << text;
        chmod(path.c_str(), mode);
        return path;
    }
};

TEST(TrustedFile, RefusesWhatOthersCouldHaveChanged) {
    ConfigFixture t;
    using config::Owner;
    EXPECT_EQ(*config::read_trusted(t.file("a", "isi"), Owner::root_or_self), "isi");
    EXPECT_EQ(config::read_trusted(t.file("b", "isi", 0664), Owner::root_or_self).error().code, Errc::config_refused);
    std::filesystem::create_symlink(t.folder.path() / "a", t.folder.path() / "link");
    EXPECT_FALSE(config::read_trusted(t.folder.path() / "link", Owner::root_or_self));
    EXPECT_FALSE(config::read_trusted(t.folder.path(), Owner::root_or_self));
    EXPECT_FALSE(config::read_trusted(t.folder.path() / "none", Owner::root_or_self));
    chmod(t.folder.path().c_str(), 0777);
    EXPECT_FALSE(config::read_trusted(t.folder.path() / "a", Owner::root_or_self)) << "the folder is open to others";
}

TEST(Modules, OnlyALibraryThatNobodyElseCanExchange) {
    ConfigFixture t;
    const auto library = t.file("lib.so", "x", 0755);
    const auto read = [&](const std::string& yaml) { return config::read_module(yaml, "modules.d/x.yaml", config::Owner::root_or_self); };
    const auto good = read("name: softhsm\npath: " + library.string() + "\nparallel_sessions: 2\nenvironment: {SOFTHSM2_CONF: /etc/x}\n");
    ASSERT_TRUE(good) << good.error().log_line();
    EXPECT_EQ(good->parallel, 2u);
    chmod(library.c_str(), 0775);
    EXPECT_FALSE(read("name: softhsm\npath: " + library.string() + "\n"));
    chmod(library.c_str(), 0755);
    const auto refused = [&](const std::string& yaml) { return !read(yaml); };
    EXPECT_TRUE(refused("name: softhsm\npath: lib.so\n"));
    EXPECT_TRUE(refused("name: ../x\npath: " + library.string() + "\n"));
    EXPECT_TRUE(refused("name: x\npath: " + library.string() + "\nenvironment: {LD_PRELOAD: /tmp/x.so}\n"));
    EXPECT_TRUE(refused("name: x\npath: " + library.string() + "\nrelaxed_sandbox: true\n")) << "a quirk needs its reason";
    EXPECT_TRUE(refused("name: x\npath: " + library.string() + "\nparallel_sessions: 99\n"));
    EXPECT_TRUE(refused("name: x\npath: " + library.string() + "\nunknown: 1\n"));
}

} // namespace
} // namespace jk::test
