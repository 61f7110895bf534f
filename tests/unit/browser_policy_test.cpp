// Policy files of the browsers: somebody else's bytes stay, ours come and go.
#include "cli/browser_policy/chromium_file.hpp"
#include "cli/browser_policy/json_outline.hpp"
#include "cli/browser_policy/policy_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace jk::browser_policy {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string eoffice = "eoffice.kota.go.id", surat = "surat.kota.go.id";
const std::vector<ListedPage> one_page{{"https://eoffice.kota.go.id", eoffice}};
const std::vector<ListedPage> two_pages{{"https://eoffice.kota.go.id", eoffice}, {"https://surat.kota.go.id:8443", surat}};

// As IT staff write it: an order of its own, tabs, a number with its zeros, an escape, a list of their own.
const std::string theirs = R"({
	"policies": {
		"DisableTelemetry": true,
		"Preferences": {"layout.css.devPixelsPerPx": {"Value": 1.50, "Status": "default"}},
		"Homepage": {"URL": "https:\/\/intranet.kota.go.id\/", "Locked": true},
		"LocalNetworkAccess": {
			"Locked": true,
			"SkipDomains": [
				"printer.kota.go.id",
				"*.absen.kota.go.id"
			]
		},
		"Certificates": {"Install": ["kota.pem"]}
	}
}
)";

std::string merged(const std::string& base, const std::vector<std::string>& hosts) {
    const auto merge = merge_firefox(base, hosts);
    EXPECT_TRUE(merge) << (merge ? "" : merge.error().log_line());
    return merge ? merge->text.value_or("(no file)") : "";
}

std::string reason_of(const Error& error) { return error.sentence(Language::english); }

TEST(FirefoxPolicy, OurHostsStandBehindThoseOfOthersAndEveryOtherByteStays) {
    auto expected = theirs;
    const std::string last = "\"*.absen.kota.go.id\"";
    expected.insert(expected.find(last) + last.size(), ",\n\t\t\t\t\"eoffice.kota.go.id\",\n\t\t\t\t\"surat.kota.go.id\"");
    EXPECT_EQ(merged(theirs, {eoffice, surat}), expected);
}

TEST(FirefoxPolicy, WhatIsMissingOnTheWayIsMadeInPlace) {
    EXPECT_EQ(merged(R"({"policies": {"LocalNetworkAccess": {"Enabled": true}}})", {eoffice}),
              R"({"policies": {"LocalNetworkAccess": {"Enabled": true, "SkipDomains": ["eoffice.kota.go.id"]}}})");
    EXPECT_EQ(merged("{\n  \"policies\": {\n    \"A\": 1\n  }\n}\n", {eoffice, surat}),
              "{\n  \"policies\": {\n    \"A\": 1,\n    \"LocalNetworkAccess\": {\"SkipDomains\": [\"eoffice.kota.go.id\", \"surat.kota.go.id\"]}\n  "
              "}\n}\n");
    EXPECT_EQ(merged("{}", {eoffice}), R"({"policies": {"LocalNetworkAccess": {"SkipDomains": ["eoffice.kota.go.id"]}}})");
    EXPECT_EQ(merged(R"({"policies":{"LocalNetworkAccess":{"SkipDomains":[ ]}}})", {eoffice}),
              R"({"policies":{"LocalNetworkAccess":{"SkipDomains":["eoffice.kota.go.id" ]}}})");
}

TEST(FirefoxPolicy, AHostThatSomebodyElseListedIsTheirs) {
    const std::string base = R"({"policies":{"LocalNetworkAccess":{"SkipDomains":["eoffice\u002ekota.go.id"]}}})";
    const auto merge = merge_firefox(base, {eoffice, surat});
    ASSERT_TRUE(merge);
    EXPECT_THAT(merge->share.hosts, ElementsAre(surat));
    EXPECT_THAT(merge->share.made, IsEmpty());
    EXPECT_EQ(merge_firefox(base, {eoffice})->text, base);
}

TEST(FirefoxPolicy, TakenOutAgainTheTextIsWhatItWas) {
    for (const std::string& base :
         {theirs, std::string("{}"), std::string("{ }\n"), std::string("{\"a\":[]}"), std::string("{\"policies\":{\n}}"),
          std::string(R"({"policies":{"LocalNetworkAccess":{ }}})"), std::string(R"({"policies":{"LocalNetworkAccess":{"SkipDomains":[]}}})"),
          std::string(R"({"x": "}]\"{", "policies" : {"LocalNetworkAccess" :{"SkipDomains" : ["a" ,"b" ] ,"Locked":false}}})")}) {
        const auto merge = merge_firefox(base, {eoffice, surat});
        ASSERT_TRUE(merge) << base;
        ASSERT_NE(*merge->text, base);
        const auto back = without_share(*merge->text, merge->share, false);
        ASSERT_TRUE(back) << *merge->text;
        EXPECT_EQ(**back, base);
    }
}

TEST(FirefoxPolicy, OfAFileThatOthersChangedMeanwhileOnlyOurEntriesGo) {
    const auto merge = merge_firefox(theirs, {eoffice, surat});
    auto changed = *merge->text;
    changed.replace(changed.find("true"), 4, "false");
    const std::string between = "\"surat.kota.go.id\"";
    changed.insert(changed.find(between), "\"baru.kota.go.id\",");
    auto expected = theirs;
    expected.replace(expected.find("true"), 4, "false");
    const std::string last = "\"*.absen.kota.go.id\"";
    expected.insert(expected.find(last) + last.size(), ",\n\t\t\t\t\"baru.kota.go.id\"");
    EXPECT_EQ(**without_share(changed, merge->share, false), expected);
}

TEST(FirefoxPolicy, AContainerThatWeMadeStaysWhenOthersUseIt) {
    const auto merge = merge_firefox("{}", {eoffice});
    auto changed = *merge->text;
    changed.insert(changed.find("\"SkipDomains\""), "\"Locked\": true, ");
    EXPECT_EQ(**without_share(changed, merge->share, false), R"({"policies": {"LocalNetworkAccess": {"Locked": true}}})");
}

TEST(FirefoxPolicy, AFileThatWeMadeAndNobodyElseUsesGoes) {
    const auto merge = merge_firefox(std::nullopt, {eoffice});
    EXPECT_FALSE(without_share(*merge->text + "\n", merge->share, true)->has_value());
    EXPECT_FALSE(merge_firefox(std::nullopt, {})->text.has_value());
    auto used = *merge->text;
    used.insert(used.find("\"LocalNetworkAccess\""), "\"DisableTelemetry\": true, ");
    EXPECT_THAT(**without_share(used, merge->share, true), HasSubstr("DisableTelemetry"));
}

TEST(FirefoxPolicy, WhatCannotBeMergedIsRefusedWithItsPlace) {
    struct {
        std::string text, reason;
    } const cases[] = {
        {"{\n  \"policies\": {,}\n}", "line 2, column 16"},
        {"", "incomplete"},
        {"{} {}", "something follows the value"},
        {"{\"policies\": {} // comment\n}", "line 1, column 17"},
        {"[]", "the outermost value is no object, at line 1, column 1"},
        {"{\n \"policies\": []}", "policies is no object, at line 2, column 14"},
        {R"({"policies": {"LocalNetworkAccess": null}})", "LocalNetworkAccess is no object"},
        {R"({"policies": {"LocalNetworkAccess": {"SkipDomains": "a"}}})", "SkipDomains is no list"},
        {R"({"policies": {"LocalNetworkAccess": {"SkipDomains": ["a", 1]}}})", "SkipDomains holds something that is no string, at line 1, column 59"},
        {"{\"policies\": {},\n \"policies\": {}}", "policies stands there twice, the second time at line 2, column 2"},
        {"{\"a\": \"\xff\"}", "is not UTF-8"},
        {std::string(100, '[') + std::string(100, ']'), "is no JSON"},
        {"\"" + std::string(max_policy_bytes, 'a') + "\"", "is larger than 1 MiB"},
    };
    for (const auto& [text, reason] : cases) {
        const auto merge = merge_firefox(text, {eoffice});
        ASSERT_FALSE(merge) << text.substr(0, 100);
        EXPECT_EQ(merge.error().code, Errc::browser_policy_refused);
        EXPECT_THAT(reason_of(merge.error()), HasSubstr(reason));
        EXPECT_FALSE(without_share(text, {{eoffice}, {}}, false));
    }
}

TEST(FirefoxPolicy, WhatOthersWroteThatDefeatsTheQuestionIsTold) {
    EXPECT_THAT(warnings_of_firefox(theirs), IsEmpty());
    EXPECT_THAT(warnings_of_firefox(R"({"policies":{"LocalNetworkAccess":{"Enabled":false}}})"), ElementsAre(HasSubstr("Enabled is false")));
    EXPECT_THAT(warnings_of_firefox(R"({"policies":{"LocalNetworkAccess":{"EnablePrompting":false,"SkipDomains":["127.0.0.1","*"]}}})"),
                ElementsAre(HasSubstr("EnablePrompting"), HasSubstr("127.0.0.1"), HasSubstr("\"*\"")));
}

TEST(ChromiumPolicy, SaysTheExactOriginsAndNothingElse) {
    EXPECT_EQ(*chromium_file({"https://eoffice.kota.go.id", "https://surat.kota.go.id:8443"}, false),
              "{\n  \"LoopbackNetworkAllowedForUrls\": [\n    \"https://eoffice.kota.go.id\",\n    \"https://surat.kota.go.id:8443\"\n  ]\n}\n");
    EXPECT_EQ(*chromium_file({}, true), "{\n  \"LoopbackNetworkAllowedForUrls\": [],\n  \"LoopbackNetworkBlockedForUrls\": [\"*\"]\n}\n");
    EXPECT_FALSE(chromium_file({}, false));
    EXPECT_FALSE(fault_of_json(*chromium_file({"https://a.id"}, true)));
}

/// A root with files, and what a `diff -r` of it before and after would see.
struct PolicyFiles : ::testing::Test {
    fs::path root = fs::temp_directory_path() / ("jurukunci-policy-" + std::to_string(getpid()));
    const fs::path firefox = root / "etc/firefox/policies/policies.json", chromium = root / "etc/chromium/policies/managed/jurukunci.json";
    const fs::path record = root / record_path;

    PolicyFiles() { fs::create_directories(root / "etc"); }
    ~PolicyFiles() override { fs::remove_all(root); }

    static std::string read(const fs::path& path) {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    static void put(const fs::path& path, const std::string& text) {
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << text;
    }
    std::map<std::string, std::string> tree() const {
        std::map<std::string, std::string> all;
        for (const auto& entry : fs::recursive_directory_iterator(root)) {
            struct stat status {};
            lstat(entry.path().c_str(), &status);
            all[entry.path().string()] = std::to_string(status.st_mode) + " " + std::to_string(status.st_gid) + " " +
                                         (entry.is_regular_file() && !entry.is_symlink() ? read(entry.path()) : "");
        }
        return all;
    }
    JudgedRoot judged() const {
        auto opened = JudgedRoot::open(root);
        EXPECT_TRUE(opened);
        return std::move(*opened);
    }
    std::string refusal_of_write(const std::vector<ListedPage>& pages = one_page) const {
        const auto written = write(judged(), pages, false);
        return written ? "written" : reason_of(written.error());
    }
};

TEST_F(PolicyFiles, WrittenAndUndoneLeaveTheRootByteForByteAsItWas) {
    put(firefox, theirs);
    fs::permissions(firefox, fs::perms(0640));
    put(root / "etc/chromium/policies/managed/kota.json", "{\"BlockExternalExtensions\": true}");
    const auto before = tree();
    ASSERT_TRUE(write(judged(), one_page, false));
    EXPECT_NE(tree(), before);
    EXPECT_EQ(read(firefox), merged(theirs, {eoffice}));
    for (const auto* own : {"etc/chromium", "etc/opt/chrome", "etc/opt/edge"}) {
        const auto file = root / own / "policies/managed/jurukunci.json";
        EXPECT_EQ(read(file), *chromium_file({"https://eoffice.kota.go.id"}, false));
        struct stat status {};
        stat(file.c_str(), &status);
        EXPECT_EQ(status.st_mode & 07777, 0644u);
    }
    ASSERT_TRUE(write(judged(), two_pages, true)); // a later registry does not forget what was there before the first
    ASSERT_TRUE(write(judged(), {}, false));
    ASSERT_TRUE(write(judged(), two_pages, false));
    const auto undone = undo(judged());
    ASSERT_TRUE(undone);
    EXPECT_EQ(undone->size(), 4u);
    EXPECT_EQ(tree(), before);
}

TEST_F(PolicyFiles, OnAMachineWithoutAnyPolicyNothingIsLeft) {
    const auto before = tree();
    ASSERT_TRUE(write(judged(), two_pages, true));
    EXPECT_TRUE(*is_written(judged()));
    ASSERT_TRUE(undo(judged()));
    EXPECT_EQ(tree(), before);
    EXPECT_FALSE(*is_written(judged()));
    EXPECT_THAT(*undo(judged()), IsEmpty());
}

TEST_F(PolicyFiles, NothingSetuidAndNoCertificateIsEverWritten) {
    put(firefox, theirs);
    ASSERT_TRUE(write(judged(), two_pages, true));
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        struct stat status {};
        ASSERT_EQ(lstat(entry.path().c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07000, 0u) << entry.path();
        if (!entry.is_regular_file() || entry.path() == firefox || entry.path() == record) continue;
        EXPECT_THAT(read(entry.path()), ::testing::Not(::testing::ContainsRegex("[Cc]ertificate|PRIVATE|[Ii]nstall")));
    }
    EXPECT_EQ(**without_share(read(firefox), {{eoffice, surat}, {}}, false), theirs); // and of theirs nothing but two hosts
}

TEST_F(PolicyFiles, ShowingChangesNothing) {
    put(firefox, theirs);
    const auto before = tree();
    const auto shown = plan(judged(), two_pages, true);
    ASSERT_TRUE(shown);
    EXPECT_FALSE(shown->current());
    EXPECT_EQ(tree(), before);
}

TEST_F(PolicyFiles, CurrentUntilTheRegistryOrAFileChanges) {
    ASSERT_TRUE(write(judged(), two_pages, true));
    const auto written = tree();
    EXPECT_TRUE(plan(judged(), two_pages, std::nullopt)->current());
    ASSERT_TRUE(write(judged(), two_pages, true));
    EXPECT_EQ(tree(), written);
    EXPECT_FALSE(plan(judged(), one_page, std::nullopt)->current());
    EXPECT_FALSE(plan(judged(), two_pages, false)->current());
    ASSERT_TRUE(write(judged(), one_page, true)); // an origin that has left the registry leaves the files
    EXPECT_EQ(read(firefox).find(surat), std::string::npos);
    EXPECT_EQ(read(chromium).find(surat), std::string::npos);
    fs::remove(firefox);
    EXPECT_FALSE(plan(judged(), one_page, std::nullopt)->current());
}

TEST_F(PolicyFiles, WhatOthersWriteAfterUsStaysAndOursIsKeptUpAndUndone) {
    put(firefox, theirs);
    ASSERT_TRUE(write(judged(), two_pages, false));
    auto changed = read(firefox);
    changed.replace(changed.find("1.50"), 4, "2.0");
    put(firefox, changed);
    EXPECT_TRUE(plan(judged(), two_pages, std::nullopt)->current());
    ASSERT_TRUE(write(judged(), one_page, false));
    auto expected = theirs;
    expected.replace(expected.find("1.50"), 4, "2.0");
    EXPECT_EQ(read(firefox), merged(expected, {eoffice}));
    ASSERT_TRUE(undo(judged()));
    EXPECT_EQ(read(firefox), expected);
}

TEST_F(PolicyFiles, AForeignFileUnderOurNameIsRefusedAndNothingElseIsWritten) {
    put(chromium, "{\"LoopbackNetworkAllowedForUrls\": [\"https://lain.id\"]}");
    const auto before = tree();
    EXPECT_THAT(refusal_of_write(), HasSubstr("jurukunci.json is not as Jurukunci wrote it"));
    EXPECT_EQ(tree(), before);
    fs::remove(chromium);
    ASSERT_TRUE(write(judged(), one_page, false));
    put(chromium, read(chromium) + " ");
    EXPECT_THAT(refusal_of_write(), HasSubstr("changed by hand"));
    const auto undone = undo(judged());
    ASSERT_FALSE(undone);
    EXPECT_TRUE(fs::exists(firefox)); // all or nothing
}

TEST_F(PolicyFiles, SomebodysBrokenFileIsNamedAndLeftAlone) {
    put(firefox, "{\n  \"policies\": {\n    \"DisableTelemetry\": tru\n");
    const auto before = tree();
    EXPECT_THAT(refusal_of_write(), ::testing::AllOf(HasSubstr(firefox.string()), HasSubstr("line 3, column ")));
    EXPECT_EQ(tree(), before);
}

TEST_F(PolicyFiles, SymlinksAndFoldersThatOthersCanChangeAreRefused) {
    put(root / "elsewhere/policies.json", theirs);
    fs::create_directories(firefox.parent_path());
    fs::create_symlink(root / "elsewhere/policies.json", firefox);
    EXPECT_THAT(refusal_of_write(), HasSubstr("policies.json is a symlink"));
    fs::remove_all(root / "etc/firefox");
    fs::create_directory_symlink(root / "elsewhere", root / "etc/firefox");
    EXPECT_THAT(refusal_of_write(), HasSubstr("etc/firefox is a symlink"));
    fs::remove(root / "etc/firefox");
    put(firefox, theirs);
    for (const auto& path : {firefox.parent_path(), firefox, root / "etc"}) {
        const auto mode = fs::status(path).permissions();
        fs::permissions(path, fs::perms::group_write, fs::perm_options::add);
        EXPECT_THAT(refusal_of_write(), HasSubstr(path.string() + " is writable by others"));
        fs::permissions(path, mode);
    }
    EXPECT_EQ(read(root / "elsewhere/policies.json"), theirs);
    EXPECT_EQ(read(firefox), theirs);
    EXPECT_FALSE(fs::exists(chromium));
}

TEST_F(PolicyFiles, AFileOfAnotherUserIsRefused) {
    if (geteuid() != 0) GTEST_FAIL() << "must give a file to another user: run as root";
    put(firefox, theirs);
    ASSERT_EQ(chown(firefox.c_str(), 65534, 65534), 0);
    EXPECT_THAT(refusal_of_write(), HasSubstr("belongs to uid 65534"));
}

TEST_F(PolicyFiles, AMachinesFirefoxFileThatWouldSwitchOffThePackagesOwnIsNotMade) {
    put(root / "usr/lib/firefox-esr/distribution/policies.json", theirs);
    EXPECT_THAT(refusal_of_write(), HasSubstr("would switch off"));
    put(firefox, theirs); // it is off already
    EXPECT_EQ(refusal_of_write(), "written");
}

TEST_F(PolicyFiles, APageOnThisComputerIsNoReasonToOpenItToAllOthers) {
    const std::vector<ListedPage> pages{
        {"https://127.0.0.1:8443", "127.0.0.1"}, {"https://localhost", "localhost"}, {"https://eoffice.kota.go.id", eoffice}};
    const auto written = write(judged(), pages, false);
    ASSERT_TRUE(written);
    EXPECT_EQ(read(firefox).find("127.0.0.1"), std::string::npos);
    EXPECT_EQ(read(firefox).find("localhost"), std::string::npos);
    EXPECT_NE(read(firefox).find(eoffice), std::string::npos);
    EXPECT_THAT(written->warnings, ElementsAre(HasSubstr("127.0.0.1 is left out"), HasSubstr("localhost is left out")));
}

TEST_F(PolicyFiles, AnotherFileForTheSamePoliciesIsToldAndOneThatWinsIsAFault) {
    put(root / "etc/chromium/policies/managed/aaa.json", "{\"LoopbackNetworkAllowedForUrls\": []}");
    auto written = write(judged(), one_page, false);
    ASSERT_TRUE(written);
    EXPECT_THAT(written->warnings, ElementsAre(HasSubstr("aaa.json: sets the same policies, which count no more")));
    EXPECT_TRUE(plan(judged(), one_page, std::nullopt)->current());
    put(root / "etc/opt/edge/policies/managed/kota.json", "{\"LoopbackNetworkBlockedForUrls\": [\"*\"]}");
    written = write(judged(), one_page, false);
    ASSERT_TRUE(written);
    EXPECT_THAT(written->warnings, ElementsAre(HasSubstr("aaa.json"), HasSubstr("kota.json: sets the same policies and counts instead of ours")));
    EXPECT_FALSE(plan(judged(), one_page, std::nullopt)->current());
}

TEST_F(PolicyFiles, APowerCutAtAnyStepLosesNothingOfOthers) {
    put(firefox, theirs);
    const auto before = tree();
    ASSERT_TRUE(write(judged(), two_pages, false));
    const auto old_file = read(firefox);
    const auto old_chromium = read(chromium);
    // as it is between the first record and the files of the next write
    auto during = *PolicyRecord::read(read(record));
    const auto next = *plan(judged(), one_page, false);
    for (const auto& file : next.files) {
        auto& entry = during.files[file.path];
        entry.written.insert(entry.written.end(), file.entry.written.begin(), file.entry.written.end());
    }
    for (const bool firefox_reached : {false, true}) {
        put(record, during.text());
        put(firefox, firefox_reached ? merged(theirs, {eoffice}) : old_file);
        put(chromium, old_chromium);
        EXPECT_EQ(refusal_of_write(), "written");
        EXPECT_EQ(read(firefox), merged(theirs, {eoffice}));
    }
    put(firefox.parent_path() / ".jurukunci-new", "half a fi");
    put(record, during.text());
    ASSERT_TRUE(undo(judged()));
    EXPECT_EQ(tree(), before);
}

TEST_F(PolicyFiles, ADamagedRecordIsRefused) {
    ASSERT_TRUE(write(judged(), one_page, false));
    for (const std::string text : {"", "{}", "[1]", "{\"format\":2}", "{\"format\":1,\"denyOthers\":false,\"folders\":[1],\"files\":{}}"}) {
        put(record, text);
        EXPECT_THAT(refusal_of_write(), HasSubstr("is no record of ours")) << text;
        EXPECT_FALSE(undo(judged()));
    }
}

} // namespace
} // namespace jk::browser_policy
