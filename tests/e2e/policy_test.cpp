// The policy through the real programs: explained without an agent, and enforced by one; bundles that were spoilt, and sessions from far away.
#include "tests/support/running_agent.hpp"
#include "x509/read_certificate.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

namespace jk::test {
namespace {

namespace fs = std::filesystem;

struct Machine {
    explicit Machine(const SiteWish& wish = {}) : site(TestSite::create(folder.path() / "site", wish)) {}
    Ran cli(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), program("jurukunci"));
        return run_program(arguments, site.environment(), folder.path());
    }
    json::object answer(std::vector<std::string> arguments) {
        arguments.emplace_back("--json");
        return json::parse(cli(std::move(arguments)).output).as_object();
    }
    std::string file(const std::string& name, const std::string& text) {
        const auto path = folder.path() / name;
        std::ofstream(path) << text;
        return path.string();
    }
    ScratchFolder folder;
    TestSite site;
};

void stop(RunningAgent& t) {
    t.agent().signal(SIGTERM);
    ASSERT_EQ(t.agent().wait(20'000), 0) << t.agent().output();
}

const json::object* rule(const json::object& answer, std::string_view name) {
    for (const auto& value : answer.at("rules").as_array())
        if (value.as_object().at("rule").as_string() == name) return &value.as_object();
    return nullptr;
}

TEST(Policy, ExplainPrintsEachRuleWithRowVerdictAndArticleInBothLanguagesWithoutAnAgent) {
    Machine t;
    auto ran = t.cli({"policy", "explain", "--origin", "https://eoffice.example", "--task", "email", "--purpose", "hiburan"});
    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_NE(ran.output.find("✗ Kegunaan termasuk yang diatur kota ini [baris 4.1] — Pasal 12 huruf a; Pasal 12 huruf b; Pasal 12 huruf c"),
              std::string::npos)
        << ran.output;
    EXPECT_NE(ran.output.find("E-KEGUNAAN-TIDAK-DIIZINKAN"), std::string::npos);
    EXPECT_NE(ran.output.find("kebijakan agen"), std::string::npos);
    ran = t.cli({"policy", "explain", "--origin", "https://eoffice.example", "--task", "email", "--lang", "en"});
    EXPECT_EQ(ran.exit_code, 0) << ran.output;
    EXPECT_NE(ran.output.find("✓ the application is in the registry [row 5.1] — Pasal 13 huruf e dan huruf f"), std::string::npos) << ran.output;
    EXPECT_NE(ran.output.find("– the revocation status is known and fresh [row 10.4] — agent policy"), std::string::npos) << ran.output;
}

TEST(Policy, ExplainTakesARequestAsJsonAndRefusesWhatItDoesNotKnow) {
    Machine t;
    const auto request = t.file("request.json", R"({"origin": "https://eoffice.example", "taskKind": "email", "delegation": "atas_nama",
        "state": {"blocked": {"case": "K-7", "since": "2026-11-01"}}, "session": {"remote": true, "active": true, "how": "SSH"}, "token": {"present": false}})");
    const auto answer = t.answer({"policy", "explain", "--request", request});
    EXPECT_FALSE(answer.at("allowed").as_bool());
    EXPECT_EQ(rule(answer, "no_delegation")->at("code").as_string(), "E-PENDELEGASIAN-DILARANG");
    EXPECT_EQ(rule(answer, "no_delegation")->at("citation").as_string(), "Pasal 15 ayat (3); Pasal 19 huruf c");
    EXPECT_EQ(rule(answer, "token_present")->at("code").as_string(), "E-TOKEN-TIDAK-ADA");
    EXPECT_EQ(rule(answer, "session_local")->at("verdict").as_string(), "passed") << "this site's profile permits it";
    EXPECT_EQ(rule(answer, "not_blocked")->at("note").as_string(), "not_given") << "no certificate was named";
    const auto misspelt = t.file("misspelt.json", R"({"origin": "https://eoffice.example", "taksKind": "email"})");
    EXPECT_EQ(t.cli({"policy", "explain", "--request", misspelt}).exit_code, 2);
}

TEST(Policy, ExplainJudgesTheCertificateThatIsNamed) {
    Machine t;
    const auto key = make_key("p256");
    const auto certificate = *x509::read_certificate(t.site.ca().certify(key.get(), {}));
    const auto pem = t.file("certificate.pem", pem_of(*certificate));
    auto answer = t.answer({"policy", "explain", "--origin", "https://eoffice.example", "--task", "email", "--certificate", pem});
    EXPECT_TRUE(answer.at("allowed").as_bool());
    EXPECT_EQ(rule(answer, "issuer_recognised")->at("verdict").as_string(), "passed");
    answer = t.answer({"policy", "explain", "--origin", "https://eoffice.example", "--task", "email", "--certificate", pem, "--at", "2040-01-01"});
    EXPECT_EQ(rule(answer, "not_expired")->at("code").as_string(), "E-MASA-BERLAKU-HABIS");
    EXPECT_EQ(rule(answer, "application_current")->at("code").as_string(), "E-PENETAPAN-APLIKASI-BERAKHIR");
}

TEST(Policy, ShowAndCheckNameTheCityItsArticlesAndWhatIsUnknown) {
    SiteWish wish;
    wish.regulation = "palembang-23-2020.yaml";
    Machine t(wish);
    const auto shown = t.cli({"policy", "show"});
    EXPECT_EQ(shown.exit_code, 0) << shown.output;
    EXPECT_NE(shown.output.find("Peraturan Walikota Palembang Nomor 23 Tahun 2020"), std::string::npos) << shown.output;
    EXPECT_NE(shown.output.find("catatan_kaki — Pasal 12 ayat (4) dan (5); Lampiran II"), std::string::npos);
    const auto checked = t.cli({"policy", "check"});
    EXPECT_EQ(checked.exit_code, 0);
    EXPECT_NE(checked.output.find("? catatan_kaki.teks: Dinas Komunikasi dan Informatika Kota Palembang"), std::string::npos) << checked.output;
    std::ofstream(t.site.configuration() / "profile.yaml", std::ios::app) << "lain: 1\n";
    EXPECT_NE(t.cli({"policy", "check"}).exit_code, 0);
}

TEST(Policy, ARemoteSessionIsRefusedBeforeAnybodyIsAsked) {
    SiteWish wish;
    wish.sessions = "";
    wish.more_environment = {"SSH_CONNECTION=192.0.2.1 5000 192.0.2.2 22"};
    RunningAgent t(wish);
    const auto operation = t.sign_document(letter("undangan-rapat.pdf"));
    EXPECT_EQ(operation.at("state").as_string(), "refused");
    EXPECT_EQ(operation.at("error").as_object().at("code").as_string(), "E-SESI-JARAK-JAUH");
    EXPECT_EQ(operation.at("error").as_object().at("citation").as_string(), "Pasal 15 ayat (3); Pasal 19 huruf c");
    EXPECT_TRUE(t.shown().empty());
}

TEST(Policy, ASpoiltBundleLeavesTheLastGoodOneInUseAndARowBehind) {
    SiteWish wish;
    wish.environment = "produksi";
    RunningAgent t(wish, {});
    const auto installed = t.site().configuration() / "bundle.cms";
    const auto city = [&] { return t.request("GET", "/v1/status").json().at("profile").as_object().at("id").as_string() == "pekalongan-98-2018"; };
    EXPECT_TRUE(city());
    EXPECT_TRUE(fs::exists(t.folder() / "site/state/jurukunci/bundle.kept"));
    stop(t);
    std::ofstream(installed, std::ios::binary) << "rusak";
    t.start_agent();
    EXPECT_TRUE(city());
    const auto database = t.site().state("produksi") / "audit.db";
    const auto rows = run_program({"/usr/bin/sqlite3", database.string(), "SELECT body FROM log WHERE kind = 'bundle'"}, {}, t.folder());
    EXPECT_NE(rows.output.find("E-PROFIL-DIUBAH"), std::string::npos) << rows.output;
    stop(t);
    fs::remove(t.folder() / "site/state/jurukunci/bundle.kept");
    const auto ran = run_program({program("jurukuncid"), "--port", "0"}, t.site().environment(), t.folder());
    EXPECT_EQ(ran.exit_code, 5);
    EXPECT_NE(ran.output.find("E-PROFIL-DIUBAH"), std::string::npos) << ran.output;
}

TEST(Policy, ABundleIsMadeByTheCommandSignedByOpensslAndRead) {
    Machine t;
    const auto etc = t.site.configuration().string(), content = (t.folder.path() / "isi.json").string(),
               out = (t.folder.path() / "bundle.cms").string();
    const auto key = (t.folder.path() / "ra.key").string(), pem = (t.folder.path() / "ra.pem").string();
    auto ran = run_program({"/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", pem, "-days", "30", "-subj",
                            "/C=ID/CN=Petugas RA"},
                           {}, t.folder.path());
    ASSERT_EQ(ran.exit_code, 0) << ran.output;
    ran = t.cli({"policy", "bundle", "make", etc, "-o", content, "--bundle-version", "7", "--expires", "2099-12-31"});
    ASSERT_EQ(ran.exit_code, 0) << ran.output;
    ran = run_program({"/usr/bin/openssl", "cms", "-sign", "-binary", "-nodetach", "-nosmimecap", "-md", "sha256", "-outform", "DER", "-signer", pem,
                       "-inkey", key, "-in", content, "-out", out},
                      {}, t.folder.path());
    ASSERT_EQ(ran.exit_code, 0) << ran.output;
    EXPECT_NE(t.cli({"policy", "bundle", "show", out}).exit_code, 0) << "nobody pinned this officer";
    fs::create_directories(t.site.configuration() / "ra");
    fs::copy_file(pem, t.site.configuration() / "ra/ra.pem");
    fs::permissions(t.site.configuration() / "ra/ra.pem", fs::perms::owner_read | fs::perms::owner_write);
    const auto shown = t.answer({"policy", "bundle", "show", out});
    EXPECT_EQ(shown.at("version").as_int64(), 7);
}

} // namespace
} // namespace jk::test
