// The main job through the real agent: HTTP and command line in, signed documents out, judged by other people's programs.
#include "jurukunci/encoding.hpp"
#include "tests/support/judges.hpp"
#include "tests/support/running_agent.hpp"
#include "x509/read_certificate.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <thread>

namespace jk::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

std::string text(const json::object& o, std::string_view name) { return o.at(name).is_string() ? std::string(o.at(name).as_string()) : "null"; }
const json::object& item(const json::object& operation, std::size_t i = 0) { return operation.at("items").as_array().at(i).as_object(); }
std::string error_of(const json::object& o) {
    return o.contains("error") && o.at("error").is_object() ? text(o.at("error").as_object(), "code") : "";
}

json::array raw_items(std::size_t count) {
    json::array items;
    for (std::size_t i = 0; i < count; ++i) {
        const auto digest = sha256(bytes_of("document " + std::to_string(i)));
        items.push_back(json::object{{"name", "hash " + std::to_string(i)}, {"hash", to_base64(digest.value())}, {"hashFunction", "SHA-256"}});
    }
    return items;
}

SiteWish with_raw() {
    SiteWish wish;
    wish.raw_hashes = true;
    wish.limits = "{items_per_consent: 10000, consent_seconds: 60}";
    return wish;
}

SiteWish unruly() {
    auto wish = with_raw();
    wish.module = JURUKUNCI_UNRULY_MODULE;
    return wish;
}

TEST(Signing, APageGetsAPdfThatEverybodyFindsValid) {
    RunningAgent t;
    const auto operation = t.sign_document(letter("undangan-rapat.pdf"));
    ASSERT_EQ(text(operation, "state"), "done") << json::serialize(operation);
    EXPECT_EQ(text(operation, "marking"), "TOKEN UJI – TIDAK SAH");
    const auto content = t.request("GET", "/v1/documents/" + text(item(operation), "documentId") + "/content");
    ASSERT_EQ(content.status, 200);
    EXPECT_EQ(sha256(bytes_of(content.body)).hex(), text(item(operation), "sha256"));
    const auto file = t.folder() / "signed.pdf";
    std::ofstream(file, std::ios::binary) << content.body;
    const auto said = pdfsig(file);
    EXPECT_NE(said.text.find("Signature is Valid"), std::string::npos) << said.text;
    EXPECT_NE(said.text.find("Total document signed"), std::string::npos);
    EXPECT_EQ(qpdf_check(file).exit_code, 0);
    EXPECT_NE(mutool_sign(file).text.find("unchanged since signing"), std::string::npos);
    EXPECT_NE(openssl_cms_of_pdf(file, t.folder(), pem_of(*t.site().ca().root())).text.find("CAdES Verification successful"), std::string::npos);
    const auto report = t.request("POST", "/v1/verifications", json::serialize(json::object{{"documentId", text(item(operation), "documentId")}}));
    EXPECT_EQ(text(report.json(), "conclusion"), "valid") << report.body;
    EXPECT_EQ(t.cli({"audit", "verify"}).exit_code, 0);
    EXPECT_THAT(t.log_kinds(), ElementsAre("agent", "consent", "window", "started", "signed", "end"));
}

TEST(Signing, ThePersonSeesWhoAsksForWhat) {
    RunningAgent t;
    t.sign_document(letter("surat-keputusan.pdf"));
    ASSERT_EQ(t.shown().size(), 1u);
    const auto question = t.shown()[0];
    EXPECT_EQ(text(question, "application"), "e-Office Kota Pekalongan");
    EXPECT_EQ(text(question, "origin"), "https://eoffice.example");
    EXPECT_EQ(text(question, "tokenLabel"), "Jana K.");
    const auto& shown = question.at("items").as_array().at(0).as_object();
    EXPECT_EQ(text(shown, "name"), "surat-keputusan.pdf");
    EXPECT_EQ(shown.at("pages").as_int64(), 3);
    std::ifstream in(letter("surat-keputusan.pdf"), std::ios::binary);
    std::stringstream bytes;
    bytes << in.rdbuf();
    EXPECT_EQ(text(shown, "digest"), sha256(bytes_of(bytes.str())).hex());
}

struct KeyCase {
    const char* kind;
    const char *crypto, *hash, *padding;
};
void PrintTo(const KeyCase& c, std::ostream* out) { *out << c.kind << " " << c.hash << " " << c.padding; }
class SigningAlgorithms : public testing::TestWithParam<KeyCase> {};

TEST_P(SigningAlgorithms, PadesAndCadesWithTheTrueMechanism) {
    const auto& c = GetParam();
    SiteWish wish;
    wish.token.key = c.kind;
    RunningAgent t(wish);
    for (const std::string format : {"PAdES", "CAdES"}) {
        json::array items{json::object{{"name", "Surat.pdf"}, {"documentId", t.upload(letter("nota-dinas.pdf"))}}};
        auto request = t.sign_request(std::move(items), format);
        request["signatureAlgorithm"] = json::object{{"cryptoAlgorithm", c.crypto}, {"hashFunction", c.hash}, {"paddingScheme", c.padding}};
        const auto operation = t.sign(request);
        ASSERT_EQ(text(operation, "state"), "done") << json::serialize(operation);
        const auto root = t.folder() / "root.pem";
        std::ofstream(root) << pem_of(*t.site().ca().root());
        if (format == "CAdES") {
            const auto p7s = t.folder() / "signature.p7s";
            const auto der = *from_base64(text(item(operation), "signature"));
            std::ofstream(p7s, std::ios::binary).write(reinterpret_cast<const char*>(der.data()), static_cast<std::streamsize>(der.size()));
            const auto said = run_command("openssl cms -verify -cades -binary -inform DER -in " + quoted(p7s) + " -content " +
                                          quoted(letter("nota-dinas.pdf")) + " -CAfile " + quoted(root) + " -purpose any -out /dev/null");
            EXPECT_NE(said.text.find("CAdES Verification successful"), std::string::npos) << said.text;
            const auto ours = t.cli({"verify", letter("nota-dinas.pdf").string(), "--detached", p7s.string(), "--json"});
            EXPECT_EQ(ours.exit_code, 0) << ours.output;
        } else {
            const auto file = t.folder() / "signed.pdf";
            std::ofstream(file, std::ios::binary) << t.request("GET", "/v1/documents/" + text(item(operation), "documentId") + "/content").body;
            EXPECT_NE(openssl_cms_of_pdf(file, t.folder(), pem_of(*t.site().ca().root())).text.find("CAdES Verification successful"),
                      std::string::npos);
            EXPECT_EQ(t.cli({"verify", file.string()}).exit_code, 0);
            // NSS, which pdfsig asks, knows no RSA-PSS in CMS; OpenSSL and MuPDF have judged it.
            if (std::string(c.padding) != "PSS") {
                EXPECT_NE(pdfsig(file).text.find("Signature is Valid"), std::string::npos);
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, SigningAlgorithms,
                         testing::Values(KeyCase{"rsa2048", "RSA", "SHA-256", "PKCS1.5"}, KeyCase{"rsa2048", "RSA", "SHA-256", "PSS"},
                                         KeyCase{"rsa3072", "RSA", "SHA-512", "PKCS1.5"}, KeyCase{"rsa4096", "RSA", "SHA-256", "PKCS1.5"},
                                         KeyCase{"p256", "ECC", "SHA-256", "NONE"}, KeyCase{"p384", "ECC", "SHA-384", "NONE"},
                                         KeyCase{"p521", "ECC", "SHA-512", "NONE"}));

TEST(Signing, ABatchOfHashesUnderOneConsentAndOneLogin) {
    RunningAgent t(unruly());
    const auto operation = t.sign(t.sign_request(raw_items(200), "RAW"));
    ASSERT_EQ(text(operation, "state"), "done") << json::serialize(operation).substr(0, 500);
    EXPECT_EQ(operation.at("done").as_int64(), 200);
    EXPECT_EQ(t.shown().size(), 1u);
    EXPECT_EQ(t.module_calls("C_Login"), 1);
    EXPECT_EQ(t.module_calls("C_Sign"), 200);
    t.cli({"status"}); // answered after the window was closed: nobody waits for the logout itself
    EXPECT_EQ(t.module_calls("C_Logout"), 1);
    EXPECT_FALSE(t.shown()[0].at("items").as_array().at(0).as_object().at("contentVisible").as_bool());
}

TEST(Signing, WhatThePersonTakesOutIsNotSigned) {
    RunningAgent t(with_raw(), {"reject:0,2"});
    const auto operation = t.sign(t.sign_request(raw_items(4), "RAW"));
    EXPECT_EQ(text(operation, "state"), "done");
    EXPECT_EQ(text(item(operation, 0), "state"), "rejected");
    EXPECT_EQ(error_of(item(operation, 0)), "E-DOKUMEN-DIKELUARKAN");
    EXPECT_EQ(text(item(operation, 1), "state"), "signed");
    EXPECT_EQ(text(item(operation, 2), "state"), "rejected");
    EXPECT_EQ(text(item(operation, 3), "state"), "signed");
}

TEST(Signing, AWrongPinIsOneLoginAndTheTriesAreShown) {
    RunningAgent t(unruly(), {"wrong", "no"});
    const auto operation = t.sign(t.sign_request(raw_items(3), "RAW"));
    EXPECT_EQ(text(operation, "state"), "failed");
    EXPECT_EQ(error_of(operation), "E-PASSPHRASE-SALAH");
    EXPECT_EQ(text(operation.at("error").as_object(), "userMessage"), "Passphrase salah. Sisa percobaan: 4.");
    EXPECT_EQ(t.module_calls("C_Login"), 1);
    EXPECT_EQ(t.module_calls("C_Sign"), 0);
    EXPECT_EQ(t.shown().back().at("triesLeft").as_int64(), 4);
}

TEST(Signing, ThePersonMayTypeThePinAgain) {
    RunningAgent t(unruly(), {"wrong", "empty", "yes"});
    auto operation = t.sign(t.sign_request(raw_items(1), "RAW"));
    EXPECT_EQ(error_of(operation), "E-PASSPHRASE-KOSONG"); // an empty one ends it without a login
    EXPECT_EQ(t.module_calls("C_Login"), 1);
    operation = t.sign(t.sign_request(raw_items(1), "RAW"));
    EXPECT_EQ(text(operation, "state"), "done");
    EXPECT_EQ(t.module_calls("C_Login"), 2);
}

TEST(Signing, TheAgentLocksAfterFiveWrongPinsAndARestartDoesNotUnlockIt) {
    RunningAgent t(unruly(), {"wrong"});
    const auto sign = [&] { return error_of(t.sign(t.sign_request(raw_items(1), "RAW"))); };
    const auto start_again = [&](const std::string& step) {
        t.agent().signal(SIGKILL);
        t.agent().wait(5000);
        t.start_agent();
        t.start_prompter({step});
    };
    const auto let_the_pause_pass = [&] {
        SQLite::Database database((t.site().state() / "audit.db").string(), SQLite::OPEN_READWRITE, 2000);
        database.exec("UPDATE pin_tries SET at = 0");
    };
    EXPECT_EQ(sign(), "E-PASSPHRASE-SALAH");
    EXPECT_EQ(t.module_calls("C_Login"), 3);
    start_again("wrong");
    EXPECT_EQ(sign(), "E-PASSPHRASE-JEDA");
    EXPECT_EQ(t.module_calls("C_Login"), 3);
    let_the_pause_pass();
    EXPECT_EQ(sign(), "E-PASSPHRASE-SALAH");
    EXPECT_EQ(t.module_calls("C_Login"), 4);
    let_the_pause_pass();
    EXPECT_EQ(sign(), "E-PASSPHRASE-TINGGAL-SATU"); // a yes by habit is not enough for the last one
    EXPECT_EQ(t.module_calls("C_Login"), 4);
    t.stop_prompter();
    t.start_prompter({"final-wrong"});
    EXPECT_EQ(sign(), "E-PASSPHRASE-SALAH");
    EXPECT_EQ(t.module_calls("C_Login"), 5);
    start_again("yes");
    EXPECT_EQ(sign(), "E-PASSPHRASE-TERKUNCI");
    EXPECT_EQ(t.module_calls("C_Login"), 5);
}

TEST(Signing, NobodyAnswersAndTheDialogCloses) {
    SiteWish wish = with_raw();
    wish.limits = "{consent_seconds: 1, consent_seconds_per_item: 0}";
    RunningAgent t(wish, {"silent"});
    const auto operation = t.sign(t.sign_request(raw_items(1), "RAW"));
    EXPECT_EQ(text(operation, "state"), "refused");
    EXPECT_EQ(error_of(operation), "E-TIDAK-ADA-JAWABAN");
    EXPECT_EQ(text(t.shown(2).back().at("reason").as_object(), "code"), "E-TIDAK-ADA-JAWABAN");
}

TEST(Signing, ThePersonDeclines) {
    RunningAgent t(with_raw(), {"no"});
    const auto operation = t.sign(t.sign_request(raw_items(1), "RAW"));
    EXPECT_EQ(text(operation, "state"), "refused");
    EXPECT_EQ(error_of(operation), "E-DIBATALKAN-PENANDA-TANGAN");
    EXPECT_THAT(t.log_kinds(), ElementsAre("agent", "refused"));
}

TEST(Signing, WithoutAPrompterNobodyAgrees) {
    RunningAgent t(with_raw(), {});
    EXPECT_EQ(error_of(t.sign(t.sign_request(raw_items(1), "RAW"))), "E-PERSETUJUAN-TIDAK-TERSEDIA");
    EXPECT_EQ(text(t.request("GET", "/v1/status").json(), "prompter"), "absent");
}

TEST(Signing, APrompterThatHangsUpIsNoConsent) {
    RunningAgent t(with_raw(), {"leave"});
    EXPECT_EQ(error_of(t.sign(t.sign_request(raw_items(1), "RAW"))), "E-PERSETUJUAN-TIDAK-TERSEDIA");
}

TEST(Signing, TheTestPrompterIsRefusedInProduction) {
    SiteWish wish;
    wish.environment = "produksi";
    RunningAgent t(wish, {});
    const auto ran =
        run_program({program("jurukunci-test-prompter"), "--pin-file", t.site().pin_file().string(), "yes"}, t.site().environment(), t.folder());
    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_NE(ran.output.find("E-PENANYA-DITOLAK"), std::string::npos) << ran.output;
    EXPECT_EQ(text(t.request("GET", "/v1/status").json(), "prompter"), "absent");
}

TEST(Signing, OnlyOnePrompterAtATime) {
    RunningAgent t;
    const auto ran =
        run_program({program("jurukunci-test-prompter"), "--pin-file", t.site().pin_file().string(), "yes"}, t.site().environment(), t.folder());
    EXPECT_NE(ran.output.find("E-PENANYA-DITOLAK"), std::string::npos) << ran.output;
}

TEST(Signing, AWorkerThatCrashesWhileSigningIsAnErrorAndTheNextSignatureWorks) {
    RunningAgent t(unruly());
    t.order_module("C_Sign crash\n");
    const auto operation = t.sign(t.sign_request(raw_items(5), "RAW"));
    EXPECT_EQ(text(operation, "state"), "failed");
    EXPECT_EQ(error_of(operation), "E-MODUL-BERHENTI");
    for (const auto& value : operation.at("items").as_array()) EXPECT_FALSE(value.as_object().contains("signature"));
    t.order_module("");
    EXPECT_EQ(text(t.sign(t.sign_request(raw_items(5), "RAW")), "state"), "done");
}

TEST(Signing, AWorkerThatHangsWhileSigningIsAnErrorThatNamesTheFunction) {
    RunningAgent t(unruly());
    t.order_module("C_Sign hang\n");
    const auto before = std::chrono::steady_clock::now();
    const auto operation = t.sign(t.sign_request(raw_items(2), "RAW"));
    const auto took = std::chrono::steady_clock::now() - before;
    EXPECT_EQ(error_of(operation), "E-TOKEN-TIDAK-MENJAWAB");
    EXPECT_NE(text(operation.at("error").as_object(), "userMessage").find("C_Sign"), std::string::npos);
    EXPECT_GE(took, std::chrono::seconds(10));
    t.order_module("");
    EXPECT_EQ(text(t.sign(t.sign_request(raw_items(2), "RAW")), "state"), "done");
}

TEST(Signing, AWrongSignatureNeverLeavesTheAgent) {
    RunningAgent t(unruly());
    t.order_module("C_Sign wrong\n");
    const auto operation = t.sign(t.sign_request(raw_items(3), "RAW"));
    EXPECT_EQ(error_of(operation), "E-TANDA-TANGAN-TOKEN-SALAH");
    EXPECT_EQ(json::serialize(operation).find("\"signature\""), std::string::npos);
}

TEST(Signing, AKeyThatCanLeaveTheTokenSignsNothing) {
    SiteWish wish = unruly();
    wish.token.extractable = true;
    RunningAgent t(wish);
    const auto operation = t.sign(t.sign_request(raw_items(1), "RAW"));
    EXPECT_EQ(error_of(operation), "E-KUNCI-DAPAT-DIEKSPOR");
    EXPECT_EQ(text(operation.at("error").as_object(), "citation"), "Pasal 1 angka 26");
    EXPECT_EQ(t.module_calls("C_Sign"), 0);
}

TEST(Signing, AKeyThatIsNotSensitiveSignsNothing) {
    SiteWish wish = unruly();
    wish.token.sensitive = false;
    RunningAgent t(wish);
    const auto operation = t.sign(t.sign_request(raw_items(1), "RAW"));
    EXPECT_EQ(error_of(operation), "E-KUNCI-TIDAK-TERLINDUNGI");
    EXPECT_NE(json::serialize(operation).find("CKA_SENSITIVE"), std::string::npos) << json::serialize(operation);
    EXPECT_EQ(text(operation.at("error").as_object(), "citation"), "Pasal 7 ayat (1) dan (2)");
    EXPECT_EQ(t.module_calls("C_Sign"), 0);
}

TEST(Signing, AKeyThatWasNotBornOnTheTokenSignsNothing) {
    RunningAgent t(unruly());
    t.order_module("C_GetAttributeValue imported\n"); // all else about it is as it should be
    const auto operation = t.sign(t.sign_request(raw_items(1), "RAW"));
    EXPECT_EQ(error_of(operation), "E-KUNCI-TIDAK-TERLINDUNGI");
    EXPECT_NE(json::serialize(operation).find("CKA_LOCAL"), std::string::npos) << json::serialize(operation);
    EXPECT_EQ(t.module_calls("C_Sign"), 0);
}

TEST(Signing, AKeyThatWasReallyImportedSignsNothing) {
    RunningAgent t(unruly());
    const auto key = make_key("p256");
    const auto certificate = *x509::read_certificate(t.site().ca().certify(key.get(), {}));
    const auto file = [&](const char* name) { return (t.folder() / name).string(); };
    std::ofstream(file("key.pem")) << pem_of(key.get());
    std::ofstream(file("certificate.pem")) << pem_of(*certificate);
    t.agent().signal(SIGTERM);
    t.agent().wait(10'000);
    const auto tool =
        "SOFTHSM2_CONF=" + t.site().token().conf() + " pkcs11-tool --module " + softhsm_module() + " --login --pin uji-1234 --id 4a4b01 ";
    for (const auto& step :
         {std::string("--delete-object --type privkey"), std::string("--delete-object --type pubkey"), std::string("--delete-object --type cert"),
          "--sensitive --usage-sign --type privkey --label K --write-object " + file("key.pem"),
          "--type cert --label S --write-object " + file("certificate.pem")}) {
        const auto ran = run_command(tool + step);
        ASSERT_EQ(ran.exit_code, 0) << step << "\n" << ran.text;
    }
    t.start_agent();
    t.start_prompter({"yes"});
    const auto operation = t.sign(t.sign_request(raw_items(1), "RAW"));
    // SoftHSM says of it that it is not local, and that it was not always sensitive nor never extractable: the worst is told.
    EXPECT_EQ(error_of(operation), "E-KUNCI-DAPAT-DIEKSPOR") << json::serialize(operation);
    EXPECT_EQ(t.module_calls("C_Sign"), 0);
}

TEST(Signing, ACertificateOfAnotherKeySignsNothing) {
    SiteWish wish = unruly();
    wish.token.wrong_pair = true;
    RunningAgent t(wish);
    EXPECT_EQ(error_of(t.sign(t.sign_request(raw_items(1), "RAW"))), "E-PASANGAN-KUNCI-TIDAK-COCOK");
    EXPECT_EQ(t.module_calls("C_Sign"), 0);
}

TEST(Signing, ACertificateFromElsewhereIsListedWithItsRefusalAndSignsNothing) {
    SiteWish wish = with_raw();
    wish.foreign_anchor = true;
    RunningAgent t(wish);
    const auto list = json::parse(t.request("GET", "/v1/certificates").body).as_array();
    ASSERT_EQ(list.size(), 1u);
    EXPECT_FALSE(list[0].as_object().at("usable").as_bool());
    EXPECT_EQ(text(list[0].as_object().at("refusals").as_array().at(0).as_object(), "code"), "E-PENERBIT-TIDAK-DIAKUI");
    const auto operation = t.sign(t.sign_request(raw_items(1), "RAW"));
    EXPECT_EQ(text(operation, "state"), "refused");
    EXPECT_EQ(error_of(operation), "E-PENERBIT-TIDAK-DIAKUI");
    EXPECT_TRUE(t.shown().empty());
}

TEST(Signing, UnderUjiAProductionCertificateIsRefused) {
    SiteWish wish = with_raw();
    wish.anchor_environment = "produksi";
    RunningAgent t(wish);
    EXPECT_EQ(error_of(t.sign(t.sign_request(raw_items(1), "RAW"))), "E-LINGKUNGAN-TERCAMPUR");
}

TEST(Signing, AnAgentKilledInABatchTellsTheTruthWhenItStartsAgain) {
    RunningAgent t(unruly());
    t.order_module("C_Sign slow\n"); // 200 ms each
    const auto request = t.sign_request(raw_items(40), "RAW");
    const auto id = text(t.request("POST", "/v1/signatures", json::serialize(request)).json().at("operation").as_object(), "id");
    for (int i = 0; i < 1500; ++i) {
        if (t.request("GET", "/v1/operations/" + id).json().at("done").as_int64() >= 5) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    t.agent().signal(SIGKILL);
    t.agent().wait(5000);
    t.start_agent();
    const int asked_of_the_token = t.module_calls("C_Sign"); // the old worker has ended with its agent by now
    const auto operations = t.request("GET", "/v1/operations").json().at("operations").as_array();
    ASSERT_EQ(operations.size(), 1u);
    const auto& operation = operations[0].as_object();
    EXPECT_EQ(text(operation, "id"), id);
    EXPECT_EQ(text(operation, "state"), "failed");
    EXPECT_EQ(error_of(operation), "E-HASIL-TIDAK-DIKETAHUI");
    int is_signed = 0, unknown = 0, not_reached = 0;
    for (const auto& value : operation.at("items").as_array()) {
        const auto state = text(value.as_object(), "state");
        is_signed += state == "signed";
        unknown += state == "unknown";
        not_reached += state == "sealed" && error_of(value.as_object()) == "E-BELUM-DIPROSES";
    }
    EXPECT_EQ(is_signed + unknown + not_reached, 40);
    EXPECT_GE(is_signed, 5);
    EXPECT_GE(unknown, 1);
    EXPECT_GE(not_reached, 20);
    // Nothing that was at the token is told as not reached.
    EXPECT_LE(asked_of_the_token, is_signed + unknown);
    EXPECT_EQ(t.cli({"audit", "verify"}).exit_code, 0);
    // It is never signed again by itself.
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_EQ(t.module_calls("C_Sign"), asked_of_the_token);
}

TEST(Signing, TerminatingTheAgentFinishesTheBatchAndHandsItOverFirst) {
    RunningAgent t(unruly());
    t.order_module("C_Sign slow\n");
    const auto id =
        text(t.request("POST", "/v1/signatures", json::serialize(t.sign_request(raw_items(10), "RAW"))).json().at("operation").as_object(), "id");
    for (int i = 0; i < 200 && t.request("GET", "/v1/operations/" + id).json().at("done").as_int64() < 2; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    t.agent().signal(SIGTERM);
    const auto ended = t.wait_for(id); // its page still gets what was signed
    EXPECT_EQ(text(ended, "state"), "done");
    EXPECT_EQ(ended.at("done").as_int64(), 10);
    EXPECT_EQ(t.request("POST", "/v1/signatures", json::serialize(t.sign_request(raw_items(1), "RAW"))).error_code(), "E-AGEN-BERHENTI");
    EXPECT_EQ(t.agent().wait(20'000), 0);
    EXPECT_EQ(t.module_calls("C_Sign"), 10);
    EXPECT_EQ(t.log_kinds().back(), "end");
}

TEST(CommandLine, SignsVerifiesAndUsesItsExitCodes) {
    RunningAgent t;
    const auto out = t.folder() / "out.pdf";
    auto ran = t.cli({"sign", letter("undangan-rapat.pdf").string(), "-o", out.string(), "--visible", "1,320,80,220,72"});
    EXPECT_EQ(ran.exit_code, 0) << ran.output;
    EXPECT_EQ(t.cli({"verify", out.string()}).exit_code, 0);
    EXPECT_EQ(t.cli({"verify", letter("undangan-rapat.pdf").string()}).exit_code, 1);                   // no signature
    EXPECT_EQ(t.cli({"sign", letter("undangan-rapat.pdf").string(), "-o", out.string()}).exit_code, 2); // exists
    EXPECT_EQ(t.cli({"sign", out.string(), "-o", out.string()}).exit_code, 2);
    EXPECT_EQ(t.cli({"sign", letter("undangan-rapat.pdf").string(), "-o", (t.folder() / "lt.pdf").string(), "--level", "LT"}).exit_code, 2);
    EXPECT_FALSE(fs::exists(t.folder() / "lt.pdf"));
    EXPECT_EQ(t.cli({"nonsense"}).exit_code, 2);
    EXPECT_EQ(t.cli({"status", "--json"}).exit_code, 0);
    EXPECT_EQ(t.cli({"tokens"}).exit_code, 0);
    EXPECT_EQ(t.cli({"certs"}).exit_code, 0);
    EXPECT_EQ(t.cli({"doctor"}).exit_code, 0) << t.cli({"doctor"}).output;
    t.start_prompter({"no"});
    ran = t.cli({"sign", letter("undangan-rapat.pdf").string(), "-o", (t.folder() / "no.pdf").string(), "--language", "en"});
    EXPECT_EQ(ran.exit_code, 4) << ran.output;
    EXPECT_NE(ran.output.find("The person declined."), std::string::npos) << ran.output;
    EXPECT_FALSE(fs::exists(t.folder() / "no.pdf"));
    t.stop_prompter();
    t.agent().signal(SIGTERM);
    t.agent().wait(5000);
    EXPECT_EQ(t.cli({"status"}).exit_code, 5);
    EXPECT_EQ(t.cli({"doctor"}).exit_code, 5);
}

TEST(CommandLine, ADamagedDocumentIsRefusedWithTheReasonAndLeavesNoFile) {
    RunningAgent t;
    const auto damaged = fs::path(JURUKUNCI_SOURCE_DIR) / "tests/data/pdf/locked-all.pdf";
    const auto out = t.folder() / "out.pdf";
    const auto ran = t.cli({"sign", damaged.string(), "-o", out.string()});
    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_NE(ran.output.find("E-DOKUMEN-MELARANG"), std::string::npos) << ran.output;
    EXPECT_FALSE(fs::exists(out));
    EXPECT_TRUE(t.shown().empty());
}

TEST(AuditVerify, NamesTheRowThatWasChanged) {
    RunningAgent t;
    t.sign_document(letter("undangan-rapat.pdf"));
    t.agent().signal(SIGTERM);
    t.agent().wait(5000);
    run_command("sqlite3 " + quoted(t.site().state() / "audit.db") +
                " \"DROP TRIGGER log_is_append_only_u; UPDATE log SET body = replace(body, 'undangan', 'undingan') WHERE row = 2\"");
    const auto ran = t.cli({"audit", "verify", "--json"});
    EXPECT_EQ(ran.exit_code, 1);
    const auto report = json::parse(ran.output).as_object();
    EXPECT_EQ(report.at("faults").as_array().at(0).as_object().at("row").as_int64(), 2);
    EXPECT_EQ(text(report.at("faults").as_array().at(0).as_object(), "kind"), "changed");
}

} // namespace
} // namespace jk::test
