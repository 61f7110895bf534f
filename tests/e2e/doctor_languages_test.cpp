// jurukunci doctor on sites that were spoiled, each in one way: every finding has its code, and a sentence and a next step in both languages, whoever
// found it: this program, the configuration, the log, or the agent and its modules.
#include "tests/support/judges.hpp"
#include "tests/support/running_agent.hpp"
#include "tests/support/two_languages.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <functional>

namespace jk::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string text(const json::object& o, const std::string& language, const char* part) {
    return std::string(o.at(language).as_object().at(part).as_string());
}

/// Runs it in both languages; every finding is judged, those of this very computer, too.
json::array findings(const std::vector<std::string>& environment, const fs::path& folder) {
    json::array all;
    for (const std::string language : {"en", "id"}) {
        const auto ran = run_program({program("jurukunci"), "doctor", "--json", "--lang", language}, environment, folder);
        boost::system::error_code ec;
        const auto body = json::parse(ran.output, ec);
        if (ec) throw std::runtime_error(ran.output);
        all = body.at("findings").as_array();
        for (const auto& value : all) {
            const auto& finding = value.as_object();
            const std::string code(finding.at("code").as_string());
            EXPECT_THAT(code, testing::StartsWith("E-"));
            EXPECT_EQ(finding.at("userMessage").as_string(), text(finding, language, "sentence"));
            EXPECT_EQ(finding.at("remedy").as_string(), text(finding, language, "remedy"));
            EXPECT_NE(text(finding, "id", "sentence"), text(finding, "en", "sentence"));
            for (const char* part : {"sentence", "remedy"}) {
                EXPECT_THAT(english_in(text(finding, "id", part)), IsEmpty()) << code << ": " << text(finding, "id", part);
                for (const std::string said : {"id", "en"}) {
                    EXPECT_FALSE(text(finding, said, part).empty()) << code;
                    EXPECT_THAT(text(finding, said, part), Not(testing::ContainsRegex("[{}]|\"\\?\"|\\?"))) << code;
                }
            }
        }
    }
    return all;
}

/// The finding of this code; an empty one where there is none.
json::object of_code(const json::array& all, const std::string& code) {
    for (const auto& value : all)
        if (value.at("code").as_string() == code) return value.as_object();
    return {};
}

struct Spoiling {
    const char *name, *code;
    std::function<void(RunningAgent&)> spoil;
    std::string indonesian, english; ///< parts of the sentences that say what exactly is wrong
};
void PrintTo(const Spoiling& s, std::ostream* out) { *out << s.name; }

fs::path modules_d(const RunningAgent& t) { return t.site().configuration() / "modules.d"; }
void add_module(const RunningAgent& t, const std::string& yaml) { std::ofstream(modules_d(t) / "tambahan.yaml") << yaml; }
fs::path copied_library(const RunningAgent& t) {
    const auto library = t.folder() / "lib/pabrik.so";
    fs::create_directories(library.parent_path());
    fs::copy_file(JURUKUNCI_UNRULY_MODULE, library);
    add_module(t, "name: pabrik\npath: " + library.string() + "\n");
    return library;
}
void append(const fs::path& file, const std::string& line) { std::ofstream(file, std::ios::app) << line; }

const std::vector<Spoiling>& spoilings() {
    static const std::vector<Spoiling> all{
        {"ModuleMissing", "E-MODUL-TIDAK-TERPASANG", [](auto& t) { add_module(t, "name: pabrik\npath: /usr/lib/tidak-ada.so\n"); },
         "/usr/lib/tidak-ada.so", "/usr/lib/tidak-ada.so is not installed"},
        {"KnownModuleMissing", "E-MODUL-TIDAK-TERPASANG", [](auto& t) { add_module(t, "name: pabrik\nknown: watchdata\n"); }, "tidak terpasang",
         "is not installed"},
        {"ModuleOfAnotherUser", "E-MODUL-TIDAK-AMAN", [](auto& t) { ASSERT_EQ(chown(copied_library(t).c_str(), 65534, 65534), 0); },
         "milik pengguna lain", "belongs to uid 65534"},
        {"ModuleThatOthersMayChange", "E-MODUL-TIDAK-AMAN", [](auto& t) { chmod(copied_library(t).c_str(), 0777); },
         "dapat ditulis oleh pengguna lain", "is writable by others"},
        {"ModuleInAFolderThatOthersMayChange", "E-MODUL-TIDAK-AMAN", [](auto& t) { chmod(copied_library(t).parent_path().c_str(), 0777); },
         "dapat ditulis oleh pengguna lain", "its folder"},
        {"ModuleByARelativePath", "E-MODUL-TIDAK-DAPAT-DIPAKAI", [](auto& t) { add_module(t, "name: pabrik\npath: lib/x.so\n"); },
         "tidak ditulis lengkap", "is no absolute path"},
        {"NoModule", "E-MODUL-TIDAK-DAPAT-DIPAKAI", [](auto& t) { fs::remove(modules_d(t) / "softhsm.yaml"); }, "belum ada", "no module is listed"},
        {"ModuleFileWithAnUnknownKey", "E-KONFIGURASI-DITOLAK", [](auto& t) { add_module(t, "name: pabrik\npth: /x\n"); }, "tidak sesuai ketentuan",
         "unknown key `pth`"},
        {"ModuleFileThatIsNoYaml", "E-KONFIGURASI-DITOLAK", [](auto& t) { add_module(t, "name: pabrik\npath: [\n"); }, "di sekitar baris", "line"},
        {"ModuleFileOfAnotherUser", "E-KONFIGURASI-DITOLAK",
         [](auto& t) { ASSERT_EQ(chown((modules_d(t) / "softhsm.yaml").c_str(), 65534, 65534), 0); }, "milik pengguna lain", "belongs to uid 65534"},
        {"ModuleFolderThatOthersMayChange", "E-KONFIGURASI-DITOLAK", [](auto& t) { chmod(modules_d(t).c_str(), 0777); },
         "dapat ditulis oleh pengguna lain", "is writable by others"},
        {"TwoModulesOfOneName", "E-KONFIGURASI-DITOLAK", [](auto& t) { fs::copy_file(modules_d(t) / "softhsm.yaml", modules_d(t) / "z.yaml"); },
         "sudah dipakai penggerak lain", "another module's already"},
        {"ProfileMissing", "E-KONFIGURASI-DITOLAK", [](auto& t) { fs::remove(t.site().configuration() / "profile.yaml"); }, "tidak ada",
         "No such file"},
        {"ProfileWithAnUnknownKey", "E-KONFIGURASI-DITOLAK", [](auto& t) { append(t.site().configuration() / "profile.yaml", "limit: {}\n"); },
         "tidak sesuai ketentuan", "unknown key `limit`"},
        {"ProfileThatOthersMayChange", "E-KONFIGURASI-DITOLAK", [](auto& t) { chmod((t.site().configuration() / "profile.yaml").c_str(), 0666); },
         "dapat ditulis oleh pengguna lain", "is writable by others"},
        {"ProfileInServiceWithoutItsBundle", "E-PROFIL-DIUBAH",
         [](auto& t) {
             const auto file = t.site().configuration() / "profile.yaml";
             std::string yaml;
             std::ifstream in(file);
             for (std::string line; std::getline(in, line);) yaml += (line == "environment: uji" ? "environment: produksi" : line) + "\n";
             std::ofstream(file) << yaml;
         },
         "bundle.cms", "needs a bundle that the RA signed"},
        {"RetentionOutOfRange", "E-KONFIGURASI-DITOLAK", [](auto& t) { append(t.site().configuration() / "retention.yaml", "segment_rows: 1\n"); },
         "retention.yaml", "segment_rows must be from"},
        {"DeliveryWithoutAnAddress", "E-KONFIGURASI-DITOLAK",
         [](auto& t) { append(t.site().configuration() / "delivery.yaml", "registration_authority: {}\n"); }, "delivery.yaml", "is missing"},
        {"StateFolderThatIsAFile", "E-KONFIGURASI-DITOLAK",
         [](auto& t) {
             t.agent().signal(SIGTERM);
             t.agent().wait(10'000);
             fs::remove_all(t.site().state());
             std::ofstream(t.site().state()) << "x";
         },
         "bukan folder", "is not a folder"},
        {"LogThatIsNoDatabase", "E-LOG-TIDAK-DAPAT-DIBACA",
         [](auto& t) {
             t.agent().signal(SIGTERM);
             t.agent().wait(10'000);
             for (const char* more : {"audit.db-wal", "audit.db-shm"}) fs::remove(t.site().state() / more);
             std::ofstream(t.site().state() / "audit.db") << std::string(5000, 'x');
         },
         "tidak dapat dibaca", "could not be read"},
        {"AgentStopped", "E-AGEN-TIDAK-JALAN",
         [](auto& t) {
             t.agent().signal(SIGTERM);
             t.agent().wait(10'000);
         },
         "belum berjalan", "No agent answers at"},
        {"NobodyToAsk", "E-PERSETUJUAN-TIDAK-TERSEDIA", [](auto& t) { t.stop_prompter(); }, "", ""},
        {"PinLocked", "E-PASSPHRASE-TERKUNCI", [](auto& t) { t.order_module("C_GetTokenInfo locked\n"); }, "terkunci", "is locked"},
        {"PinToBeChanged", "E-PASSPHRASE-HARUS-DIGANTI", [](auto& t) { t.order_module("C_GetTokenInfo expired\n"); }, "masih bawaan",
         "still the initial one"},
        {"NoToken", "E-TOKEN-TIDAK-ADA", [](auto& t) { t.order_module("C_GetTokenInfo removed\n"); }, "", ""},
        {"ModuleThatCrashes", "E-MODUL-BERHENTI", [](auto& t) { t.order_module("C_GetSlotList crash\n"); }, "", ""},
    };
    return all;
}

class SpoiledSite : public testing::TestWithParam<Spoiling> {};

TEST_P(SpoiledSite, IsToldUnderItsCodeInBothLanguages) {
    if (geteuid() != 0) GTEST_FAIL() << "this test gives files to another user and must run as root";
    SiteWish wish;
    wish.module = JURUKUNCI_UNRULY_MODULE;
    RunningAgent t(wish);
    ASSERT_EQ(t.request("GET", "/v1/status").status, 200);
    GetParam().spoil(t);
    const auto all = findings(t.site().environment(), t.folder());
    const auto found = of_code(all, GetParam().code);
    ASSERT_FALSE(found.empty()) << json::serialize(all);
    EXPECT_THAT(text(found, "id", "sentence"), HasSubstr(GetParam().indonesian));
    EXPECT_THAT(text(found, "en", "sentence"), HasSubstr(GetParam().english));
}

INSTANTIATE_TEST_SUITE_P(Each, SpoiledSite, testing::ValuesIn(spoilings()), [](const auto& one) { return std::string(one.param.name); });

TEST(DoctorLanguages, WhatTheAgentSaysOfAModuleIsInBoth) {
    SiteWish wish;
    wish.modules = {{"matematika", "/usr/lib/x86_64-linux-gnu/libm.so.6", {}, ""}}; // a library, and none of PKCS#11
    RunningAgent t(wish);
    (void)t.request("GET", "/v1/status");
    const auto found = of_code(findings(t.site().environment(), t.folder()), "E-MODUL-TIDAK-DAPAT-DIPAKAI");
    ASSERT_FALSE(found.empty());
    EXPECT_THAT(text(found, "id", "sentence"), HasSubstr("bukan penggerak PKCS#11"));
    EXPECT_THAT(text(found, "en", "sentence"), HasSubstr("it has no C_GetFunctionList"));
}

TEST(DoctorLanguages, WhatIsWrongWithEachCertificateIsInBoth) {
    SiteWish wish;
    wish.token.certificate.not_before = SystemClock().now() - std::chrono::hours(48);
    wish.token.certificate.not_after = SystemClock().now() - std::chrono::hours(24);
    RunningAgent t(wish);
    const auto found = of_code(findings(t.site().environment(), t.folder()), "E-MASA-BERLAKU-HABIS");
    ASSERT_FALSE(found.empty());
    EXPECT_THAT(text(found, "en", "sentence"), Not(HasSubstr("Masa berlaku")));
}

TEST(DoctorLanguages, TheSessionsFolderAndItsFaults) {
    RunningAgent t;
    auto environment = t.site().environment();
    std::erase_if(environment, [](const std::string& entry) { return entry.starts_with("XDG_RUNTIME_DIR="); });
    auto found = of_code(findings(environment, t.folder()), "E-FOLDER-SESI-TIDAK-LAYAK");
    ASSERT_FALSE(found.empty());
    EXPECT_THAT(text(found, "id", "sentence"), HasSubstr("tidak disetel"));
    const auto open = t.folder() / "terbuka";
    fs::create_directories(open);
    chmod(open.c_str(), 0755);
    environment.push_back("XDG_RUNTIME_DIR=" + open.string());
    found = of_code(findings(environment, t.folder()), "E-FOLDER-SESI-TIDAK-LAYAK");
    ASSERT_FALSE(found.empty());
    EXPECT_THAT(text(found, "id", "sentence"), HasSubstr("terbuka bagi pengguna lain"));
}

} // namespace
} // namespace jk::test
