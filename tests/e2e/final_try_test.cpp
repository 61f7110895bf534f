// The last try before a token locks, on SoftHSM2, where the agent's own count is the lock: asked for apart, by each road to a PIN.
#include "tests/support/pkcs11_program.hpp"
#include "tests/support/running_agent.hpp"
#include "tests/support/typed_program.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace jk::test {
namespace {

using testing::HasSubstr;

/// A machine whose person has typed four wrong PINs, some time ago.
/// A program's no is the answer to its whole burst: two seconds.
void wait_out_the_breath() { std::this_thread::sleep_for(std::chrono::milliseconds(2200)); }

struct LastTry : RunningAgent {
    explicit LastTry(const SiteWish& wish = {}, bool by_program = false) : RunningAgent(wish, {"wrong", "no"}) {
        if (by_program) {
            Pkcs11Program program(site());
            (void)program.login(program.session());
            wait_out_the_breath();
        } else {
            (void)sign_document(letter("undangan-rapat.pdf"));
        }
        stop_prompter();
        SQLite::Database database((site().state() / "audit.db").string(), SQLite::OPEN_READWRITE, 2000);
        if (database.exec("UPDATE pin_tries SET wrong = 4, at = 0") != 1) throw std::runtime_error("no try was counted");
    }
    int wrong() const {
        SQLite::Database database((site().state() / "audit.db").string(), SQLite::OPEN_READONLY, 2000);
        SQLite::Statement counted(database, "SELECT coalesce(max(wrong), 0) FROM pin_tries");
        counted.executeStep();
        return counted.getColumn(0).getInt();
    }
};

TEST(FinalTry, TheTerminalWantsItInWordsAndWithoutThemNoPinIsAskedFor) {
    LastTry t;
    const auto out = t.folder() / "signed.pdf";
    const std::vector<std::string> command{program("jurukunci"), "sign", letter("undangan-rapat.pdf").string(), "-o", out.string()};
    {
        TypedProgram sign(command, t.site().environment());
        ASSERT_TRUE(sign.shows("> ")) << sign.screen(); // what is typed before the question is thrown away
        EXPECT_NE(sign.screen().find("TERAKHIR"), std::string::npos) << sign.screen();
        sign.type("ya\n");
        ASSERT_TRUE(sign.shows("percobaan terakhir")) << sign.screen();
        sign.type("ya\n"); // the same word again is no word for it
        EXPECT_TRUE(sign.shows("E-PASSPHRASE-TINGGAL-SATU")) << sign.screen();
        EXPECT_EQ(sign.exit_code(), 3);
        EXPECT_EQ(sign.screen().find("sisa percobaan"), std::string::npos) << sign.screen();
    }
    EXPECT_EQ(t.wrong(), 4);
    TypedProgram sign(command, t.site().environment());
    ASSERT_TRUE(sign.shows("> ")) << sign.screen();
    sign.type("ya\n");
    ASSERT_TRUE(sign.shows("MENGUNCI")) << sign.screen();
    sign.type("percobaan terakhir\n");
    ASSERT_TRUE(sign.shows("sisa percobaan 1")) << sign.screen();
    sign.type("uji-1234\n");
    EXPECT_EQ(sign.exit_code(), 0) << sign.screen();
    EXPECT_EQ(t.wrong(), 0);
}

TEST(FinalTry, AProgramsLoginWantsItToo) {
    LastTry t(ordinary_key(), true);
    t.start_prompter({"yes", "final"});
    Pkcs11Program program(t.site());
    const auto session = program.session();
    EXPECT_EQ(program.login(session), CKR_FUNCTION_CANCELED);
    EXPECT_EQ(t.wrong(), 4);
    wait_out_the_breath();
    EXPECT_EQ(program.login(session), CKR_OK);
    EXPECT_EQ(t.wrong(), 0);
}

TEST(FinalTry, AStepOfProvisioningThatAsksForThePinWantsItToo) {
    LastTry t;
    t.start_prompter({"yes", "final"});
    const std::vector<std::string> destroy{"token",     "destroy", "--reason",  "mutasi",     "--officer",        "Rina",
                                           "--witness", "Agus",    "--minutes", "BA-12/2026", "--without-so-pin", "--json"};
    EXPECT_THAT(t.cli(destroy).output, HasSubstr("E-PASSPHRASE-TINGGAL-SATU"));
    EXPECT_EQ(t.wrong(), 4);
    const auto ran = t.cli(destroy);
    EXPECT_EQ(ran.exit_code, 0) << ran.output;
}

} // namespace
} // namespace jk::test
