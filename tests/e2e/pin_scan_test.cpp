// Where a PIN must not be, while a token is used and afterwards: pages, programs, the terminal; right PINs and wrong ones; and a worker that dies with
// one in its hands.
#include "tests/support/hand_prompter.hpp"
#include "tests/support/pin_scan.hpp"
#include "tests/support/pkcs11_program.hpp"
#include "tests/support/typed_program.hpp"
#include "x509/openssl_ptr.hpp"
#include "x509/read_certificate.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <sys/wait.h>

namespace jk::test {
namespace {

const std::string wrong_pin = "bukan-pin-ini"; ///< what the scripted person types where it is told to be wrong

/// A program of the user's, which stays after its last step.
Process user_program(const RunningAgent& agent, std::vector<std::string> steps) {
    steps.insert(steps.begin(), {program("jurukunci-test-program"), module_path()});
    auto started = Process::start(steps, agent.site().environment(), agent.folder() / "program.log");
    if (!started.says("done", 30'000)) throw std::runtime_error("the program did not come to its end: " + started.output());
    return started;
}

/// Ciphertext for the token's RSA key.
std::filesystem::path sealed_for(const RunningAgent& agent) {
    const auto certificate = x509::to_x509(*agent.site().token().certificate());
    const x509::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(X509_get0_pubkey(certificate.get()), nullptr));
    EVP_PKEY_encrypt_init(context.get());
    EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING);
    unsigned char sealed[1024];
    std::size_t size = sizeof sealed;
    const unsigned char letter[] = "surat rahasia";
    if (EVP_PKEY_encrypt(context.get(), sealed, &size, letter, sizeof letter - 1) != 1) throw std::runtime_error("EVP_PKEY_encrypt");
    const auto file = agent.folder() / "sealed";
    std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(sealed), static_cast<std::streamsize>(size));
    return file;
}

std::filesystem::path somebodys_point(const RunningAgent& agent) {
    const x509::EvpPkeyPtr key(EVP_EC_gen("P-256"));
    unsigned char* bytes = nullptr;
    const auto size = EVP_PKEY_get1_encoded_public_key(key.get(), &bytes);
    const x509::OpensslBytes owner(bytes);
    const auto file = agent.folder() / "point";
    std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(bytes), static_cast<std::streamsize>(size));
    return file;
}

TEST_F(PinScan, AfterAProgramsLoginSignatureDecryptionAndLogout) {
    auto wish = ordinary_key("rsa2048");
    wish.token.pin = "sangat-rahasia-7392";
    RunningAgent agent(wish);
    ListingWatch watch({wish.token.pin});
    auto user = user_program(agent, {"login", "sign", "decrypt:" + sealed_for(agent).string(), "logout"});
    EXPECT_EQ(user.output(), "login 0\nsign 0\ndecryp 0\nlogout 0\ndone\n");
    expect_nowhere(agent, watch, {wish.token.pin}, {user.pid()});
}

TEST_F(PinScan, AfterAProgramAgreedOnASecret) {
    auto wish = agreement_key();
    wish.token.pin = "sangat-rahasia-7398";
    RunningAgent agent(wish);
    ListingWatch watch({wish.token.pin});
    auto user = user_program(agent, {"login", "derive:" + somebodys_point(agent).string()});
    EXPECT_EQ(user.output(), "login 0\nderive 0\ndone\n");
    expect_nowhere(agent, watch, {wish.token.pin}, {user.pid()}); // also while the window is open
}

TEST_F(PinScan, AfterAProgramsWrongPin) {
    auto wish = ordinary_key("rsa2048");
    wish.token.pin = "sangat-rahasia-7399";
    RunningAgent agent(wish, {"wrong", "no"});
    ListingWatch watch({wrong_pin});
    auto user = user_program(agent, {"login"});
    EXPECT_EQ(user.output(), "login 0xa0\ndone\n"); // CKR_PIN_INCORRECT
    expect_nowhere(agent, watch, {wrong_pin}, {user.pid()});
}

TEST_F(PinScan, AfterAWrongPinAndThenTheRightOne) {
    SiteWish wish;
    wish.token.pin = "sangat-rahasia-7393";
    RunningAgent agent(wish, {"wrong", "yes"});
    ListingWatch watch({wish.token.pin, wrong_pin});
    EXPECT_EQ(agent.sign_document(letter("nota-dinas.pdf")).at("state").as_string(), "done");
    expect_nowhere(agent, watch, {wish.token.pin, wrong_pin});
}

TEST_F(PinScan, AfterAWrongPinAndThenANo) {
    RunningAgent agent({}, {"wrong", "no"});
    ListingWatch watch({wrong_pin});
    EXPECT_NE(agent.sign_document(letter("nota-dinas.pdf")).at("state").as_string(), "done");
    expect_nowhere(agent, watch, {wrong_pin});
}

TEST_F(PinScan, AfterAPinWasTypedAndThePersonSaidNoAllTheSame) {
    SiteWish wish;
    wish.raw_hashes = true;
    wish.token.pin = "sangat-rahasia-7400";
    RunningAgent agent(wish, {});
    HandPrompter person(agent);
    ListingWatch watch({wish.token.pin});
    const std::string hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    const auto ask = [&] {
        return agent.request("POST", "/v1/signatures", json::serialize(agent.sign_request({{{"name", "surat"}, {"hash", hash}}}, "RAW")));
    };
    const auto operation = [](const HttpAnswer& asked) { return std::string(asked.json().at("operation").as_object().at("id").as_string()); };
    const auto refused = operation(ask());
    auto question = person.question();
    ASSERT_TRUE(question);
    person.type_pin(wish.token.pin);
    person.decline(*question);
    EXPECT_EQ(agent.wait_for(refused).at("error").as_object().at("code").as_string(), "E-DIBATALKAN-PENANDA-TANGAN");
    const auto cancelled = operation(ask()); // and where the page takes it back while the PIN lies on its way
    question = person.question();
    ASSERT_TRUE(question);
    person.type_pin(wish.token.pin);
    EXPECT_EQ(agent.request("DELETE", "/v1/operations/" + cancelled).status, 200);
    EXPECT_EQ(agent.wait_for(cancelled).at("state").as_string(), "cancelled");
    expect_nowhere(agent, watch, {wish.token.pin});
}

TEST_F(PinScan, AfterALoginOfAPage) {
    SiteWish wish;
    wish.token.pin = "sangat-rahasia-7394";
    wish.authentication = true;
    wish.token.certificate.key_usage = "critical,digitalSignature";
    RunningAgent agent(wish);
    ListingWatch watch({wish.token.pin});
    const auto posted = agent.request("POST", "/v1/authenticate", json::serialize(json::object{{"challengeNonce", fresh_nonce()}}));
    ASSERT_EQ(posted.status, 200) << posted.body;
    expect_nowhere(agent, watch, {wish.token.pin});
}

TEST_F(PinScan, AfterItWasTypedAtATerminalWrongAndRight) {
    SiteWish wish;
    wish.token.pin = "sangat-rahasia-7401";
    RunningAgent agent(wish, {});
    ListingWatch watch({wish.token.pin, "salah-ketik-7402"});
    TypedProgram prompt({program("jurukunci"), "prompt"}, agent.site().environment());
    for (int i = 0; i < 100 && agent.request("GET", "/v1/status").json().at("prompter").as_string() != "present"; ++i) usleep(50'000);
    std::thread page([&] { EXPECT_EQ(agent.sign_document(letter("nota-dinas.pdf")).at("state").as_string(), "done"); });
    EXPECT_TRUE(prompt.shows("> ")) << prompt.screen();
    prompt.type("ya\n");
    EXPECT_TRUE(prompt.shows("sisa percobaan 5")) << prompt.screen();
    prompt.type("salah-ketik-7402\n");
    EXPECT_TRUE(prompt.shows("paling banyak 4")) << prompt.screen();
    prompt.type(wish.token.pin + "\n");
    page.join();
    int waits = 0; // for the next question: the PIN of this one is its own no longer
    for (int i = 0; i < 1000 && waits < 20; ++i, usleep(10'000)) waits = status_field(prompt.pid(), "State").starts_with('S') ? waits + 1 : 0;
    EXPECT_EQ(waits, 20);
    for (const auto& secret : {wish.token.pin, std::string("salah-ketik-7402")}) EXPECT_EQ(prompt.screen().find(secret), std::string::npos);
    expect_nowhere(agent, watch, {wish.token.pin, "salah-ketik-7402"}, {prompt.pid()}); // which goes on waiting for questions
}

TEST_F(PinScan, AfterAWorkerDiedWithThePinInItsHands) {
    SiteWish wish;
    wish.raw_hashes = true;
    wish.module = JURUKUNCI_UNRULY_MODULE;
    wish.token.pin = "sangat-rahasia-7403";
    RunningAgent agent(wish);
    // That cores are written here at all is shown by a process that forbids nothing.
    int there[2];
    ASSERT_EQ(pipe(there), 0);
    const pid_t plain = fork();
    if (plain == 0) {
        (void)!chdir(agent.folder().c_str());
        (void)!write(there[1], "x", 1);
        for (;;) pause();
    }
    char told = 0;
    ASSERT_EQ(read(there[0], &told, 1), 1) << "it works in the test's folder now";
    close(there[0]);
    close(there[1]);
    kill(plain, SIGSEGV);
    int status = 0;
    waitpid(plain, &status, 0);
    ASSERT_TRUE(WCOREDUMP(status)) << "this system writes no cores, so that this test would show nothing (/proc/sys/kernel/core_pattern)";
    std::error_code ec;
    for (const auto& entry : std::filesystem::directory_iterator(agent.folder(), ec))
        if (entry.path().filename().string().starts_with("core")) std::filesystem::remove(entry.path());

    ListingWatch watch({wish.token.pin});
    agent.order_module("C_Login hang\n");
    json::object ended;
    std::thread page([&] { ended = agent.sign_document(letter("nota-dinas.pdf")); });
    int worker = 0;
    for (int i = 0; i < 1000 && worker == 0; ++i) {
        usleep(10'000);
        for (const int pid : descendants(agent.agent().pid()))
            if (name_of_process(pid) == "jurukunci-worke" && found_in_memory(pid, wish.token.pin) > 0) worker = pid;
    }
    EXPECT_NE(worker, 0) << "the scan finds a PIN where there is one: in the worker that is logging in";
    for (const auto& [name, times] : found_in_memories(agent.agent().pid(), wish.token.pin)) {
        if (name == "jurukunci-worke") continue;
        EXPECT_EQ(times, 0) << "nobody but the worker has it, not even now: " << name;
    }
    const auto works_in = std::filesystem::read_symlink("/proc/" + std::to_string(worker) + "/cwd", ec);
    kill(worker, SIGSEGV);
    page.join();
    EXPECT_EQ(ended.at("state").as_string(), "failed");
    agent.order_module("");
    for (const auto& folder : {works_in, agent.folder()})
        for (const auto& entry : std::filesystem::directory_iterator(folder, ec))
            EXPECT_FALSE(entry.path().filename().string().starts_with("core")) << entry.path();
    EXPECT_EQ(agent.sign_document(letter("nota-dinas.pdf")).at("state").as_string(), "done") << "and a new worker signs";
    expect_nowhere(agent, watch, {wish.token.pin});
}

TEST_F(PinScan, TheListingIsWatchedSoThatOneShortCommandWithAPinInItIsSeen) {
    RunningAgent agent;
    ListingWatch watch({"sangat-rahasia-7404"});
    run_program({"/bin/sh", "-c", "sleep 0.1; : sangat-rahasia-7404"}, {}, agent.folder());
    run_program({"/bin/sleep", "0.1"}, {"PIN=sangat-rahasia-7404"}, agent.folder());
    watch.end();
    EXPECT_EQ(watch.found(), (std::set<std::string>{"sh", "sleep"}));
}

} // namespace
} // namespace jk::test
