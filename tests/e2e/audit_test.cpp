// The log in an auditor's hands: exports of a real agent, judged by docs/protocol/verify_audit.py, which shares nothing with the agent.
#include "jurukunci/digest.hpp"
#include "jurukunci/encoding.hpp"
#include "tests/support/judges.hpp"
#include "tests/support/pkcs11_program.hpp"
#include "tests/support/running_agent.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

namespace jk::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string read(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

std::vector<std::string> lines_of(const fs::path& file) {
    std::vector<std::string> all;
    std::ifstream in(file, std::ios::binary);
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
}

fs::path written(const fs::path& file, const std::vector<std::string>& lines) {
    std::ofstream out(file, std::ios::binary);
    for (const auto& line : lines) out << line << '\n';
    return file;
}

Ran judge(const fs::path& file, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"python3", std::string(JURUKUNCI_SOURCE_DIR) + "/docs/protocol/verify_audit.py", file.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments, {}, file.parent_path());
}

/// The file, after the command said that it is written.
fs::path exported(RunningAgent& t, const std::string& name = "catatan.jsonl") {
    const auto file = t.folder() / name;
    const auto ran = t.cli({"audit", "export", "-o", file.string(), "--replace"});
    EXPECT_EQ(ran.exit_code, 0) << ran.output;
    return file;
}

void expect_intact_and_without(RunningAgent& t, const std::vector<std::string>& secrets) {
    const auto file = exported(t);
    const auto judged = judge(file);
    EXPECT_EQ(judged.exit_code, 0) << judged.output;
    const auto text = read(file);
    EXPECT_GT(text.size(), 1000u);
    for (const auto& secret : secrets) {
        EXPECT_EQ(text.find(secret), std::string::npos) << secret;
        EXPECT_EQ(text.find(to_base64(bytes_of(secret))), std::string::npos) << secret;
    }
}

SiteWish with_raw() {
    SiteWish wish;
    wish.raw_hashes = true;
    wish.limits = "{items_per_consent: 10000, consent_seconds: 60}";
    return wish;
}

TEST(AuditExport, OfASignatureAndAReportIsIntactAndHoldsNoPinNikOrContent) {
    SiteWish wish;
    wish.token.pin = "sangat-rahasia-8123";
    RunningAgent t(wish);
    const auto pdf = t.folder() / "KTP 3375011708850002.pdf";
    fs::copy_file(letter("undangan-rapat.pdf"), pdf);
    ASSERT_EQ(t.sign_document(pdf).at("state").as_string(), "done");
    const auto report = t.cli({"report", "new", "--category", "kehilangan_kunci_privat", "--serial", t.site().token().serial(), "--nip",
                               "198001012005012003", "--name", "Sri Rahayu", "--description", "hilang di bus, NIK 3375011708850002"});
    ASSERT_EQ(report.exit_code, 0) << report.output;
    const auto content = read(pdf);
    expect_intact_and_without(t, {wish.token.pin, "3375011708850002", "hilang di bus", content.substr(0, 300)});
    EXPECT_THAT(read(t.folder() / "catatan.jsonl"), HasSubstr("\"kind\":\"block\""));
    EXPECT_EQ(fs::status(t.folder() / "catatan.jsonl").permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(AuditExport, OfALoginIsIntactAndHoldsNoPin) {
    SiteWish wish;
    wish.token.pin = "sangat-rahasia-8124";
    wish.authentication = true;
    wish.token.certificate.key_usage = "critical,digitalSignature";
    RunningAgent t(wish);
    const auto posted = t.request("POST", "/v1/authenticate", json::serialize(json::object{{"challengeNonce", fresh_nonce()}}));
    ASSERT_EQ(posted.status, 200) << posted.body;
    expect_intact_and_without(t, {wish.token.pin});
    const auto stats = json::parse(t.cli({"audit", "stats", "--json"}).output).as_object();
    EXPECT_EQ(stats.at("applications").at(0).at("logins").as_int64(), 1) << json::serialize(stats);
}

TEST(AuditExport, OfAProgramsUseHoldsItAlsoWhenTheAgentDiesBeforeTheDatabaseHasIt) {
    auto wish = ordinary_key("rsa2048");
    wish.token.pin = "sangat-rahasia-8125";
    RunningAgent t(wish);
    Pkcs11Program program(t.site());
    const auto session = program.session();
    ASSERT_EQ(program.login(session), CKR_OK);
    Bytes signature;
    ASSERT_EQ(program.sign(session, program.find(session, CKO_PRIVATE_KEY).at(0), CKM_SHA256_RSA_PKCS, "surat rahasia", signature), CKR_OK);
    t.agent().signal(SIGKILL);
    t.agent().wait(5000);
    expect_intact_and_without(t, {wish.token.pin, "surat rahasia"});
    EXPECT_THAT(read(t.folder() / "catatan.jsonl"), HasSubstr("\"kind\":\"use\""));
    const auto verified = t.cli({"audit", "verify", "--json"});
    EXPECT_EQ(verified.exit_code, 0);
    const auto head = json::parse(verified.output).at("head").as_object();
    const auto judged =
        judge(t.folder() / "catatan.jsonl", {"--head", std::to_string(head.at("row").as_int64()) + ":" + std::string(head.at("sha256").as_string())});
    EXPECT_EQ(judged.exit_code, 0) << judged.output;
}

TEST(AuditExport, OfATokensPreparationIsIntactAndHoldsNoPinAndNoNumberOfTheHolder) {
    SiteWish wish;
    wish.token.blank = true;
    wish.token.pin = "Kopi-tubruk-8126"; // what the holder will choose
    wish.terminal_prompter = false;
    RunningAgent t(wish);
    const std::string so_pin = "amplop-8127", number = "198001012005012003";
    for (const char* role : {"secret-so-pin", "secret-new-so-pin"}) std::ofstream(t.site().folder() / role) << so_pin;
    std::ofstream(t.site().folder() / "secret-new-pin") << wish.token.pin;
    const auto registration = t.folder() / "case.json";
    std::ofstream(registration) << R"x({"id":"K-2026-0007","state":"disetujui","holderPresent":true,
        "holder":{"name":"Sri Wahyuni","unit":"Dinas Kominfo","number":"198001012005012003"},
        "agreement":{"version":"1.2","sha256":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","acceptedAt":"2026-11-20T03:00:00Z"},
        "subject":{"country":"ID","organization":"Pemerintah Kota Pekalongan (UJI)","commonName":"Sri Wahyuni"}})x";
    const std::vector<std::vector<std::string>> steps{
        {"token", "init", "--label", "Sri W."}, {"token", "pin", "set"}, {"token", "key", "generate", "--case", registration.string()}};
    for (const auto& step : steps) {
        const auto ran = t.cli(step);
        ASSERT_EQ(ran.exit_code, 0) << ran.output;
    }
    expect_intact_and_without(t, {wish.token.pin, so_pin, number});
    EXPECT_THAT(read(t.folder() / "catatan.jsonl"), HasSubstr("\"kind\":\"provisioning-end\""));
}

struct SignedOnce {
    SignedOnce() {
        const auto operation = t.sign_document(letter("undangan-rapat.pdf"));
        const auto& kept = operation.at("auditHead").as_object();
        head = std::to_string(kept.at("row").as_int64()) + ":" + std::string(kept.at("sha256").as_string());
        lines = lines_of(exported(t));
        for (std::size_t i = 0; i < lines.size(); ++i)
            if (lines[i].starts_with("{\"row\"")) last_row = i; // line i holds row i
    }
    fs::path changed(const std::vector<std::string>& to) const { return written(t.folder() / "diubah.jsonl", to); }
    RunningAgent t;
    std::string head;
    std::vector<std::string> lines;
    std::size_t last_row = 0;
};

TEST(AuditJudge, FindsTheHeadThatTheApplicationKept) {
    SignedOnce s;
    const auto judged = judge(s.t.folder() / "catatan.jsonl", {"--head", s.head});
    EXPECT_EQ(judged.exit_code, 0) << judged.output;
    auto other = s.head;
    other.back() = other.back() == '0' ? '1' : '0';
    const auto refused = judge(s.t.folder() / "catatan.jsonl", {"--head", other});
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.output, HasSubstr("row " + s.head.substr(0, s.head.find(':'))));
}

TEST(AuditJudge, NamesTheRowOfEveryFieldThatWasChanged) {
    SignedOnce s;
    ASSERT_GE(s.last_row, 6u);
    for (const std::size_t row : {std::size_t(1), std::size_t(3), s.last_row})
        for (const std::string field : {"row", "at", "kind", "operation", "body", "prev", "hash"}) {
            auto lines = s.lines;
            const auto name = "\"" + field + "\":";
            auto at = lines[row].find(name) + name.size();
            if (field == "operation" && lines[row].compare(at, 2, "\"\"") == 0)
                lines[row].insert(at + 1, "o");
            else {
                at += field == "row" ? 0 : field == "body" ? 5 : 3;
                lines[row][at] = lines[row][at] == '1' ? '2' : '1';
            }
            const auto judged = judge(s.changed(lines));
            EXPECT_EQ(judged.exit_code, 1) << field << "\n" << judged.output;
            EXPECT_THAT(judged.output, HasSubstr("row " + std::to_string(row))) << field;
        }
}

TEST(AuditJudge, FindsRowsThatWereTakenOutOrPutElsewhere) {
    SignedOnce s;
    auto without = s.lines;
    without.erase(without.begin() + 3);
    EXPECT_THAT(judge(s.changed(without)).output, HasSubstr("FAULT row 3 is missing"));
    auto swapped = s.lines;
    std::swap(swapped[3], swapped[4]);
    EXPECT_EQ(judge(s.changed(swapped)).exit_code, 1);
}

TEST(AuditJudge, FindsThatTheEndWasRemovedByItsCheckpointOrByAKeptHead) {
    SignedOnce s;
    auto cut = s.lines;
    cut.erase(cut.begin() + static_cast<long>(s.last_row));
    const auto told = "\"last\":" + std::to_string(s.last_row), telling = "\"last\":" + std::to_string(s.last_row - 1);
    cut[0].replace(cut[0].find(told), told.size(), telling);
    EXPECT_THAT(judge(s.changed(cut)).output, HasSubstr("the end was removed"));
    // The checkpoint goes, too: then only somebody who kept the head can tell.
    cut.pop_back();
    const auto points = cut[0].find("\"checkpoints\":") + 14;
    cut[0][points] = static_cast<char>(cut[0][points] - 1);
    EXPECT_EQ(judge(s.changed(cut)).exit_code, 0) << judge(s.changed(cut)).output;
    const auto judged = judge(s.changed(cut), {"--head", s.head});
    EXPECT_EQ(judged.exit_code, 1);
    EXPECT_THAT(judged.output, HasSubstr("is not in this export"));
}

TEST(AuditJudge, BelievesNoOtherDeviceKey) {
    SignedOnce s;
    run_command("openssl genpkey -algorithm ed25519 | openssl pkey -pubout -out " + quoted(s.t.folder() / "other.pem"));
    const auto judged = judge(s.t.folder() / "catatan.jsonl", {"--key", (s.t.folder() / "other.pem").string()});
    EXPECT_EQ(judged.exit_code, 1);
    EXPECT_THAT(judged.output, HasSubstr("is not signed by this device"));
    run_command("openssl pkey -pubout -in " + quoted(s.t.site().state() / "device.key") + " -out " + quoted(s.t.folder() / "device.pem"));
    EXPECT_EQ(judge(s.t.folder() / "catatan.jsonl", {"--key", (s.t.folder() / "device.pem").string()}).exit_code, 0);
}

TEST(AuditExport, IsIntactWhileTheAgentSigns) {
    RunningAgent t(with_raw());
    json::array items;
    for (int i = 0; i < 2000; ++i) {
        const auto digest = sha256(bytes_of("document " + std::to_string(i)));
        items.push_back(json::object{{"name", "hash " + std::to_string(i)}, {"hash", to_base64(digest.value())}, {"hashFunction", "SHA-256"}});
    }
    std::atomic<bool> over = false;
    std::string state;
    std::thread page([&] {
        state = std::string(t.sign(t.sign_request(std::move(items), "RAW")).at("state").as_string());
        over = true;
    });
    std::vector<fs::path> files;
    while (!over && files.size() < 200) files.push_back(exported(t, "saat-" + std::to_string(files.size()) + ".jsonl"));
    page.join();
    EXPECT_EQ(state, "done");
    files.push_back(exported(t, "akhir.jsonl"));
    EXPECT_GE(files.size(), 3u);
    std::size_t before = 0;
    for (std::size_t i = 0; i < files.size(); ++i) {
        const auto size = read(files[i]).size();
        EXPECT_GE(size, before);
        before = size;
        if (i % 5 != 0 && i + 1 != files.size()) continue; // the judge calls openssl for each checkpoint
        const auto judged = judge(files[i]);
        EXPECT_EQ(judged.exit_code, 0) << files[i] << "\n" << judged.output;
    }
}

TEST(AuditExport, WritesOverNothingUnlessToldAndLeavesNothingHalfOnAFullDisk) {
    SignedOnce s;
    const auto file = s.t.folder() / "ada" / "catatan.jsonl";
    fs::create_directory(file.parent_path());
    std::ofstream(file) << "milik orang";
    const auto refused = s.t.cli({"audit", "export", "-o", file.string()});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.output, HasSubstr("sudah ada dan tidak ditimpa. (E-BERKAS-SUDAH-ADA)"));
    EXPECT_THAT(refused.output, HasSubstr("--replace"));
    EXPECT_THAT(s.t.cli({"audit", "export", "-o", file.string(), "--lang", "en"}).output, HasSubstr("exists and was not written over"));
    // A file may have a kilobyte here, which is what a full disk is to a program.
    const auto full = run_program(
        {"bash", "-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "bash", program("jurukunci"), "audit", "export", "-o", file.string(), "--replace"},
        s.t.site().environment(), s.t.folder());
    EXPECT_EQ(full.exit_code, 5) << full.output;
    EXPECT_THAT(full.output, HasSubstr("E-BERKAS-TIDAK-DAPAT-DITULIS"));
    EXPECT_EQ(read(file), "milik orang");
    EXPECT_EQ(std::distance(fs::directory_iterator(file.parent_path()), fs::directory_iterator()), 1);
    EXPECT_EQ(s.t.cli({"audit", "export", "-o", file.string(), "--replace"}).exit_code, 0);
    EXPECT_EQ(judge(file).exit_code, 0);
    EXPECT_EQ(s.t.cli({"audit", "export", "-o", (s.t.folder() / "tidak-ada" / "x").string()}).exit_code, 5);
}

TEST(AuditSince, TellsRowsFromANumberOrATimeOn) {
    SignedOnce s;
    const auto two = json::parse(s.t.cli({"audit", "since", "2", "--limit", "2", "--json"}).output).as_object();
    ASSERT_EQ(two.at("rows").as_array().size(), 2u);
    EXPECT_EQ(two.at("rows").at(0).at("kind").as_string(), "consent");
    EXPECT_EQ(two.at("rows").at(0).at("body").at("application").as_string(), "e-Office Kota Pekalongan");
    EXPECT_EQ(two.at("next").as_int64(), 4);
    const auto all = s.t.cli({"audit", "since", "2020-01-01T00:00:00Z"});
    EXPECT_THAT(all.output, HasSubstr("e-Office Kota Pekalongan · https://eoffice.example"));
    EXPECT_THAT(all.output, HasSubstr("undangan-rapat.pdf"));
    EXPECT_THAT(s.t.cli({"audit", "since", "2099-01-01T00:00:00Z"}).output, HasSubstr("Tidak ada baris"));
    const auto wrong = s.t.cli({"audit", "since", "kemarin"});
    EXPECT_EQ(wrong.exit_code, 2);
    EXPECT_THAT(wrong.output, HasSubstr("E-BATAS-CATATAN-SALAH"));
    EXPECT_THAT(s.t.cli({"audit", "since", "kemarin", "--lang", "en"}).output, HasSubstr("neither the number of a row nor a time"));
    EXPECT_EQ(s.t.cli({"audit", "export", "-o", (s.t.folder() / "x").string(), "--since", "900"}).exit_code, 1);
}

TEST(AuditStats, CountsSignaturesAndRefusals) {
    RunningAgent t({}, {"yes", "no"});
    t.sign_document(letter("undangan-rapat.pdf"));
    t.sign_document(letter("nota-dinas.pdf"));
    const auto stats = json::parse(t.cli({"audit", "stats", "--json"}).output).as_object();
    const auto& office = stats.at("applications").at(0).as_object();
    EXPECT_EQ(office.at("application").as_string(), "e-Office Kota Pekalongan");
    EXPECT_EQ(office.at("signatures").as_int64(), 1) << json::serialize(stats);
    EXPECT_EQ(office.at("refusals").as_int64(), 1) << json::serialize(stats);
    EXPECT_EQ(stats.at("refusals").at("E-DIBATALKAN-PENANDA-TANGAN").as_int64(), 1);
    EXPECT_THAT(t.cli({"audit", "stats"}).output, HasSubstr("1 tanda tangan"));
    EXPECT_THAT(t.cli({"audit", "stats", "--lang", "en"}).output, HasSubstr("1 signatures"));
}

TEST(AuditCommand, SaysWhenThisUserHasNoLogYet) {
    RunningAgent t;
    t.agent().signal(SIGTERM);
    t.agent().wait(5000);
    for (const char* name : {"audit.db", "audit.db-wal", "audit.db-shm"}) fs::remove(t.site().state() / name);
    for (const char* verb : {"verify", "stats"}) {
        const auto ran = t.cli({"audit", verb});
        EXPECT_EQ(ran.exit_code, 5);
        EXPECT_THAT(ran.output, HasSubstr("E-LOG-BELUM-ADA"));
    }
}

} // namespace
} // namespace jk::test
