// A reported key, end to end: the real agent, a SoftHSM2 token, the reference receiver over mutual TLS.
#include "tests/support/ra_office.hpp"
#include "tests/support/typed_program.hpp"

#include "jurukunci/digest.hpp"
#include "jurukunci/encoding.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace jk::test {
namespace {

using testing::HasSubstr;

json::object object_of(const Ran& ran) {
    boost::system::error_code ec;
    auto value = json::parse(ran.output, ec);
    return !ec && value.is_object() ? value.as_object() : json::object{{"unreadable", ran.output}};
}

json::object report_of(const Ran& ran) {
    auto o = object_of(ran);
    return o.contains("report") ? o.at("report").as_object() : o;
}

std::string serial_of(RunningAgent& t) {
    const auto shown = object_of(t.cli({"token", "show", "--json"}));
    for (const auto& token : shown.at("tokens").as_array())
        if (token.as_object().contains("serial")) return std::string(token.at("serial").as_string());
    return {};
}

std::string error_of(const json::object& operation) {
    const auto* error = operation.if_contains("error");
    return error != nullptr && error->is_object() ? std::string(error->as_object().at("code").as_string()) : std::string();
}

TEST(ReportCommand, Row10_2_SignReportAndTheNextSignIsRefusedBeforeAnyServerReply) {
    RunningAgent t({}, {"yes", "yes", "yes"});
    RaOffice office(t);
    office.restart_agent();
    t.start_prompter({"yes", "yes"});
    office.stop(); // no server answers
    ASSERT_EQ(t.sign_document(letter("undangan-rapat.pdf")).at("state").as_string(), "done");
    const auto ran =
        t.cli({"report", "new", "--json", "--category", "kebocoran_kunci_privat", "--serial", serial_of(t), "--last-safe", "2026-01-01"});
    ASSERT_EQ(ran.exit_code, 0) << ran.output;
    const auto report = report_of(ran);
    EXPECT_EQ(report.at("state").as_string(), "queued");
    ASSERT_EQ(report.at("signedSince").as_array().size(), 1u) << ran.output;
    EXPECT_EQ(report.at("certificates").as_array().size(), 1u);
    const auto refused = t.sign_document(letter("undangan-rapat.pdf"));
    EXPECT_EQ(error_of(refused), "E-DIBLOKIR-LOKAL") << json::serialize(refused);

    const auto status = t.request("GET", "/v1/status").json();
    ASSERT_EQ(status.at("blockedKeys").as_array().size(), 1u);
    EXPECT_EQ(status.at("blockedKeys").at(0).at("code").as_string(), "E-DIBLOKIR-LOKAL");
    EXPECT_THAT(t.cli({"certs"}).output, HasSubstr("diblokir di komputer ini")); // whoever looks can read why

    const std::string number(report.at("number").as_string()), id(report.at("id").as_string());
    office.start();
    for (int i = 0; i < 40 && office.cases().empty(); ++i) {
        EXPECT_EQ(t.cli({"report", "send", number}).exit_code, 0);
        std::this_thread::sleep_for(std::chrono::milliseconds(250));
    }
    ASSERT_TRUE(office.has_cases(1));
    const auto kept = json::parse(content_of(office.folder() / "cases" / office.cases().front())).as_object();
    EXPECT_EQ(kept.at("report").at("case").at("id").as_string(), id);
    EXPECT_EQ(kept.at("report").at("signedSince").as_array().size(), 1u);
    std::string receipt;
    for (int i = 0; i < 100 && receipt.empty(); ++i) {
        const auto shown = report_of(t.cli({"report", "show", number, "--json"}));
        if (shown.at("delivery").as_object().at("receipt").is_string()) receipt = shown.at("delivery").at("receipt").as_string();
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_EQ(receipt, kept.at("receipt").as_string());

    // Only the RA opens it again.
    const auto decision = t.folder() / "keputusan.p7";
    const auto lift = office.desk().decide("lift", id);
    std::ofstream(decision, std::ios::binary).write(reinterpret_cast<const char*>(lift.data()), static_cast<std::streamsize>(lift.size()));
    const auto lifted = t.cli({"report", "decision", decision.string(), "--json"});
    EXPECT_EQ(lifted.exit_code, 0) << lifted.output;
    EXPECT_EQ(t.sign_document(letter("undangan-rapat.pdf")).at("state").as_string(), "done");
}

TEST(ReportCommand, AKillBetweenSendingAndTheReceiptIsOneCaseAtTheReceiver) {
    RunningAgent t;
    RaOffice office(t);
    office.restart_agent();
    std::ofstream(office.folder() / "hold") << "x";
    const auto report = report_of(t.cli({"report", "new", "--json", "--category", "kehilangan_kunci_privat", "--serial", serial_of(t)}));
    const std::string number(report.at("number").as_string());
    ASSERT_TRUE(office.has_cases(1)); // it is there; the receipt is not on its way yet
    t.agent().signal(SIGKILL);
    t.agent().wait(5000);
    std::filesystem::remove(office.folder() / "hold");
    t.start_agent();
    std::string receipt;
    for (int i = 0; i < 200 && receipt.empty(); ++i) {
        const auto shown = report_of(t.cli({"report", "show", number, "--json"}));
        if (shown.at("delivery").as_object().at("receipt").is_string()) receipt = shown.at("delivery").at("receipt").as_string();
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_THAT(receipt, HasSubstr("RA-"));
    EXPECT_EQ(office.cases().size(), 1u);
}

TEST(ReportCommand, ABusyReceiverIsTriedAgainAndTheFaultIsShown) {
    RunningAgent t;
    RaOffice office(t);
    office.restart_agent();
    std::ofstream(office.folder() / "busy") << "x";
    const std::string number(
        report_of(t.cli({"report", "new", "--json", "--category", "kehilangan_kunci_privat", "--serial", "ABC"})).at("number").as_string());
    json::object delivery;
    for (int i = 0; i < 200; ++i) {
        delivery = report_of(t.cli({"report", "show", number, "--json"})).at("delivery").as_object();
        if (delivery.at("tries").as_int64() > 0) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_THAT(std::string(delivery.at("lastFault").as_string()), HasSubstr("503"));
    EXPECT_TRUE(delivery.at("nextTry").is_string());
    std::filesystem::remove(office.folder() / "busy");
    EXPECT_EQ(t.cli({"report", "send", number}).exit_code, 0);
    EXPECT_TRUE(office.has_cases(1));
}

TEST(ReportCommand, AnEndpointWithAnotherCertificateGetsNothing) {
    RunningAgent t;
    RaOffice office(t);
    std::ofstream(t.site().configuration() / "endpoint-ca.pem") << DemoCa::create("CA Lain").root_pem();
    office.restart_agent();
    const std::string number(
        report_of(t.cli({"report", "new", "--json", "--category", "kehilangan_kunci_privat", "--serial", "ABC"})).at("number").as_string());
    std::string fault;
    for (int i = 0; i < 200 && fault.empty(); ++i) {
        const auto delivery = report_of(t.cli({"report", "show", number, "--json"})).at("delivery").as_object();
        if (delivery.at("lastFault").is_string()) fault = delivery.at("lastFault").as_string();
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_THAT(fault, HasSubstr("certificate verify failed"));
    EXPECT_TRUE(office.cases().empty());
}

TEST(ReportCommand, WorksWhileNoAgentRunsAndTheNextStartHonoursIt) {
    RunningAgent t({}, {"yes", "yes"});
    const auto serial = serial_of(t);
    t.stop_prompter();
    t.agent().signal(SIGTERM);
    t.agent().wait(10'000);
    const auto ran = t.cli({"report", "new", "--category", "digunakan_orang_lain", "--serial", serial});
    EXPECT_EQ(ran.exit_code, 0) << ran.output;
    EXPECT_THAT(ran.output, HasSubstr("Agen tidak berjalan"));
    EXPECT_THAT(ran.output, HasSubstr("target kebijakan agen: 24 jam"));
    t.start_agent();
    t.start_prompter({"yes"});
    EXPECT_EQ(error_of(t.sign_document(letter("undangan-rapat.pdf"))), "E-DIBLOKIR-LOKAL");
}

TEST(ReportCommand, PrintsTheCitysPapers) {
    SiteWish wish;
    wish.regulation = "mataram-30-2018.yaml";
    RunningAgent t(wish);
    const auto made =
        report_of(t.cli({"report", "new", "--json", "--category", "hilang_rusak_tidak_dapat_diakses", "--serial", "ABC", "--name", "Sri Rahayu"}));
    EXPECT_EQ(made.at("state").as_string(), "waiting");
    EXPECT_EQ(made.at("missing").as_array().size(), 1u);
    const std::string number(made.at("number").as_string());
    const auto sent = t.cli({"report", "send", number, "--json"});
    EXPECT_EQ(sent.exit_code, 1);
    EXPECT_THAT(sent.output, HasSubstr("E-LAPORAN-BERWENANG-BELUM"));
    EXPECT_THAT(sent.output, HasSubstr("Pasal 16 ayat (3)"));
    const auto ran = t.cli({"report", "papers", number, "-o", (t.folder() / "surat").string(), "--json"});
    ASSERT_EQ(ran.exit_code, 0) << ran.output;
    EXPECT_TRUE(std::filesystem::exists(t.folder() / "surat" / (number + "-surat_insiden.pdf"))) << ran.output;
    EXPECT_TRUE(std::filesystem::exists(t.folder() / "surat" / (number + "-surat_keterangan.json")));
    const auto police = t.folder() / "laporan-polisi.pdf";
    std::ofstream(police) << "laporan";
    EXPECT_EQ(t.cli({"report", "attach", number, police.string(), "--kind", "laporan_pihak_berwenang"}).exit_code, 0);
    EXPECT_EQ(t.cli({"report", "send", number}).exit_code, 0);
}

class Archive : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(
    Stores, Archive,
    testing::Values("archive: {kind: webdav, url: \"https://localhost:PORT/dav\", ca: endpoint-ca.pem}\n",
                    "archive: {kind: s3, url: \"https://localhost:PORT/bucket\", ca: endpoint-ca.pem, region: id-1, access_key: AKUNCI, "
                    "secret_file: s3-secret}\n"),
    [](const auto& city) { return city.param.find("s3") == std::string::npos ? "WebDAV" : "S3"; });

TEST_P(Archive, Row16_1_ASignedDocumentReachesTheDataCentreOnceTheStoreIsUpAgain) {
    RunningAgent t;
    RaOffice office(t, GetParam());
    office.restart_agent();
    std::ofstream(office.folder() / "busy") << "x"; // the store is down
    const auto file = letter("undangan-rapat.pdf");
    const auto hash = sha256(bytes_of(content_of(file))).hex();
    const auto queued = t.cli({"archive", file.string(), "--json"});
    ASSERT_EQ(queued.exit_code, 0) << queued.output;
    EXPECT_THAT(queued.output, HasSubstr(hash));
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    EXPECT_FALSE(std::filesystem::exists(office.folder() / "archive" / hash));
    std::filesystem::remove(office.folder() / "busy");
    for (int i = 0; i < 60 && !std::filesystem::exists(office.folder() / "archive" / hash); ++i) {
        EXPECT_EQ(t.cli({"archive", file.string()}).exit_code, 0); // the same again hurries it, and is no second document
        std::this_thread::sleep_for(std::chrono::milliseconds(250));
    }
    EXPECT_EQ(content_of(office.folder() / "archive" / hash), content_of(file));
    bool delivered = false;
    for (int i = 0; i < 100 && !delivered; ++i) {
        delivered = object_of(t.cli({"archive", file.string(), "--json"})).at("deposit").at("delivered").as_bool();
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_TRUE(delivered);
}

TEST(ReportCommand, AReportDoesNotWaitForAStoreThatDoesNotAnswer) {
    RunningAgent t;
    RaOffice office(t, "archive: {kind: webdav, url: \"https://localhost:PORT/dav\", ca: endpoint-ca.pem}\n");
    office.restart_agent();
    std::ofstream(office.folder() / "hold-store") << "x";
    ASSERT_EQ(t.cli({"archive", letter("undangan-rapat.pdf").string()}).exit_code, 0);
    const auto asked = office.folder() / "store-asked";
    for (int i = 0; i < 500 && !std::filesystem::exists(asked); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ASSERT_TRUE(std::filesystem::exists(asked)); // it has the document, and keeps the line for two minutes
    ASSERT_EQ(t.cli({"report", "new", "--category", "kehilangan_kunci_privat", "--serial", "ABC"}).exit_code, 0);
    EXPECT_TRUE(office.has_cases(1));
    std::filesystem::remove(office.folder() / "hold-store");
    const auto document = office.folder() / "archive" / sha256(bytes_of(content_of(letter("undangan-rapat.pdf")))).hex();
    for (int i = 0; i < 500 && !std::filesystem::exists(document); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_TRUE(std::filesystem::exists(document));
}

TEST(ReportCommand, ADocumentForADataCentreThatIsNotConfiguredIsRefused) {
    RunningAgent t;
    const auto refused = t.cli({"archive", letter("undangan-rapat.pdf").string()});
    EXPECT_EQ(refused.exit_code, 5);
    EXPECT_THAT(refused.output, HasSubstr("E-KONFIGURASI-DITOLAK"));
    EXPECT_THAT(refused.output, HasSubstr("delivery.yaml"));
}

TEST(ReportCommand, Row17_1_AsksAtTheTerminalWhatHappenedWhenAndHowGraveItIs) {
    SiteWish wish;
    wish.regulation = "bekasi-84-2017.yaml";
    RunningAgent t(wish);
    TypedProgram wizard({program("jurukunci"), "report", "new"}, t.site().environment());
    ASSERT_TRUE(wizard.shows("masalah otentikasi, keaslian, atau penyangkalan  (Pasal 25 ayat (3) huruf b)")) << wizard.screen();
    wizard.type("2\r");
    ASSERT_TRUE(wizard.shows("mengancam keamanan informasi? (ya/tidak)")) << wizard.screen();
    wizard.type("ya\r");
    ASSERT_TRUE(wizard.shows("Kapan diketahui?")) << wizard.screen();
    wizard.type("kemarin\r");
    ASSERT_TRUE(wizard.shows("Contoh: 2026-11-21 15:00")) << wizard.screen();
    wizard.type("\r");
    ASSERT_TRUE(wizard.shows("terakhir pasti di tangan")) << wizard.screen();
    for (const char* answer : {"\r", "tanda tangan saya disangkal\r", "ABC\r", "Sri Rahayu\r", "\r", "\r", "\r", "\r", "\r"}) wizard.type(answer);
    EXPECT_TRUE(wizard.shows("DIBLOKIR di komputer ini")) << wizard.screen();
    EXPECT_EQ(wizard.exit_code(), 0);
}

TEST(ReportCommand, Row16_1_WhatIsSignedInPekalonganReachesTheDataCentreByItself) {
    RunningAgent t;
    RaOffice office(t, "archive: {kind: webdav, url: \"https://localhost:PORT/dav\", ca: endpoint-ca.pem}\n");
    office.restart_agent();
    t.start_prompter({"yes"});
    const auto signed_one = t.sign_document(letter("undangan-rapat.pdf"));
    ASSERT_EQ(signed_one.at("state").as_string(), "done");
    const auto archived = [&] {
        std::vector<std::filesystem::path> all;
        for (const auto& entry : std::filesystem::directory_iterator(office.folder() / "archive"))
            if (entry.path().extension() != ".new") all.push_back(entry.path());
        return all;
    };
    for (int i = 0; i < 500 && archived().empty(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ASSERT_EQ(archived().size(), 1u);
    const auto content = content_of(archived().front());
    EXPECT_EQ(sha256(bytes_of(content)).hex(), archived().front().filename());
    EXPECT_THAT(content, HasSubstr("/ByteRange")); // the signed document, not the upload
}

TEST(ReportCommand, Row16_1_DetachedAndBareSignaturesReachTheDataCentreToo) {
    SiteWish wish;
    wish.raw_hashes = true;
    RunningAgent t(wish);
    RaOffice office(t, "archive: {kind: webdav, url: \"https://localhost:PORT/dav\", ca: endpoint-ca.pem}\n");
    office.restart_agent();
    t.start_prompter({"yes"});
    const auto archive = office.folder() / "archive";
    const auto has = [&](std::size_t count) {
        std::vector<std::filesystem::path> all;
        for (int i = 0; i < 500 && all.size() < count; ++i) {
            all.clear();
            for (const auto& entry : std::filesystem::directory_iterator(archive))
                if (entry.path().extension() != ".new") all.push_back(entry.path());
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        return all;
    };
    const auto id = t.upload(letter("undangan-rapat.pdf"));
    auto ended = t.sign(t.sign_request({json::object{{"name", "undangan-rapat.pdf"}, {"documentId", id}}}, "CAdES"));
    ASSERT_EQ(ended.at("state").as_string(), "done") << json::serialize(ended);
    const auto two = has(2);
    ASSERT_EQ(two.size(), 2u); // the document and what was signed over it
    const auto document = sha256(bytes_of(content_of(letter("undangan-rapat.pdf")))).hex();
    EXPECT_TRUE(std::filesystem::exists(archive / document));

    const auto digest = sha256(bytes_of("isi"));
    ended = t.sign(t.sign_request({json::object{{"name", "nota dinas"}, {"hash", to_base64(digest.value())}, {"hashFunction", "SHA-256"}}}, "RAW"));
    ASSERT_EQ(ended.at("state").as_string(), "done") << json::serialize(ended);
    std::string record;
    for (const auto& file : has(3))
        if (content_of(file).starts_with("{")) record = content_of(file);
    EXPECT_THAT(record, HasSubstr(digest.hex()));
    EXPECT_THAT(record, HasSubstr("jurukunci-raw-signature"));
}

} // namespace
} // namespace jk::test
