// What may stand between a request and a signature: one dialog at a time, an open screen, a PIN that was typed for this question, the token and
// the document that the person saw. Numbers are those of docs/security-checklist.md.
#include "jurukunci/digest.hpp"
#include "jurukunci/encoding.hpp"
#include "pkcs11/wrap/ck.hpp"
#include "tests/support/hand_prompter.hpp"
#include "tests/support/judges.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/raw_page.hpp"
#include "tests/support/typed_program.hpp"

#include <boost/json/array.hpp>
#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <thread>

namespace jk::test {
namespace {

using namespace std::chrono_literals;

std::string text(const json::object& o, std::string_view name) { return o.at(name).is_string() ? std::string(o.at(name).as_string()) : "null"; }
std::string error_of(const json::object& o) {
    return o.contains("error") && o.at("error").is_object() ? text(o.at("error").as_object(), "code") : "";
}
std::string id_of(const HttpAnswer& answer) { return text(answer.json().at("operation").as_object(), "id"); }

json::array raw_items(std::size_t count) {
    json::array items;
    for (std::size_t i = 0; i < count; ++i)
        items.push_back(json::object{{"name", "hash " + std::to_string(i)}, {"hash", to_base64(sha256(bytes_of("x" + std::to_string(i))).value())}});
    return items;
}

SiteWish unruly() {
    SiteWish wish;
    wish.raw_hashes = true;
    wish.module = JURUKUNCI_UNRULY_MODULE;
    wish.applications = {{"https://eoffice.example"}, {"https://lain.example"}};
    return wish;
}

struct ConsentPage : RawPage {
    explicit ConsentPage(const std::vector<std::string>& steps = {"yes"}, SiteWish wish = unruly()) : RawPage(wish, steps) {}
    HttpAnswer ask(std::size_t items = 1) { return post_json("/v1/signatures", json::serialize(sign_request(raw_items(items), "RAW"))); }
    json::object sign_hashes(std::size_t items = 1) { return sign(sign_request(raw_items(items), "RAW")); }
};

const std::vector<std::string> nobody; ///< no scripted person: the test answers by hand, or nobody does

TEST(PromptFlood, TenRequestsAtOnceAreOneDialogOneWaitingAndEightRefusals) {
    ConsentPage t({"silent"});
    t.token();
    std::vector<int> statuses(10);
    std::vector<std::thread> pages;
    for (int i = 0; i < 10; ++i) {
        const auto body = json::serialize(t.sign_request(raw_items(1), "RAW"));
        const auto bytes =
            t.with_session("POST /v1/signatures", "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n") +
            "\r\n" + body;
        pages.emplace_back([&t, &statuses, i, bytes] { statuses[static_cast<std::size_t>(i)] = t.raw(bytes).status; });
    }
    for (auto& page : pages) page.join();
    EXPECT_EQ(std::count(statuses.begin(), statuses.end(), 202), 2);
    EXPECT_EQ(std::count(statuses.begin(), statuses.end(), 429), 8);
    EXPECT_EQ(t.shown(1).size(), 1u);
    // Another origin may ask, too; its dialog waits until the first is gone.
    t.origin = "https://lain.example";
    const auto other = t.ask();
    EXPECT_EQ(other.status, 202);
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(text(t.request("GET", "/v1/operations/" + id_of(other)).json(), "state"), "preparing");
        std::this_thread::sleep_for(50ms);
    }
    EXPECT_EQ(t.shown(1).size(), 1u);
    EXPECT_EQ(t.module_calls("C_Login"), 0);
}

TEST(PromptFlood, ThreeNoesPauseThatOriginAndNoOther) {
    ConsentPage t({"no"});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(error_of(t.sign_hashes()), "E-DIBATALKAN-PENANDA-TANGAN");
    const auto paused = t.ask();
    EXPECT_EQ(paused.status, 429);
    EXPECT_EQ(paused.error_code(), "E-JEDA-PENOLAKAN");
    EXPECT_EQ(t.shown().size(), 3u);
    t.origin = "https://lain.example";
    EXPECT_EQ(error_of(t.sign_hashes()), "E-DIBATALKAN-PENANDA-TANGAN");
    EXPECT_EQ(t.shown(4).size(), 4u);
}

TEST(PromptFlood, SilenceWearsDownAsANoDoes) {
    auto wish = unruly();
    wish.limits = "{consent_seconds: 1, consent_seconds_per_item: 0}";
    ConsentPage t({"silent"}, wish);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(error_of(t.sign_hashes()), "E-TIDAK-ADA-JAWABAN");
    EXPECT_EQ(t.ask().error_code(), "E-JEDA-PENOLAKAN");
}

TEST(PromptFlood, AListLongerThanTheProfileAllowsIsNotShown) {
    auto wish = unruly();
    wish.limits = "{items_per_consent: 5}";
    ConsentPage t({"yes"}, wish);
    const auto answer = t.ask(6);
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.error_code(), "E-BATAS-PERSETUJUAN");
    EXPECT_TRUE(t.shown().empty());
    EXPECT_EQ(text(t.sign_hashes(5), "state"), "done");
}

TEST(LockedScreen, NobodyIsAskedAndAnOpenQuestionEnds) {
    ConsentPage t(nobody);
    HandPrompter person(t);
    person.say({{"locked", true}});
    EXPECT_TRUE(t.agent().says("the screen is locked"));
    const auto refused = t.sign_hashes();
    EXPECT_EQ(text(refused, "state"), "failed");
    EXPECT_EQ(error_of(refused), "E-LAYAR-TERKUNCI");
    EXPECT_FALSE(person.said_to_person(200)) << "no dialog, not even one that is closed again";
    person.say({{"locked", false}});
    EXPECT_TRUE(t.agent().says("the screen is open"));
    auto asked = t.ask();
    auto question = person.question();
    ASSERT_TRUE(question);
    person.say({{"locked", true}}); // while it is shown
    EXPECT_EQ(error_of(t.wait_for(id_of(asked))), "E-LAYAR-TERKUNCI");
    const auto closed = person.frame(5000);
    ASSERT_TRUE(closed && closed->contains("close"));
    EXPECT_EQ(closed->at("close").as_string(), question->at("id").as_string());
    // A yes that comes afterwards is to nothing.
    person.type_pin("uji-1234");
    person.agree(*question);
    EXPECT_EQ(text(t.request("GET", "/v1/operations/" + id_of(asked)).json(), "state"), "failed");
    person.say({{"locked", false}});
    asked = t.ask();
    question = person.question();
    ASSERT_TRUE(question);
    person.type_pin("uji-1234");
    person.agree(*question);
    EXPECT_EQ(text(t.wait_for(id_of(asked)), "state"), "done");
    EXPECT_EQ(t.module_calls("C_Login"), 1);
}

TEST(LockedScreen, OnlyItsOwnFrameLocksOrUnlocks) {
    ConsentPage t(nobody);
    HandPrompter person(t);
    for (const json::object& frame : {json::object{{"locked", "true"}}, {{"locked", 1}}, {{"locked", true}, {"id", "c_1"}}, {{"Locked", true}}}) {
        person.say(frame);
        const auto asked = t.ask();
        const auto question = person.question();
        ASSERT_TRUE(question) << json::serialize(frame);
        person.decline(*question);
        t.wait_for(id_of(asked));
        if (t.shown().size() > 1) break;
        t.origin = t.origin == "https://lain.example" ? "https://eoffice.example" : "https://lain.example"; // no pause for anybody
    }
}

TEST(PinWay, WhatIsNoPinNeverReachesTheToken) {
    ConsentPage t(nobody);
    HandPrompter person(t);
    int round = 0;
    for (const auto& bytes : {std::string(), std::string(1, '\0'), std::string("\xff") + "short", std::string("\x09") + "uji-1234"}) {
        t.origin = ++round % 2 == 0 ? "https://lain.example" : "https://eoffice.example";
        const auto asked = t.ask();
        const auto question = person.question();
        ASSERT_TRUE(question);
        person.write_pin(bytes);
        person.agree(*question);
        const auto ended = t.wait_for(id_of(asked));
        EXPECT_NE(text(ended, "state"), "done") << round;
        EXPECT_FALSE(error_of(ended).empty()) << round;
    }
    EXPECT_EQ(t.module_calls("C_Login"), 0);
    EXPECT_EQ(t.module_calls("C_Sign"), 0);
}

TEST(PinWay, EverySignatureAsksAnew) {
    ConsentPage t;
    EXPECT_EQ(text(t.sign_hashes(), "state"), "done");
    EXPECT_EQ(text(t.sign_hashes(), "state"), "done");
    t.cli({"status"}); // answered after the window was closed: nobody waits for the logout itself
    EXPECT_EQ(t.shown().size(), 2u);
    EXPECT_EQ(t.module_calls("C_Login"), 2);
    EXPECT_EQ(t.module_calls("C_Logout"), 2);
    t.stop_prompter();
    t.start_prompter({"wrong", "no"});
    EXPECT_EQ(error_of(t.sign_hashes()), "E-PASSPHRASE-SALAH") << "the right PIN of a moment ago does not help";
    EXPECT_EQ(t.module_calls("C_Sign"), 2);
}

/// Another program of the user that is logged in to the same token, for as long as it lives.
class LoggedInElsewhere {
public:
    explicit LoggedInElsewhere(const TestSite& site) {
        int ready[2];
        (void)!pipe(ready);
        m_pid = fork();
        if (m_pid == 0) {
            setenv("SOFTHSM2_CONF", site.token().conf().c_str(), 1);
            void* library = dlopen(softhsm_module().c_str(), RTLD_NOW);
            CK_FUNCTION_LIST* f = nullptr;
            reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"))(&f);
            f->C_Initialize(nullptr);
            CK_SLOT_ID slots[8];
            CK_ULONG count = 8;
            f->C_GetSlotList(CK_TRUE, slots, &count);
            CK_SESSION_HANDLE session = 0;
            CK_RV rv = f->C_OpenSession(slots[0], CKF_SERIAL_SESSION, nullptr, nullptr, &session);
            CK_UTF8CHAR pin[] = "uji-1234";
            if (rv == CKR_OK) rv = f->C_Login(session, CKU_USER, pin, sizeof pin - 1);
            const char said = rv == CKR_OK ? 'y' : 'n';
            (void)!write(ready[1], &said, 1);
            pause();
            _exit(0);
        }
        char said = 'n';
        (void)!read(ready[0], &said, 1);
        close(ready[0]);
        close(ready[1]);
        logged_in = said == 'y';
    }
    ~LoggedInElsewhere() {
        kill(m_pid, SIGKILL);
        waitpid(m_pid, nullptr, 0);
    }
    bool logged_in = false;

private:
    pid_t m_pid = -1;
};

TEST(PinWay, ATokenThatIsLoggedInAlreadyAsksForThePinAllTheSame) {
    ConsentPage t({"wrong", "no", "empty", "yes"});
    ASSERT_EQ(t.request("GET", "/v1/certificates").status, 200); // two programs that open SoftHSM at the same moment disturb each other
    const LoggedInElsewhere other(t.site());
    ASSERT_TRUE(other.logged_in);
    for (const std::string order : {"", "C_OpenSession login\n"}) { // by another program; inside the worker itself, by the module's own doing
        t.order_module(order);
        t.stop_prompter();
        t.start_prompter({"wrong", "no", "empty", "yes"});
        const auto signatures = t.module_calls("C_Sign");
        EXPECT_EQ(error_of(t.sign_hashes()), "E-PASSPHRASE-SALAH") << order;
        EXPECT_EQ(error_of(t.sign_hashes()), "E-PASSPHRASE-KOSONG") << order;
        EXPECT_EQ(t.module_calls("C_Sign"), signatures) << order;
        EXPECT_EQ(text(t.sign_hashes(), "state"), "done") << order;
        EXPECT_EQ(t.module_calls("C_Sign"), signatures + 1) << order;
    }
}

TEST(PinWay, TheLastTryIsSaidAndTheWrongPinIsNotTriedAgain) {
    ConsentPage t(nobody);
    t.order_module("C_GetTokenInfo final\n");
    const auto file = t.folder() / "surat.pdf";
    std::filesystem::copy_file(letter("nota-dinas.pdf"), file);
    TypedProgram terminal({program("jurukunci"), "sign", file.string(), "-o", (t.folder() / "out.pdf").string()}, t.site().environment());
    ASSERT_TRUE(terminal.shows("> ")) << terminal.screen();
    EXPECT_NE(terminal.screen().find("TERAKHIR"), std::string::npos) << terminal.screen();
    EXPECT_NE(terminal.screen().find("petugas RA"), std::string::npos) << terminal.screen();
    terminal.type("\n"); // not confirmed: nothing was tried
    EXPECT_TRUE(terminal.shows("Dibatalkan")) << terminal.screen();
    terminal.exit_code();
    EXPECT_EQ(t.module_calls("C_Login"), 0);
    t.start_prompter({"yes", "final-wrong", "no"});
    EXPECT_EQ(error_of(t.sign_hashes()), "E-PASSPHRASE-TINGGAL-SATU");
    EXPECT_EQ(t.module_calls("C_Login"), 0);
    EXPECT_EQ(error_of(t.sign_hashes()), "E-PASSPHRASE-SALAH");
    EXPECT_TRUE(t.shown().front().at("finalTry").as_bool());
    EXPECT_EQ(t.module_calls("C_Login"), 1);
}

TEST(TokenSwap, AnotherCardInTheReaderAfterTheQuestionGetsNoPin) {
    ConsentPage t(nobody);
    HandPrompter person(t);
    const auto asked = t.ask();
    const auto question = person.question();
    ASSERT_TRUE(question);
    t.order_module("C_GetTokenInfo swapped\n"); // the reader has another serial number now
    person.type_pin("uji-1234");
    person.agree(*question);
    const auto ended = t.wait_for(id_of(asked));
    EXPECT_EQ(error_of(ended), "E-TOKEN-BERGANTI") << json::serialize(ended);
    EXPECT_EQ(t.module_calls("C_Login"), 0);
    EXPECT_EQ(t.module_calls("C_Sign"), 0);
}

TEST(TokenSwap, OneThatIsExchangedInTheVeryMomentOfTheLoginSignsNothing) {
    ConsentPage t(nobody);
    t.agent().signal(SIGTERM);
    t.agent().wait(10'000);
    TokenWish second;
    second.label = "Orang Lain";
    second.certificate.common_name = "Orang Lain";
    add_token(t.site().token().conf(), t.site().ca(), second); // same PIN: the login itself will succeed
    t.start_agent();
    t.start_prompter({"yes"});
    auto request = t.sign_request(raw_items(3), "RAW");
    request["certificate"] = to_base64(t.site().token().certificate()->der);
    EXPECT_EQ(text(t.sign(request), "state"), "done");
    const auto signatures = t.module_calls("C_Sign");
    t.order_module("C_OpenSession other\n");
    request["requestId"] = random_id(12);
    const auto ended = t.sign(request);
    EXPECT_NE(text(ended, "state"), "done") << json::serialize(ended);
    EXPECT_FALSE(error_of(ended).empty());
    EXPECT_EQ(t.module_calls("C_Sign"), signatures);
    for (const auto& item : ended.at("items").as_array()) EXPECT_FALSE(item.as_object().contains("signature"));
}

TEST(Sealing, ADocumentThatIsChangedBehindTheAgentsBackIsNotWhatIsSigned) {
    if (geteuid() != 0) GTEST_FAIL() << "this test writes into another process' files and must run as root";
    ConsentPage t(nobody);
    HandPrompter person(t);
    const auto id = t.upload(letter("nota-dinas.pdf"));
    json::array items{json::object{{"name", "nota.pdf"}, {"documentId", id}}};
    const auto asked = t.post_json("/v1/signatures", json::serialize(t.sign_request(std::move(items), "CAdES")));
    ASSERT_EQ(asked.status, 202) << asked.body;
    const auto question = person.question();
    ASSERT_TRUE(question);
    // Root turns a byte of the spool's nameless file over, while the person reads.
    int changed = 0;
    const auto size = std::filesystem::file_size(letter("nota-dinas.pdf"));
    for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(t.agent().pid()) + "/fd")) {
        std::error_code ec;
        if (!std::filesystem::is_regular_file(entry.path(), ec) || std::filesystem::file_size(entry.path(), ec) != size) continue;
        const int fd = open(entry.path().c_str(), O_RDWR | O_CLOEXEC);
        char byte = 0;
        if (fd >= 0 && pread(fd, &byte, 1, 500) == 1) {
            byte = static_cast<char>(byte ^ 1);
            changed += pwrite(fd, &byte, 1, 500) == 1;
        }
        close(fd);
    }
    ASSERT_GE(changed, 1) << "the test found the spool";
    t.request("DELETE", "/v1/documents/" + id); // and the page takes its document away
    person.type_pin("uji-1234");
    person.agree(*question);
    const auto ended = t.wait_for(id_of(asked));
    ASSERT_EQ(text(ended, "state"), "done") << json::serialize(ended);
    const auto signature = *from_base64(text(ended.at("items").as_array().at(0).as_object(), "signature"));
    std::ofstream(t.folder() / "s.p7s", std::ios::binary)
        .write(reinterpret_cast<const char*>(signature.data()), static_cast<std::streamsize>(signature.size()));
    std::ofstream(t.folder() / "root.pem") << pem_of(*t.site().ca().root());
    const auto verify = [&](const std::filesystem::path& content) {
        return run_command("openssl cms -verify -cades -binary -inform DER -in " + quoted(t.folder() / "s.p7s") + " -content " + quoted(content) +
                           " -CAfile " + quoted(t.folder() / "root.pem") + " -purpose any -out /dev/null")
            .exit_code;
    };
    EXPECT_EQ(verify(letter("nota-dinas.pdf")), 0) << "what was shown is what was signed";
    std::ifstream in(letter("nota-dinas.pdf"), std::ios::binary);
    std::stringstream bytes;
    bytes << in.rdbuf();
    EXPECT_EQ(text(question->at("items").as_array().at(0).as_object(), "digest"), sha256(bytes_of(bytes.str())).hex());
    auto turned = bytes.str();
    turned[500] = static_cast<char>(turned[500] ^ 1);
    std::ofstream(t.folder() / "turned.pdf", std::ios::binary) << turned;
    EXPECT_NE(verify(t.folder() / "turned.pdf"), 0);
}

TEST(Sealing, WhoLooksAtTheTokensWhileABatchIsSignedDisturbsNothing) {
    auto wish = unruly();
    wish.parallel_sessions = 2;
    ConsentPage t({"yes"}, wish);
    t.order_module("C_Sign slow\n"); // 200 ms each
    const auto asked = t.ask(60);
    ASSERT_EQ(asked.status, 202) << asked.body;
    const auto path = "/v1/operations/" + id_of(asked);
    const auto state = [&] { return text(t.request("GET", path).json(), "state"); };
    for (int i = 0; i < 500 && t.module_calls("C_Sign") == 0; ++i) std::this_thread::sleep_for(10ms);
    int looks = 0;
    for (; looks < 8 && state() == "signing"; ++looks) {
        EXPECT_EQ(t.request("GET", "/v1/status").json().at("tokens").as_array().size(), 1u);
        EXPECT_EQ(t.request("GET", "/v1/certificates").status, 200);
    }
    EXPECT_GE(looks, 3) << "while it was being signed";
    const auto ended = t.wait_for(id_of(asked));
    EXPECT_EQ(text(ended, "state"), "done") << json::serialize(ended).substr(0, 600);
    EXPECT_EQ(ended.at("done").as_int64(), 60);
}

TEST(Names, ThatMoveTheCursorOrReverseTheLineAreShownEscaped) {
    ConsentPage t(nobody);
    const std::string hostile = "surat\xe2\x80\xaexslx\xe2\x80\xac.pdf \x1b[2J\r\nSAH\xe2\x80\x8b";
    const auto file = t.folder() / ("nota\xe2\x80\xae"
                                    "fdp.\x1b[2Jx.pdf");
    std::filesystem::copy_file(letter("nota-dinas.pdf"), file);
    TypedProgram terminal({program("jurukunci"), "sign", file.string(), "-o", (t.folder() / "out.pdf").string()}, t.site().environment());
    ASSERT_TRUE(terminal.shows("> ")) << terminal.screen();
    EXPECT_NE(terminal.screen().find("nota\\u{202E}fdp.\\u{1B}[2Jx.pdf"), std::string::npos) << terminal.screen();
    EXPECT_EQ(terminal.screen().find("\xe2\x80\xae"), std::string::npos);
    EXPECT_EQ(terminal.screen().find("\x1b[2J"), std::string::npos);
    // A page's names and titles, too: the same dialog, asked by a page.
    terminal.type("\n");
    ASSERT_TRUE(terminal.shows("Dibatalkan"));
    terminal.exit_code();
    TypedProgram prompt({program("jurukunci"), "prompt"}, t.site().environment());
    for (int i = 0; i < 200 && text(t.request("GET", "/v1/status").json(), "prompter") != "present"; ++i) std::this_thread::sleep_for(20ms);
    auto items = raw_items(1);
    items[0].as_object()["name"] = hostile;
    ASSERT_EQ(t.post_json("/v1/signatures", json::serialize(t.sign_request(items, "RAW"))).status, 202);
    ASSERT_TRUE(prompt.shows("> ")) << prompt.screen();
    EXPECT_NE(prompt.screen().find("surat\\u{202E}xslx\\u{202C}.pdf \\u{1B}[2J\\u{D}\\u{A}SAH\\u{200B}"), std::string::npos) << prompt.screen();
    EXPECT_NE(prompt.screen().find("https://eoffice.example"), std::string::npos);
    EXPECT_EQ(prompt.screen().find("\x1b[2J"), std::string::npos);
}

TEST(Names, OfAnOriginAreShownInPunycodeOnly) {
    SiteWish wish;
    wish.raw_hashes = true;
    wish.applications = {{"https://xn--eoffce-wva.example"}}; // a name with a dotless i
    RawPage t(wish, {"no"});
    t.origin = "https://xn--eoffce-wva.example";
    t.sign(t.sign_request(raw_items(1), "RAW"));
    EXPECT_EQ(text(t.shown(1).front(), "origin"), "https://xn--eoffce-wva.example");
    // The letters themselves are no origin, neither from a page nor in the city's registry.
    EXPECT_EQ(t.hello_with("Host: " + t.host() +
                           "\r\nOrigin: https://eoff\xc4\xb1"
                           "ce.example\r\n")
                  .status,
              403);
    const ScratchFolder folder;
    wish.applications = {{"https://eoff\xc4\xb1"
                          "ce.example"}};
    const auto site = TestSite::create(folder.path() / "site", wish);
    const auto ran = run_program({program("jurukuncid"), "--port", "0"}, site.environment(), folder.path());
    EXPECT_EQ(ran.exit_code, 5) << ran.output;
}

} // namespace
} // namespace jk::test
