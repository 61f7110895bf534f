// The first use with the real agent: the city's duties and agreement, read and said yes to once, in the log, and asked again where they changed.
#include "tests/support/judges.hpp"
#include "tests/support/pkcs11_program.hpp"
#include "tests/support/running_agent.hpp"
#include "tests/support/typed_program.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

namespace jk::test {
namespace {

SiteWish as_in_service(const std::string& regulation = "pekalongan-98-2018.yaml") {
    SiteWish wish;
    wish.first_use = true;
    wish.regulation = regulation;
    return wish;
}

void stop(RunningAgent& t) {
    t.stop_prompter();
    t.agent().signal(SIGTERM);
    ASSERT_EQ(t.agent().wait(20'000), 0) << t.agent().output();
}

void start(RunningAgent& t, const std::vector<std::string>& steps) {
    t.start_agent();
    t.start_prompter(steps);
}

std::string code_of(const json::object& operation) {
    const auto* error = operation.at("error").if_object();
    return error != nullptr ? std::string(error->at("code").as_string()) : std::string();
}

json::object duties(RunningAgent& t) { return json::parse(t.cli({"duties", "show", "--json"}).output).as_object(); }

std::string kind(const json::object& question) { return std::string(question.at("kind").as_string()); }

TEST(FirstUse, TheOwnerReadsOnceAndTheLogKeepsItAcrossAKill) {
    RunningAgent t(as_in_service());
    EXPECT_EQ(t.sign_document(letter("undangan-rapat.pdf")).at("state").as_string(), "done");
    auto shown = t.shown(2);
    ASSERT_EQ(shown.size(), 2u);
    EXPECT_EQ(kind(shown[0]), "first_use");
    EXPECT_FALSE(shown[0].contains("triesLeft")) << "nothing about a PIN";
    EXPECT_EQ(shown[0].at("notice").as_object().at("profile").as_string(), "pekalongan-98-2018");
    EXPECT_EQ(kind(shown[1]), "signature");
    const auto kinds = t.log_kinds();
    EXPECT_LT(std::ranges::find(kinds, "acknowledged"), std::ranges::find(kinds, "consent"));

    t.stop_prompter();
    t.agent().signal(SIGKILL);
    (void)t.agent().wait(5'000);
    start(t, {"yes"});
    EXPECT_EQ(t.sign_document(letter("undangan-rapat.pdf")).at("state").as_string(), "done");
    shown = t.shown(3);
    ASSERT_EQ(shown.size(), 3u) << "asked again";
    EXPECT_EQ(kind(shown[2]), "signature");

    const auto record = duties(t);
    ASSERT_EQ(record.at("acknowledged").as_array().size(), 2u);
    const auto& first = record.at("acknowledged").as_array()[0].as_object();
    EXPECT_TRUE(first.at("current").as_bool());
    EXPECT_EQ(first.at("sha256"), record.at("notice").as_object().at("parts").as_array()[0].as_object().at("sha256"));
    const auto text = t.cli({"duties", "show"}).output;
    EXPECT_NE(text.find("kewajiban dipahami"), std::string::npos) << text;
    EXPECT_NE(text.find("(Pasal 19 huruf a)"), std::string::npos) << text;
}

TEST(FirstUse, ANoIsNoSignatureAndSaysWhereTheCitySaysSo) {
    RunningAgent t(as_in_service("bekasi-84-2017.yaml"), {"no", "reject:1", "yes"});
    const auto document = t.upload(letter("undangan-rapat.pdf"));
    const auto refused = t.sign_document(letter("undangan-rapat.pdf"));
    EXPECT_EQ(refused.at("state").as_string(), "refused");
    EXPECT_EQ(code_of(refused), "E-EDUKASI-BELUM");
    EXPECT_EQ(refused.at("error").as_object().at("citation").as_string(), "Pasal 4 ayat (1) huruf h dan huruf i");
    const auto half = t.sign_document(letter("undangan-rapat.pdf"));
    EXPECT_EQ(code_of(half), "E-PERJANJIAN-BELUM-DISETUJUI");
    EXPECT_EQ(half.at("error").as_object().at("citation").as_string(), "Pasal 14 ayat (5); Pasal 17 ayat (1)");
    EXPECT_EQ(t.sign_document(letter("undangan-rapat.pdf")).at("state").as_string(), "done");
    const auto shown = t.shown(4);
    EXPECT_EQ(shown[2].at("notice").as_object().at("parts").as_array().size(), 1u) << "the duties were said yes to";
}

TEST(FirstUse, ASiteThatHasNotBeenUsedIsUsableAndSaysWhatWillBeRead) {
    RunningAgent t(as_in_service("tangsel-71-2022.yaml"));
    const auto answer = t.request("GET", "/v1/certificates");
    const auto list = json::parse(answer.body).as_array();
    ASSERT_FALSE(list.empty());
    EXPECT_TRUE(list[0].as_object().at("usable").as_bool());
    EXPECT_EQ(list[0].as_object().at("firstUse").as_array().size(), 1u) << "Tangerang Selatan has no agreement";
    EXPECT_TRUE(list[0].as_object().at("refusals").as_array().empty());
}

TEST(FirstUse, AChangedTextIsReadAgain) {
    RunningAgent t(as_in_service());
    EXPECT_EQ(t.sign_document(letter("undangan-rapat.pdf")).at("state").as_string(), "done");
    stop(t);
    const auto file = t.site().configuration() / "pekalongan-98-2018.yaml";
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    auto changed = text.str();
    const std::string from = "Jaga sertifikat elektronik Anda";
    const auto at = changed.find(from);
    ASSERT_NE(at, std::string::npos);
    changed.replace(at, from.size(), "Jagalah sertifikat elektronik Anda");
    std::ofstream(file) << changed;
    start(t, {"yes"});
    EXPECT_EQ(t.sign_document(letter("undangan-rapat.pdf")).at("state").as_string(), "done");
    const auto shown = t.shown(4);
    ASSERT_EQ(shown.size(), 4u);
    EXPECT_EQ(kind(shown[2]), "first_use");
    EXPECT_EQ(shown[2].at("notice").as_object().at("parts").as_array().size(), 1u) << "the agreement's text is the same";
    const auto record = duties(t).at("acknowledged").as_array();
    ASSERT_EQ(record.size(), 3u);
    EXPECT_FALSE(record[0].as_object().at("current").as_bool());
}

TEST(FirstUse, ARowThatSomebodyElseWroteIntoTheLogIsNoYes) {
    RunningAgent t(as_in_service());
    EXPECT_EQ(t.sign_document(letter("undangan-rapat.pdf")).at("state").as_string(), "done");
    stop(t);
    {
        SQLite::Database file((t.site().state() / "audit.db").string(), SQLite::OPEN_READWRITE);
        file.exec("DROP TRIGGER log_is_append_only_u");
        // The sentence that was read is exchanged; the checkpoint still shows what was there.
        EXPECT_EQ(file.exec("UPDATE log SET body = replace(body, 'Rahasiakan', 'Sebarkan') WHERE kind = 'acknowledged'"), 1);
    }
    start(t, {"yes"});
    EXPECT_TRUE(duties(t).at("acknowledged").as_array().empty());
    EXPECT_EQ(t.sign_document(letter("undangan-rapat.pdf")).at("state").as_string(), "done");
    EXPECT_EQ(kind(t.shown(4)[2]), "first_use");
}

TEST(FirstUse, ALoginAndAProgramTakeTheSameRoad) {
    auto wish = ordinary_key();
    wish.first_use = true;
    RunningAgent t(wish, {"no", "yes"});
    Pkcs11Program program(t.site());
    const auto session = program.session();
    EXPECT_NE(program.login(session), CKR_OK) << "the owner has not read anything yet";
    std::this_thread::sleep_for(std::chrono::milliseconds(2200)); // a no is the answer to a burst: two seconds
    EXPECT_EQ(program.login(session), CKR_OK);
    const auto shown = t.shown(3);
    ASSERT_EQ(shown.size(), 3u);
    EXPECT_EQ(kind(shown[0]), "first_use");
    EXPECT_EQ(kind(shown[1]), "first_use");
    EXPECT_EQ(kind(shown[2]), "key_use");
}

TEST(FirstUse, TheTerminalShowsTheCitysSentencesAndTakesAWordForEach) {
    RunningAgent t(as_in_service("palembang-23-2020.yaml"), {});
    const auto out = t.folder() / "signed.pdf";
    TypedProgram sign({program("jurukunci"), "sign", letter("undangan-rapat.pdf").string(), "-o", out.string(), "--task", "penandatanganan_dokumen"},
                      t.site().environment());
    ASSERT_TRUE(sign.shows("Ketik \"paham\"")) << sign.screen();
    EXPECT_TRUE(sign.shows("Palembang: Peraturan Wali Kota Nomor 23 Tahun 2020")) << sign.screen();
    EXPECT_TRUE(sign.shows("(Pasal 14 huruf e)")) << sign.screen();
    EXPECT_TRUE(sign.shows("(Pasal 15 huruf c)")) << sign.screen();
    EXPECT_EQ(sign.screen().find("assphrase ("), std::string::npos) << "a PIN was asked for";
    sign.type("paham\n");
    ASSERT_TRUE(sign.shows("Ketik \"setuju\"")) << sign.screen();
    sign.type("setuju\n");
    ASSERT_TRUE(sign.shows("Ketik \"ya\"")) << sign.screen();
    sign.type("ya\n");
    ASSERT_TRUE(sign.shows("sisa percobaan 5")) << sign.screen();
    sign.type("uji-1234\n");
    EXPECT_EQ(sign.exit_code(), 0) << sign.screen();
}

TEST(FirstUse, EnterAtTheTerminalIsARefusal) {
    RunningAgent t(as_in_service(), {});
    const auto out = t.folder() / "signed.pdf";
    TypedProgram sign({program("jurukunci"), "sign", letter("undangan-rapat.pdf").string(), "-o", out.string()}, t.site().environment());
    ASSERT_TRUE(sign.shows("Ketik \"paham\"")) << sign.screen();
    sign.type("ya\n"); // not the word that is asked for
    ASSERT_TRUE(sign.shows("Ketik \"setuju\"")) << sign.screen();
    sign.type("\n");
    EXPECT_TRUE(sign.shows("E-EDUKASI-BELUM")) << sign.screen();
    EXPECT_EQ(sign.exit_code(), 1) << sign.screen();
    EXPECT_FALSE(std::filesystem::exists(out));
}

} // namespace
} // namespace jk::test
