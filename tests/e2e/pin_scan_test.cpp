// Where a PIN must not be: after every kind of operation the memory of the agent, its children and the program is searched, the files of the
// user's folders, and what a process listing shows. Reads other processes' memory: runs as root.
#include "tests/support/judges.hpp"
#include "tests/support/pkcs11_program.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/running_agent.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace jk::test {
namespace {

class PinScan : public testing::Test {
protected:
    void SetUp() override {
#ifdef JURUKUNCI_SANITIZED
        GTEST_SKIP() << "the sanitizer's own copies are not ours";
#endif
        if (geteuid() != 0) GTEST_FAIL() << "this test reads another process's memory and must run as root";
    }

    static void expect_nowhere(RunningAgent& agent, const std::string& pin) {
        // The scripted person keeps what it types: it stands for a human being.
        for (const auto& [name, times] : found_in_memories(agent.agent().pid(), pin)) EXPECT_EQ(times, 0) << "in the memory of " << name;
        EXPECT_EQ(listing_of(agent.agent().pid()).find(pin), std::string::npos);
        EXPECT_EQ(agent.agent().output().find(pin), std::string::npos);
        const auto files = run_command("grep -rlF --exclude=pin --exclude='secret-*' -e " + pin + " " + quoted(agent.folder()));
        EXPECT_EQ(files.text, "");
    }
};

TEST_F(PinScan, AfterAProgramsLoginSignatureAndLogout) {
    auto wish = ordinary_key("rsa2048");
    wish.token.pin = "sangat-rahasia-7392";
    RunningAgent agent(wish);
    Pkcs11Program program(agent.site());
    const auto session = program.session();
    ASSERT_EQ(program.login(session), CKR_OK);
    const auto key = program.find(session, CKO_PRIVATE_KEY).at(0);
    Bytes signature;
    ASSERT_EQ(program.sign(session, key, CKM_SHA256_RSA_PKCS, "surat", signature), CKR_OK);
    ASSERT_EQ(program.c().C_Logout(session), CKR_OK);
    for (int i = 0; i < 500 && std::ranges::count(agent.log_kinds(), "end") == 0; ++i) usleep(10'000);
    EXPECT_GT(found_in_memory(agent.agent().pid(), "Jana Kusuma"), 0) << "the scan itself works";
    expect_nowhere(agent, wish.token.pin);
}

TEST_F(PinScan, AfterAWrongPinAndARefusal) {
    SiteWish wish;
    wish.token.pin = "sangat-rahasia-7393";
    RunningAgent agent(wish, {"wrong", "yes"});
    agent.sign_document(letter("nota-dinas.pdf"));
    expect_nowhere(agent, wish.token.pin);
}

TEST_F(PinScan, AfterALoginOfAPage) {
    SiteWish wish;
    wish.token.pin = "sangat-rahasia-7394";
    wish.authentication = true;
    wish.token.certificate.key_usage = "critical,digitalSignature";
    RunningAgent agent(wish);
    const auto posted = agent.request("POST", "/v1/authenticate", json::serialize(json::object{{"challengeNonce", fresh_nonce()}}));
    ASSERT_EQ(posted.status, 200) << posted.body;
    expect_nowhere(agent, wish.token.pin);
}

TEST_F(PinScan, AfterATokenWasPreparedItsPinChangedAndUnblocked) {
    SiteWish wish;
    wish.token.blank = true;
    wish.token.pin = "Kopi-tubruk-7395";
    wish.terminal_prompter = false;
    RunningAgent agent(wish);
    const auto write = [&](const char* name, const std::string& text) { std::ofstream(agent.site().folder() / name) << text; };
    const std::string so_pin = "amplop-4472", unblocked = "Payung-hijau-7396", changed = "Lampu-taman-7397";
    for (const char* role : {"secret-so-pin", "secret-new-so-pin"}) write(role, so_pin);
    struct Step {
        std::vector<std::string> command;
        std::string pin, new_pin;
    };
    for (const auto& step : {Step{{"token", "init", "--label", "Sri W."}, wish.token.pin, ""}, Step{{"token", "pin", "set"}, "", wish.token.pin},
                             Step{{"token", "pin", "unblock"}, "", unblocked}, Step{{"pin", "change"}, unblocked, changed}}) {
        if (!step.pin.empty()) write("pin", step.pin);
        write("secret-new-pin", step.new_pin);
        const auto ran = agent.cli(step.command);
        EXPECT_EQ(ran.exit_code, 0) << ran.output;
        for (const auto& secret : {so_pin, wish.token.pin, unblocked, changed}) EXPECT_EQ(ran.output.find(secret), std::string::npos);
    }
    for (const auto& secret : {so_pin, wish.token.pin, unblocked, changed}) expect_nowhere(agent, secret);
}

} // namespace
} // namespace jk::test
