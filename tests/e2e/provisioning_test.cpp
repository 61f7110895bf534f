// A token's life through the command line: prepared at the RA desk, used, destroyed. Real agent, real SoftHSM2, openssl as judge. Fits: softhsm.
#include "tests/support/judges.hpp"
#include "tests/support/running_agent.hpp"
#include "tests/support/typed_program.hpp"
#include "x509/read_certificate.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

namespace jk::test {
namespace {

namespace fs = std::filesystem;

SiteWish blank_token() {
    SiteWish wish;
    wish.token.blank = true;
    wish.token.pin = "Kopi-tubruk-77"; // what the holder will choose
    wish.terminal_prompter = false;
    return wish;
}

json::object approved_case(const std::string& name = "Sri Wahyuni") {
    return json::parse(R"x({"id":"K-2026-0007","state":"disetujui","holderPresent":true,
        "holder":{"name":")x" +
                       name + R"x(","unit":"Dinas Kominfo","number":"198001012005012003"},
        "agreement":{"version":"1.2","sha256":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","acceptedAt":"2026-11-20T03:00:00Z"},
        "subject":{"country":"ID","organization":"Pemerintah Kota Pekalongan (UJI)","commonName":")x" +
                       name + R"x("}})x")
        .as_object();
}

std::string read(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

struct RaDesk {
    explicit RaDesk(const SiteWish& wish = blank_token(), const std::vector<std::string>& steps = {"yes"}) : t(wish, steps) {
        write_case(approved_case());
        if (wish.token.blank) write_secret("so-pin", "amplop-4471"); // what init sets
    }

    void write_case(const json::object& registration) { std::ofstream(case_file()) << json::serialize(registration); }
    void write_secret(const std::string& role, const std::string& text) { std::ofstream(t.site().folder() / ("secret-" + role)) << text; }
    fs::path case_file() const { return t.folder() / "case.json"; }
    fs::path csr_file() const { return t.folder() / "permohonan.pem"; }

    Ran token(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "token");
        arguments.emplace_back("--json");
        return t.cli(std::move(arguments));
    }
    Ran init() { return token({"init", "--label", "Sri W."}); }
    Ran pin_set() { return token({"pin", "set"}); }
    Ran generate() { return token({"key", "generate", "--case", case_file().string()}); }
    Ran csr() { return token({"csr", "--case", case_file().string(), "-o", csr_file().string()}); }
    Ran import(const fs::path& file) { return token({"cert", "import", file.string(), "--case", case_file().string()}); }
    Ran destroy(std::vector<std::string> more = {}) {
        std::vector<std::string> all{"destroy", "--reason", "mutasi", "--officer", "Rina", "--witness", "Agus", "--minutes", "BA-12/2026"};
        all.insert(all.end(), more.begin(), more.end());
        return token(std::move(all));
    }

    /// The token as `token show` tells it; the slot for a new one is not meant unless it is the only one.
    json::object shown() {
        const auto ran = token({"show"});
        const auto all = json::parse(ran.output).as_object().at("tokens").as_array();
        for (const auto& one : all)
            if (one.as_object().at("state").as_string() != "blank") return one.as_object();
        return all.at(0).as_object();
    }
    std::string serial() { return std::string(shown().at("serial").as_string()); }
    std::string state() { return std::string(shown().at("state").as_string()); }

    /// As the demo CA would answer the request; the key of another request if `stranger`.
    fs::path issue(const std::string& name = "Sri Wahyuni", bool stranger = false) {
        const auto pem = read(csr_file());
        const x509::BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
        X509_REQ* request = PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr);
        const x509::EvpPkeyPtr key(stranger ? make_key("p256").release() : X509_REQ_get_pubkey(request));
        X509_REQ_free(request);
        CertificateWish wish;
        wish.common_name = name;
        const auto file = t.folder() / "terbit.pem";
        std::ofstream(file) << pem_of(**x509::read_certificate(t.site().ca().certify(key.get(), wish)));
        return file;
    }

    void prepare() {
        for (const auto& ran : {init(), pin_set(), generate(), csr()}) ASSERT_EQ(ran.exit_code, 0) << ran.output;
        const auto ran = import(issue());
        ASSERT_EQ(ran.exit_code, 0) << ran.output;
    }

    int rows(const std::string& kind) {
        const auto kinds = t.log_kinds();
        return static_cast<int>(std::count(kinds.begin(), kinds.end(), kind));
    }

    RunningAgent t;
};

std::string code(const Ran& ran) {
    boost::system::error_code ec;
    const auto value = json::parse(ran.output, ec);
    if (ec || !value.is_object() || !value.as_object().contains("error")) return ran.output;
    return std::string(value.as_object().at("error").as_object().at("code").as_string());
}

TEST(Provisioning, FromABlankTokenToASignedLetterAndToItsDestruction) {
    RaDesk desk;
    EXPECT_EQ(desk.state(), "blank");
    EXPECT_EQ(desk.shown().at("nextStep").as_string(), "token init");
    ASSERT_EQ(desk.init().exit_code, 0);
    EXPECT_EQ(desk.state(), "without-pin");
    ASSERT_EQ(desk.pin_set().exit_code, 0);
    EXPECT_EQ(desk.state(), "without-key");
    ASSERT_EQ(desk.generate().exit_code, 0);
    EXPECT_EQ(desk.state(), "key-without-certificate");
    ASSERT_EQ(desk.csr().exit_code, 0);
    const auto judged = run_program({"openssl", "req", "-in", desk.csr_file().string(), "-noout", "-verify", "-subject"}, {}, desk.t.folder());
    EXPECT_NE(judged.output.find("verify OK"), std::string::npos) << judged.output;
    EXPECT_NE(judged.output.find("CN = Sri Wahyuni"), std::string::npos) << judged.output;
    const auto imported = desk.import(desk.issue());
    ASSERT_EQ(imported.exit_code, 0) << imported.output;
    EXPECT_EQ(desk.state(), "complete");

    const auto signed_letter = desk.t.folder() / "surat.pdf";
    const auto sign = desk.t.cli({"sign", letter("nota-dinas.pdf").string(), "-o", signed_letter.string()});
    EXPECT_EQ(sign.exit_code, 0) << sign.output;
    const auto verdict = desk.t.cli({"verify", signed_letter.string(), "--json"});
    EXPECT_EQ(verdict.exit_code, 0) << verdict.output;
    EXPECT_NE(verdict.output.find("Sri Wahyuni"), std::string::npos);

    const auto destroyed = desk.destroy();
    ASSERT_EQ(destroyed.exit_code, 0) << destroyed.output;
    EXPECT_EQ(desk.state(), "without-pin");
    EXPECT_TRUE(desk.shown().at("keys").as_array().empty());
    EXPECT_EQ(desk.rows("provisioning"), 6);
    EXPECT_EQ(desk.rows("provisioning-end"), 6);
    EXPECT_EQ(desk.t.cli({"audit", "verify"}).exit_code, 0);
}

TEST(Provisioning, TheDestructionRecordVerifiesWithOpenssl) {
    RaDesk desk;
    ASSERT_EQ(desk.init().exit_code, 0);
    const auto ran = desk.destroy();
    ASSERT_EQ(ran.exit_code, 0) << ran.output;
    const auto result = json::parse(ran.output).as_object().at("provisioning").as_object().at("result").as_object();
    const fs::path record(std::string(result.at("record").as_string())), signature(std::string(result.at("recordSignature").as_string()));
    const auto fields = json::parse(read(record)).as_object();
    EXPECT_EQ(fields.at("reason").as_string(), "mutasi");
    EXPECT_EQ(fields.at("officer").as_string(), "Rina");
    EXPECT_EQ(fields.at("witnesses").as_array().size(), 1u);
    EXPECT_EQ(fields.at("minutes").as_string(), "BA-12/2026");
    EXPECT_FALSE(fields.at("token").as_object().at("serial").as_string().empty());
    const auto key = desk.t.folder() / "agent.pem";
    std::ofstream(key) << "-----BEGIN PUBLIC KEY-----\n" << std::string(fields.at("signedBy").as_string()) << "\n-----END PUBLIC KEY-----\n";
    const auto verify = [&] {
        return run_program(
            {"openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key.string(), "-rawin", "-in", record.string(), "-sigfile", signature.string()}, {},
            desk.t.folder());
    };
    EXPECT_EQ(verify().exit_code, 0) << verify().output;
    std::ofstream(record, std::ios::app) << " ";
    EXPECT_NE(verify().exit_code, 0);
}

TEST(Provisioning, TheQuestionNamesTokenHolderAndWhatWillHappen) {
    RaDesk desk;
    ASSERT_EQ(desk.init().exit_code, 0);
    ASSERT_EQ(desk.pin_set().exit_code, 0);
    ASSERT_EQ(desk.generate().exit_code, 0);
    const auto questions = desk.t.shown(3);
    ASSERT_EQ(questions.size(), 3u);
    EXPECT_EQ(questions[0].at("step").as_string(), "init");
    EXPECT_EQ(questions[1].at("secrets").as_array().size(), 2u);
    EXPECT_EQ(questions[2].at("holder").as_object().at("name").as_string(), "Sri Wahyuni");
    EXPECT_EQ(questions[2].at("token").as_object().at("serial").as_string(), desk.shown().at("serial").as_string());
    EXPECT_EQ(json::serialize(questions[2]).find("198001012005012003"), std::string::npos);
}

TEST(Provisioning, NoSecretIsInAFileOfTheAgent) {
    RaDesk desk;
    desk.prepare();
    ASSERT_EQ(desk.destroy().exit_code, 0);
    int files = 0;
    for (const auto& root : {desk.t.site().state(), desk.t.folder() / "agent.log"})
        for (const auto& file :
             fs::is_directory(root) ? std::vector<fs::path>(fs::recursive_directory_iterator(root), {}) : std::vector<fs::path>{root}) {
            if (!fs::is_regular_file(file)) continue;
            ++files;
            const auto text = read(file);
            for (const char* secret : {"Kopi-tubruk-77", "amplop-4471", "198001012005012003"})
                EXPECT_EQ(text.find(secret), std::string::npos) << secret << " in " << file;
        }
    EXPECT_GE(files, 5);
}

TEST(Provisioning, NoIsNoAndTheTokenStaysAsItWas) {
    RaDesk desk(blank_token(), {"no"});
    const auto ran = desk.init();
    EXPECT_EQ(ran.exit_code, 4);
    EXPECT_EQ(code(ran), "E-DIBATALKAN-PENANDA-TANGAN");
    EXPECT_EQ(desk.state(), "blank");
    EXPECT_EQ(desk.rows("provisioning"), 0);
    EXPECT_EQ(desk.rows("provisioning-refused"), 1);
}

TEST(Provisioning, OnAReaderWithKeysTheQuestionSaysWhoTypesThereAndNoSecretPassesUs) {
    auto wish = blank_token();
    wish.module = JURUKUNCI_UNRULY_MODULE;
    RaDesk desk(wish);
    desk.t.order_module("C_GetTokenInfo pinpad\n");
    for (const auto& ran : {desk.init(), desk.pin_set(), desk.generate(), desk.csr()}) ASSERT_EQ(ran.exit_code, 0) << ran.output;
    EXPECT_EQ(desk.import(desk.issue()).exit_code, 0);
    const auto shown = desk.t.shown(5);
    const auto& secrets = shown.at(1).at("secrets").as_array(); // the first PIN
    ASSERT_EQ(secrets.size(), 2U);
    for (const auto& secret : secrets) EXPECT_TRUE(secret.as_object().at("onReader").as_bool());
    EXPECT_EQ(desk.t.module_calls("C_InitPIN on the pad"), 1);
}

TEST(Provisioning, WithAnInitialPinTheHolderIsSentToChangeItAndNoKeyIsMade) {
    auto wish = blank_token();
    wish.module = JURUKUNCI_UNRULY_MODULE;
    RaDesk desk(wish);
    for (const auto& ran : {desk.init(), desk.pin_set()}) ASSERT_EQ(ran.exit_code, 0) << ran.output;
    desk.t.order_module("C_GetTokenInfo initial\n");
    const auto refused = desk.generate();
    EXPECT_EQ(code(refused), "E-PASSPHRASE-HARUS-DIGANTI");
    EXPECT_NE(refused.output.find("jurukunci pin change"), std::string::npos) << refused.output;
    EXPECT_EQ(desk.t.module_calls("C_GenerateKeyPair"), 0);
    std::ofstream(desk.t.site().folder() / "pin") << "Kopi-tubruk-77";
    std::ofstream(desk.t.site().folder() / "secret-new-pin") << "Sepeda-biru-9x";
    const auto changed = desk.t.cli({"pin", "change"});
    ASSERT_EQ(changed.exit_code, 0) << changed.output;
    EXPECT_FALSE(desk.t.shown(3).at(2).at("pinToBeChanged").as_bool());
    EXPECT_TRUE(desk.t.shown(3).at(2).at("pinCountLow").as_bool());
    std::ofstream(desk.t.site().folder() / "pin") << "Sepeda-biru-9x";
    desk.t.order_module("C_GetTokenInfo low\n"); // the token has forgotten its first complaint
    ASSERT_EQ(desk.generate().exit_code, 0);
    EXPECT_TRUE(desk.t.shown(4).at(3).at("pinCountLow").as_bool());
    desk.t.order_module("C_GetTokenInfo initial\n");
    EXPECT_EQ(code(desk.csr()), "E-PASSPHRASE-HARUS-DIGANTI");
}

TEST(Provisioning, AFactorySoPinAndAFactoryPinAreRefused) {
    RaDesk desk(blank_token(), {"new-so-pin=1234567890", "yes", "new-pin=123456"});
    EXPECT_EQ(code(desk.init()), "E-SO-PIN-BAWAAN");
    EXPECT_EQ(desk.state(), "blank");
    ASSERT_EQ(desk.init().exit_code, 0);
    EXPECT_EQ(code(desk.pin_set()), "E-PASSPHRASE-BAWAAN");
    EXPECT_EQ(desk.state(), "without-pin");
}

TEST(Provisioning, WithAFactorySoPinNoPassphraseIsSetAndTheNextStepIsToChangeIt) {
    RaDesk desk(blank_token(), {"yes", "so-pin=12345678", "yes"});
    ASSERT_EQ(desk.init().exit_code, 0);
    const auto ran = desk.pin_set();
    EXPECT_EQ(code(ran), "E-SO-PIN-MASIH-BAWAAN");
    EXPECT_NE(ran.output.find("jurukunci token init"), std::string::npos) << ran.output;
    EXPECT_EQ(desk.state(), "without-pin");
    EXPECT_TRUE(desk.shown().at("interrupted").as_array().empty());
    EXPECT_EQ(desk.pin_set().exit_code, 0);
}

TEST(Provisioning, AWeakPassphraseLeavesNoInterruptedStep) {
    RaDesk desk(blank_token(), {"yes", "new-pin=kopitubruk"});
    ASSERT_EQ(desk.init().exit_code, 0);
    EXPECT_EQ(code(desk.pin_set()), "E-PASSPHRASE-LEMAH");
    EXPECT_TRUE(desk.shown().at("interrupted").as_array().empty());
    EXPECT_EQ(desk.rows("provisioning-end"), 2);
}

/// Two modules see the same slots; `tokens:` says which one they belong to.
TEST(Provisioning, ATokenThatTwoModulesSeeIsPreparedThroughTheOneThatIsListedForIt) {
    auto wish = blank_token();
    const ScratchFolder folder;
    std::filesystem::create_directories(folder.path() / "tokens");
    const auto conf = folder.path() / "softhsm2.conf";
    std::ofstream(conf) << "directories.tokendir = " << (folder.path() / "tokens").string() << "\nobjectstore.backend = file\nlog.level = ERROR\n";
    wish.softhsm = false;
    wish.modules = {{"khusus", softhsm_module(), {{"SOFTHSM2_CONF", conf.string()}}, ""},
                    {"umum", softhsm_module(), {{"SOFTHSM2_CONF", conf.string()}}, "tokens: [{manufacturer: Pabrikan Lain}]\n"}};
    RaDesk desk(wish);
    const auto tokens = [&] { return json::parse(desk.token({"show"}).output).as_object().at("tokens").as_array(); };
    EXPECT_EQ(tokens().size(), 1u);
    const auto made = desk.init();
    ASSERT_EQ(made.exit_code, 0) << made.output;
    EXPECT_EQ(tokens().size(), 2u) << "the new one and SoftHSM's next slot";
    const auto set = desk.token({"pin", "set", "--serial", desk.serial()});
    EXPECT_EQ(set.exit_code, 0) << set.output;
}

TEST(Provisioning, WrongSoPinsAreCountedByTheAgentToo) {
    RaDesk desk(blank_token(), {"yes", "wrong"});
    ASSERT_EQ(desk.init().exit_code, 0);
    for (int left = 4; left >= 0; --left) {
        const auto ran = desk.pin_set();
        EXPECT_EQ(code(ran), "E-SO-PIN-SALAH");
        EXPECT_NE(ran.output.find("Sisa percobaan: " + std::to_string(left)), std::string::npos) << ran.output;
    }
    EXPECT_EQ(code(desk.pin_set()), "E-SO-PIN-TERKUNCI");
}

TEST(Provisioning, AKeyNeedsAnApprovedCaseItsHolderAndAnAgreement) {
    RaDesk desk;
    ASSERT_EQ(desk.init().exit_code, 0);
    ASSERT_EQ(desk.pin_set().exit_code, 0);
    auto registration = approved_case();
    registration["state"] = "diajukan";
    desk.write_case(registration);
    EXPECT_EQ(code(desk.generate()), "E-BELUM-DISETUJUI");
    registration = approved_case();
    registration["byProxy"] = true;
    desk.write_case(registration);
    EXPECT_EQ(code(desk.generate()), "E-TIDAK-DAPAT-DIKUASAKAN");
    registration = approved_case();
    registration.erase("agreement");
    desk.write_case(registration);
    EXPECT_EQ(code(desk.generate()), "E-PERJANJIAN-BELUM-DISETUJUI");
    registration = approved_case();
    registration["subject"].as_object()["commonName"] = "Orang Lain";
    desk.write_case(registration);
    EXPECT_EQ(code(desk.generate()), "E-SUBJEK-BERBEDA");
    registration["subject"].as_object()["commonName"] = "Sri\u202eWahyuni";
    desk.write_case(registration);
    EXPECT_EQ(code(desk.generate()), "E-SUBJEK-TIDAK-SAH");
    EXPECT_EQ(desk.state(), "without-key");
}

TEST(Provisioning, OnlyTheCertificateOfThisKeyAndThisCaseIsTaken) {
    RaDesk desk;
    for (const auto& ran : {desk.init(), desk.pin_set(), desk.generate(), desk.csr()}) ASSERT_EQ(ran.exit_code, 0) << ran.output;
    EXPECT_EQ(code(desk.generate()), "E-KUNCI-SUDAH-ADA");
    EXPECT_EQ(code(desk.import(desk.issue("Sri Wahyuni", true))), "E-PASANGAN-KUNCI-TIDAK-COCOK");
    const auto other = desk.import(desk.issue("Sri Wahyuningsih"));
    EXPECT_EQ(code(other), "E-SUBJEK-BERBEDA");
    EXPECT_NE(other.output.find("commonName"), std::string::npos);
    ASSERT_EQ(desk.import(desk.issue()).exit_code, 0);
    EXPECT_EQ(code(desk.import(desk.t.folder() / "terbit.pem")), "E-SERTIFIKAT-SUDAH-ADA");
    const auto hash = std::string(desk.shown().at("certificates").as_array().at(0).as_object().at("sha256").as_string());
    EXPECT_EQ(desk.token({"cert", "delete", hash}).exit_code, 0);
    EXPECT_EQ(desk.state(), "key-without-certificate");
}

TEST(Provisioning, ATokenOfSomebodyIsNotInitialisedWithoutADestructionRecord) {
    RaDesk desk(SiteWish{}, {"yes", "swap-ending", "yes"});
    const auto serial = desk.t.site().token().serial();
    EXPECT_EQ(code(desk.token({"init", "--label", "Baru", "--serial", serial})), "E-TOKEN-TIDAK-KOSONG");
    ASSERT_EQ(desk.destroy({"--serial", serial}).exit_code, 0);
    EXPECT_EQ(code(desk.token({"init", "--label", "Baru", "--serial", serial})), "E-NOMOR-SERI-BERBEDA");
    const auto again = desk.token({"init", "--label", "Baru", "--serial", serial});
    EXPECT_EQ(again.exit_code, 0) << again.output;
    EXPECT_EQ(desk.shown().at("label").as_string(), "Baru");
}

TEST(Provisioning, WithoutTheSoPinObjectsGoOneByOneAndTheTokenMayBeInitialised) {
    RaDesk desk(SiteWish{}, {"yes"});
    const auto serial = desk.t.site().token().serial();
    const auto ran = desk.destroy({"--serial", serial, "--without-so-pin"});
    ASSERT_EQ(ran.exit_code, 0) << ran.output;
    const auto result = json::parse(ran.output).as_object().at("provisioning").as_object().at("result").as_object();
    EXPECT_EQ(result.at("removedObjects").as_int64(), 3);
    EXPECT_EQ(json::parse(read(std::string(result.at("record").as_string()))).as_object().at("certificateSha256").as_array().size(), 1u);
    EXPECT_EQ(desk.token({"init", "--label", "Baru", "--serial", serial}).exit_code, 0);
}

TEST(Provisioning, AnUnblockedPinStartsWithAllTries) {
    RaDesk desk(SiteWish{}, {"wrong", "wrong", "yes"});
    EXPECT_EQ(code(desk.token({"pin", "set"})), "E-PASSPHRASE-SALAH");
    EXPECT_EQ(code(desk.token({"pin", "set"})), "E-PASSPHRASE-SALAH");
    const auto tries = [&] {
        return json::parse(desk.t.cli({"status", "--json"}).output).as_object().at("tokens").as_array().at(0).as_object().at("triesLeft").as_int64();
    };
    EXPECT_EQ(tries(), 3);
    ASSERT_EQ(desk.token({"pin", "unblock"}).exit_code, 0);
    EXPECT_EQ(tries(), 5);
}

/// The agent dies with a question open or a step just done; whatever was left, the token itself says what comes next, and the work goes on.
TEST(Provisioning, AKilledAgentLeavesNothingHalfDoneInSilence) {
    RaDesk desk;
    const auto kill_and_return = [&] {
        desk.t.agent().signal(SIGKILL);
        ASSERT_TRUE(desk.t.agent().wait(5000).has_value());
        desk.t.start_agent();
        desk.t.start_prompter({"yes"});
    };
    const char* states[] = {"without-pin", "without-key", "key-without-certificate", "key-without-certificate"};
    int number = 0;
    for (const auto& next : {&RaDesk::init, &RaDesk::pin_set, &RaDesk::generate, &RaDesk::csr}) {
        const auto ran = (desk.*next)();
        ASSERT_EQ(ran.exit_code, 0) << ran.output;
        kill_and_return();
        EXPECT_EQ(desk.state(), states[number++]);
        EXPECT_TRUE(desk.shown().at("interrupted").as_array().empty());
    }
    ASSERT_EQ(desk.import(desk.issue()).exit_code, 0);
    kill_and_return();
    EXPECT_EQ(desk.state(), "complete");
}

TEST(Provisioning, TheTerminalComparesWhatIsTypedTwiceAndShowsNoneOfIt) {
    auto wish = blank_token();
    wish.terminal_prompter = true;
    RaDesk desk(wish, {});
    TypedProgram init({program("jurukunci"), "token", "init", "--label", "Sri W."}, desk.t.site().environment());
    ASSERT_TRUE(init.shows("> ")) << init.screen();
    EXPECT_TRUE(init.shows("Menyiapkan token"));
    init.type("ya\n");
    ASSERT_TRUE(init.shows("SO-PIN BARU: ")) << init.screen();
    init.type("amplop-4471\n");
    ASSERT_TRUE(init.shows("sekali lagi: ")) << init.screen();
    init.type("amplop-4472\n");
    ASSERT_TRUE(init.shows("tidak sama")) << init.screen();
    for (const char* prompt : {"SO-PIN BARU (2): ", "sekali lagi (2): "}) {
        ASSERT_TRUE(init.shows(prompt)) << init.screen();
        init.type("amplop-4471\n");
    }
    EXPECT_TRUE(init.shows("✓ init")) << init.screen();
    EXPECT_EQ(init.exit_code(), 0);
    EXPECT_EQ(init.screen().find("amplop"), std::string::npos) << "a secret was echoed";
    EXPECT_EQ(desk.state(), "without-pin");
}

TEST(Provisioning, AtTheTerminalAnythingButYesIsNo) {
    auto wish = blank_token();
    wish.terminal_prompter = true;
    RaDesk desk(wish, {});
    TypedProgram init({program("jurukunci"), "token", "init", "--label", "Sri W."}, desk.t.site().environment());
    ASSERT_TRUE(init.shows("> ")) << init.screen();
    init.type("boleh\n");
    EXPECT_TRUE(init.shows("token tidak diubah")) << init.screen();
    EXPECT_EQ(init.exit_code(), 4);
    EXPECT_EQ(desk.state(), "blank");
}

/// Between the question and the person's yes somebody puts another card into the reader. The step was agreed on for the first one.
class Exchanged : public testing::TestWithParam<const char*> {};

TEST_P(Exchanged, WhileThePersonReadsTheOtherTokenIsNotTouched) {
    auto wish = blank_token();
    wish.module = JURUKUNCI_UNRULY_MODULE;
    RaDesk desk(wish);
    const std::string step = GetParam();
    for (const auto& before : {&RaDesk::init, &RaDesk::pin_set, &RaDesk::generate, &RaDesk::csr}) ASSERT_EQ((desk.*before)().exit_code, 0);
    const auto certificate = desk.issue();
    if (step != "import") {
        ASSERT_EQ(desk.import(certificate).exit_code, 0);
    }
    const auto exchanged = desk.t.folder() / "exchanged";
    desk.t.start_prompter({"held:" + exchanged.string()}); // yes once that is there
    const auto asked = desk.t.shown().size();
    Ran ran;
    std::thread command([&] { ran = step == "import" ? desk.import(certificate) : step == "destroy" ? desk.destroy() : desk.pin_set(); });
    for (int i = 0; i < 1000 && desk.t.shown().size() <= asked; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    desk.t.order_module("C_GetTokenInfo swapped");
    std::ofstream(exchanged) << "yes";
    command.join();
    EXPECT_NE(ran.exit_code, 0);
    EXPECT_EQ(code(ran), "E-TOKEN-TIDAK-ADA") << ran.output;
    for (const char* call : {"C_DestroyObject", "C_SetPIN"}) EXPECT_EQ(desk.t.module_calls(call), 0) << call;
    EXPECT_EQ(desk.t.module_calls("C_InitToken"), 1);
    desk.t.order_module("");
    EXPECT_EQ(desk.state(), step == "import" ? "key-without-certificate" : "complete");
}
INSTANTIATE_TEST_SUITE_P(Provisioning, Exchanged, testing::Values("import", "destroy", "pin_set"), [](const auto& step) { return step.param; });

/// The agent or the module dies while the token is at work: the step is told, with what the token itself shows and what comes next, until it is settled.
struct Place {
    const char *id, *order; ///< for the module, when everything before is done
    std::function<Ran(RaDesk&)> step;
    std::vector<std::function<Ran(RaDesk&)>> before;
    const char *name, *state; ///< null: whatever the token shows
    const char* next;
    std::function<Ran(RaDesk&)> again;
};
void PrintTo(const Place& place, std::ostream* out) { *out << place.id; }

class Interrupted : public testing::TestWithParam<Place> {
public:
    using Step = std::function<Ran(RaDesk&)>;

    static Ran import(RaDesk& d) { return d.import(d.issue()); }
    static Ran destroy(RaDesk& d) { return d.destroy(); }
    static Ran destroy_by_holder(RaDesk& d) { return d.destroy({"--without-so-pin"}); }
    static Ran unblock(RaDesk& d) { return d.token({"pin", "unblock"}); }
    static Ran change(RaDesk& d) {
        d.write_secret("new-pin", "Sepeda-biru-9x");
        return d.pin_set();
    }
    static Ran delete_certificate(RaDesk& d) {
        return d.token({"cert", "delete", std::string(d.shown().at("certificates").as_array().at(0).as_object().at("sha256").as_string())});
    }
    static Ran init_again(RaDesk& d) { return d.token({"init", "--label", "Budi S.", "--serial", d.serial()}); }
    static Ran new_so_pin(RaDesk& d) {
        d.write_secret("new-so-pin", "amplop-5582");
        return init_again(d);
    }
    static Ran new_so_pin_again(RaDesk& d) {
        d.write_secret("so-pin", "amplop-5582"); // what the officer finds out to be the one that holds
        return init_again(d);
    }
    static std::vector<Step> complete() { return {&RaDesk::init, &RaDesk::pin_set, &RaDesk::generate, &RaDesk::csr, import}; }

    static std::vector<Place> places() {
        const std::vector<Step> made{&RaDesk::init}, own{&RaDesk::init, &RaDesk::pin_set}, key{&RaDesk::init, &RaDesk::pin_set, &RaDesk::generate},
            asked{&RaDesk::init, &RaDesk::pin_set, &RaDesk::generate, &RaDesk::csr};
        const char *generate = "token key generate", *csr = "token csr, token cert import";
        return {
            {"InitToken", "C_InitToken hang", &RaDesk::init, {}, "init", "blank", "token init", &RaDesk::init},
            {"InitTokenDone", "C_InitToken done-hang", &RaDesk::init, {}, "init", "without-pin", "token init", init_again},
            {"SoPinOfInit", "C_SetPIN hang", new_so_pin, made, "init", "without-pin", "token init", new_so_pin},
            {"SoPinOfInitDone", "C_SetPIN done-hang", new_so_pin, made, "init", "without-pin", "token init", new_so_pin_again},
            {"InitPin", "C_InitPIN hang", &RaDesk::pin_set, made, "pin-set", "without-pin", "token pin set", &RaDesk::pin_set},
            {"InitPinDone", "C_InitPIN done-hang", &RaDesk::pin_set, made, "pin-set", "without-key", generate, &RaDesk::generate},
            {"GenerateKeyPair", "C_GenerateKeyPair hang", &RaDesk::generate, own, "key-generate", "without-key", generate, &RaDesk::generate},
            {"GenerateKeyPairDone", "C_GenerateKeyPair done-hang", &RaDesk::generate, own, "key-generate", "key-without-certificate", csr,
             &RaDesk::csr},
            {"Sign", "C_Sign hang", &RaDesk::csr, key, "csr", "key-without-certificate", csr, &RaDesk::csr},
            {"CreateObject", "C_CreateObject hang", import, asked, "cert-import", "key-without-certificate", csr, import},
            {"CreateObjectDone", "C_CreateObject done-hang", import, asked, "cert-import", "complete", "", change},
            {"SetPin", "C_SetPIN hang", change, complete(), "pin-set", "complete", "", change},
            {"SetPinDone", "C_SetPIN done-hang", change, complete(), "pin-set", "complete", "", unblock},
            {"Unblock", "C_InitPIN hang", unblock, complete(), "pin-unblock", "complete", "", unblock},
            {"UnblockDone", "C_InitPIN done-hang", unblock, complete(), "pin-unblock", "complete", "", unblock},
            {"CertDelete", "C_DestroyObject hang", delete_certificate, complete(), "cert-delete", "complete", "", delete_certificate},
            {"CertDeleteDone", "C_DestroyObject done-hang", delete_certificate, complete(), "cert-delete", "key-without-certificate", csr, import},
            {"Destroy", "C_DestroyObject hang", destroy_by_holder, complete(), "destroy", "complete", "token destroy", destroy_by_holder},
            {"DestroyHalfWay", "C_DestroyObject hang@2", destroy_by_holder, complete(), "destroy", nullptr, "token destroy", destroy_by_holder},
            {"DestroyDone", "C_InitToken done-hang", destroy, complete(), "destroy", "without-pin", "token destroy", destroy}};
    }

    /// Everything up to the order; then the step, in a thread of its own.
    void begin(RaDesk& desk) {
        for (const auto& before : GetParam().before) {
            const auto ran = before(desk);
            ASSERT_EQ(ran.exit_code, 0) << ran.output;
        }
        desk.t.order_module(GetParam().order);
    }
    void told_and_gone_on_with(RaDesk& desk) {
        const auto& place = GetParam();
        if (place.state != nullptr) {
            EXPECT_EQ(desk.state(), place.state);
        }
        const auto shown = desk.shown();
        EXPECT_EQ(shown.at("nextStep").is_string() ? shown.at("nextStep").as_string() : "", place.next);
        const auto told = shown.at("interrupted").as_array();
        ASSERT_EQ(told.size(), 1u);
        EXPECT_EQ(told[0].as_object().at("step").as_string(), place.name);
        EXPECT_EQ(told[0].as_object().at("error").as_object().at("code").as_string(), "E-LANGKAH-TERPUTUS");
        EXPECT_EQ(open_steps(desk), 1u);
        if (desk.state() == "without-pin" && std::string(place.name) != "pin-set") {
            const auto ran = desk.pin_set();
            EXPECT_EQ(code(ran), "E-LANGKAH-TERPUTUS") << "a first PIN on it would be the end of the matter";
            EXPECT_NE(ran.output.find(place.next), std::string::npos);
        }
        const auto again = place.again(desk);
        ASSERT_EQ(again.exit_code, 0) << again.output;
        EXPECT_TRUE(desk.shown().at("interrupted").as_array().empty());
        EXPECT_EQ(open_steps(desk), 0u);
        if (std::string(place.name) != "destroy") return;
        const auto result = json::parse(again.output).as_object().at("provisioning").as_object().at("result").as_object();
        const auto record = json::parse(read(std::string(result.at("record").as_string()))).as_object();
        EXPECT_EQ(record.at("certificateSha256").as_array().size(), 1u) << "also what the first one had removed already";
        EXPECT_EQ(record.at("publicKeySha256").as_array().size(), 1u);
    }
    static std::size_t open_steps(RaDesk& desk) {
        return json::parse(desk.t.cli({"status", "--json"}).output).as_object().at("interruptedSteps").as_array().size();
    }
    static SiteWish unruly() {
        auto wish = blank_token();
        wish.module = JURUKUNCI_UNRULY_MODULE;
        return wish;
    }
};

TEST_P(Interrupted, InTheMiddleOfACallIsToldAndGoneOnWith) {
    RaDesk desk(unruly());
    begin(desk);
    const std::string order = GetParam().order, function = order.substr(0, order.find(' '));
    const bool done = order.find("done-") != std::string::npos, second = order.ends_with("@2");
    const auto calls = [&] { return desk.t.module_calls(done ? function + " done" : function); };
    const auto reached = calls() + (second ? 2 : 1);
    std::thread command([&] { (void)GetParam().step(desk); });
    for (int i = 0; i < 1000 && calls() < reached; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_EQ(calls(), reached);
    desk.t.agent().signal(SIGKILL);
    command.join();
    ASSERT_TRUE(desk.t.agent().wait(5000).has_value());
    desk.t.order_module("");
    desk.t.start_agent();
    desk.t.start_prompter({"yes"});
    told_and_gone_on_with(desk);
}

TEST_P(Interrupted, ByACrashOfTheModuleIsToldAtOnce) {
    RaDesk desk(unruly());
    begin(desk);
    std::string order = GetParam().order;
    desk.t.order_module(order.replace(order.find("hang"), 4, "crash"));
    const auto ran = GetParam().step(desk);
    EXPECT_EQ(code(ran), "E-MODUL-BERHENTI") << ran.output;
    desk.t.order_module("");
    told_and_gone_on_with(desk);
}

INSTANTIATE_TEST_SUITE_P(Provisioning, Interrupted, testing::ValuesIn(Interrupted::places()),
                         [](const auto& place) { return std::string(place.param.id); });

} // namespace
} // namespace jk::test
