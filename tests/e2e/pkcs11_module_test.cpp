// The module as a program meets it: what may be seen, what is asked of the person, what is refused, and what survives.
#include "pkcs11/module/pkcs11.hpp"
#include "tests/support/pkcs11_program.hpp"
#include "tests/support/running_agent.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>

using namespace jk;
using namespace jk::test;
using testing::HasSubstr;

namespace {

const std::string letter_text = "isi";

std::size_t count(const std::vector<std::string>& kinds, const std::string& kind) {
    return static_cast<std::size_t>(std::ranges::count(kinds, kind));
}

int connect_to(const RunningAgent& agent) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = (agent.site().folder() / "run/jurukunci/pkcs11.sock").string();
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? fd : -1;
}

bool hangs_up(int fd) {
    const timeval patience{5, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    char buffer[4096];
    for (;;) {
        const auto n = recv(fd, buffer, sizeof buffer, 0);
        if (n == 0 || (n < 0 && errno == ECONNRESET)) return true;
        if (n < 0) return false;
    }
}

bool wait_for_row(RunningAgent& agent, const std::string& kind, std::size_t times) {
    for (int i = 0; i < 500; ++i) {
        if (count(agent.log_kinds(), kind) >= times) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

} // namespace

TEST(Pkcs11Module, ShowsPrivateKeysAfterTheLoginOnly) {
    RunningAgent agent(ordinary_key());
    Pkcs11Program program(agent.site());
    const auto session = program.session();
    EXPECT_EQ(program.find(session, CKO_CERTIFICATE).size(), 1U);
    EXPECT_EQ(program.find(session, CKO_PUBLIC_KEY).size(), 1U);
    EXPECT_TRUE(program.find(session, CKO_PRIVATE_KEY).empty());
    EXPECT_TRUE(agent.shown().empty()); // looking asks nobody
    ASSERT_EQ(program.login(session), CKR_OK);
    const auto keys = program.find(session, CKO_PRIVATE_KEY);
    ASSERT_EQ(keys.size(), 1U);
    EXPECT_EQ(program.login(session), CKR_USER_ALREADY_LOGGED_IN);
    EXPECT_EQ(program.c().C_Logout(session), CKR_OK);
    EXPECT_TRUE(program.find(session, CKO_PRIVATE_KEY).empty());
    CK_MECHANISM how{CKM_ECDSA_SHA256, nullptr, 0};
    EXPECT_EQ(program.c().C_SignInit(session, &how, keys.front()), CKR_KEY_HANDLE_INVALID);
}

TEST(Pkcs11Module, AsksOnceForManySignaturesAndNamesTheProgram) {
    RunningAgent agent(ordinary_key());
    Pkcs11Program program(agent.site());
    const auto session = program.session();
    ASSERT_EQ(program.login(session), CKR_OK);
    const auto key = program.find(session, CKO_PRIVATE_KEY).at(0), public_key = program.find(session, CKO_PUBLIC_KEY).at(0);
    for (int i = 0; i < 20; ++i) {
        const auto text = letter_text + std::to_string(i);
        Bytes signature;
        ASSERT_EQ(program.sign(session, key, CKM_ECDSA_SHA256, text, signature), CKR_OK);
        EXPECT_EQ(program.verify(session, public_key, CKM_ECDSA_SHA256, text, signature), CKR_OK);
        signature.back() ^= 1;
        EXPECT_EQ(program.verify(session, public_key, CKM_ECDSA_SHA256, text, signature), CKR_SIGNATURE_INVALID);
    }
    const auto shown = agent.shown(1);
    ASSERT_EQ(shown.size(), 1U);
    const auto& question = shown.front();
    EXPECT_EQ(question.at("kind").as_string(), "key_use");
    EXPECT_EQ(std::string(question.at("origin").as_string()), std::filesystem::read_symlink("/proc/self/exe").string());
    EXPECT_THAT(std::string(question.at("application").as_string()), HasSubstr("PID " + std::to_string(getpid())));
    EXPECT_EQ(question.at("operations").as_int64(), 100);
    EXPECT_FALSE(question.at("items").as_array().at(0).as_object().at("contentVisible").as_bool());
    program.c().C_Logout(session);
    ASSERT_TRUE(wait_for_row(agent, "end", 1));
    const auto kinds = agent.log_kinds();
    EXPECT_EQ(count(kinds, "consent"), 1U);
    EXPECT_EQ(count(kinds, "use"), 20U);
}

TEST(Pkcs11Module, AsksAgainWhenTheNumberIsUsedUp) {
    auto wish = ordinary_key();
    wish.local_programs = "{allowed: true, operations_per_consent: 3, minutes_per_consent: 5}";
    RunningAgent agent(wish);
    Pkcs11Program program(agent.site());
    const auto session = program.session();
    ASSERT_EQ(program.login(session), CKR_OK);
    const auto key = program.find(session, CKO_PRIVATE_KEY).at(0);
    Bytes signature;
    for (int i = 0; i < 7; ++i) ASSERT_EQ(program.sign(session, key, CKM_ECDSA_SHA256, letter_text, signature), CKR_OK) << i;
    EXPECT_EQ(agent.shown(3).size(), 3U);
}

TEST(Pkcs11Module, DoesNothingWhereTheProfileIsSilent) {
    auto wish = ordinary_key();
    wish.local_programs.clear();
    RunningAgent agent(wish);
    Pkcs11Program program(agent.site());
    const auto session = program.session();
    EXPECT_EQ(program.find(session, CKO_CERTIFICATE).size(), 1U);
    EXPECT_EQ(program.login(session), CKR_FUNCTION_REJECTED);
    EXPECT_TRUE(agent.shown().empty());
}

TEST(Pkcs11Module, RefusesANonRepudiationKeyWithoutTheProfilesPermission) {
    auto wish = ordinary_key("rsa2048");
    wish.token.certificate.key_usage = "critical,digitalSignature,nonRepudiation,keyEncipherment";
    RunningAgent agent(wish);
    Pkcs11Program program(agent.site());
    EXPECT_EQ(program.login(program.session()), CKR_FUNCTION_REJECTED);
    EXPECT_TRUE(agent.shown().empty());
}

TEST(Pkcs11Module, AsksForEachSignatureOfANonRepudiationKeyAndNeverDecryptsWithIt) {
    auto wish = ordinary_key("rsa2048");
    wish.token.certificate.key_usage = "critical,digitalSignature,nonRepudiation,keyEncipherment";
    wish.local_programs = "{allowed: true, operations_per_consent: 100, minutes_per_consent: 5, non_repudiation_key: true}";
    RunningAgent agent(wish);
    Pkcs11Program program(agent.site());
    const auto session = program.session();
    ASSERT_EQ(program.login(session), CKR_OK);
    EXPECT_TRUE(agent.shown().empty()); // asked when it is known what is to be signed
    const auto key = program.find(session, CKO_PRIVATE_KEY).at(0);
    CK_BBOOL always = CK_FALSE;
    CK_ATTRIBUTE attribute{CKA_ALWAYS_AUTHENTICATE, &always, sizeof always};
    ASSERT_EQ(program.c().C_GetAttributeValue(session, key, &attribute, 1), CKR_OK);
    EXPECT_EQ(always, CK_TRUE);
    Bytes signature;
    for (int i = 0; i < 2; ++i) ASSERT_EQ(program.sign(session, key, CKM_SHA256_RSA_PKCS, letter_text, signature), CKR_OK);
    const auto shown = agent.shown(2);
    ASSERT_EQ(shown.size(), 2U);
    EXPECT_EQ(shown[0].at("operations").as_int64(), 1);
    EXPECT_EQ(std::string(shown[0].at("items").as_array().at(0).as_object().at("digest").as_string()), sha256(bytes_of(letter_text)).hex());
    CK_MECHANISM how{CKM_RSA_PKCS, nullptr, 0};
    EXPECT_EQ(program.c().C_DecryptInit(session, &how, key), CKR_KEY_FUNCTION_NOT_PERMITTED);
    how.mechanism = CKM_RSA_X_509;
    EXPECT_EQ(program.c().C_SignInit(session, &how, key), CKR_MECHANISM_INVALID);
    how.mechanism = CKM_RSA_PKCS;
    ASSERT_EQ(program.c().C_SignInit(session, &how, key), CKR_OK);
    CK_BYTE no_digest_info[36] = {};
    Bytes room(256);
    CK_ULONG size = room.size();
    EXPECT_EQ(program.c().C_Sign(session, no_digest_info, sizeof no_digest_info, room.data(), &size), CKR_DATA_INVALID);
}

TEST(Pkcs11Module, ThePersonsNoIsNoPinError) {
    RunningAgent agent(ordinary_key(), {"no"});
    Pkcs11Program program(agent.site());
    const auto session = program.session();
    EXPECT_EQ(program.login(session), CKR_FUNCTION_CANCELED);
    EXPECT_TRUE(program.find(session, CKO_PRIVATE_KEY).empty());
    EXPECT_EQ(count(agent.log_kinds(), "refused"), 1U);
    EXPECT_EQ(count(agent.log_kinds(), "use"), 0U);
}

TEST(Pkcs11Module, AWrongPinIsAskedAgainByTheAgent) {
    RunningAgent agent(ordinary_key(), {"wrong", "yes"});
    Pkcs11Program program(agent.site());
    EXPECT_EQ(program.login(program.session()), CKR_OK);
    EXPECT_EQ(agent.shown(2).size(), 2U);
    EXPECT_EQ(count(agent.log_kinds(), "login-refused"), 1U);
}

TEST(Pkcs11Module, TakesNoPinFromAProgram) {
    RunningAgent agent(ordinary_key());
    Pkcs11Program program(agent.site());
    CK_UTF8CHAR typed[] = "uji-1234";
    EXPECT_EQ(program.c().C_Login(program.session(), CKU_USER, typed, sizeof typed - 1), CKR_ARGUMENTS_BAD);
    EXPECT_TRUE(agent.shown().empty());
}

TEST(Pkcs11Module, ExtractableKeysAreRefusedAfterTheirLoginShowsIt) {
    auto wish = ordinary_key();
    wish.token.extractable = true;
    RunningAgent agent(wish);
    Pkcs11Program program(agent.site());
    EXPECT_EQ(program.login(program.session()), CKR_FUNCTION_REJECTED);
    EXPECT_EQ(count(agent.log_kinds(), "end"), 1U);
}

TEST(Pkcs11Module, AKeyThatIsNotSensitiveIsRefusedAfterItsLoginShowsIt) {
    auto wish = ordinary_key();
    wish.token.sensitive = false;
    RunningAgent agent(wish);
    Pkcs11Program program(agent.site());
    EXPECT_EQ(program.login(program.session()), CKR_FUNCTION_REJECTED);
    EXPECT_EQ(count(agent.log_kinds(), "signed"), 0U);
}

/// What v3.0 appends to the list, in the standard's order.
struct ListOfVersion3 {
    CK_FUNCTION_LIST v2;
    decltype(&C_GetInterfaceList) get_interface_list;
    decltype(&C_GetInterface) get_interface;
    decltype(&C_LoginUser) login_user;
    decltype(&C_SessionCancel) session_cancel;
    CK_RV (*messages[20])();
};

struct Interfaces : Pkcs11Program {
    explicit Interfaces(const RunningAgent& agent) : Pkcs11Program(agent.site()), library(dlopen(module_path().c_str(), RTLD_NOW | RTLD_NOLOAD)) {
        get = reinterpret_cast<decltype(&C_GetInterface)>(dlsym(library, "C_GetInterface"));
        get_list = reinterpret_cast<decltype(&C_GetInterfaceList)>(dlsym(library, "C_GetInterfaceList"));
    }
    ~Interfaces() { dlclose(library); }
    CK_RV ask(const char* name, CK_BYTE major, CK_BYTE minor, CK_FLAGS flags = 0) {
        CK_VERSION version{major, minor};
        std::string text = name != nullptr ? name : "";
        return get(name != nullptr ? reinterpret_cast<CK_UTF8CHAR*>(text.data()) : nullptr, major != 0 ? &version : nullptr, &found, flags);
    }
    const ListOfVersion3& version3() {
        if (ask("PKCS 11", 3, 0) != CKR_OK) throw std::runtime_error("no version 3.0");
        return *static_cast<const ListOfVersion3*>(found->pFunctionList);
    }

    void* library;
    decltype(&C_GetInterface) get = nullptr;
    decltype(&C_GetInterfaceList) get_list = nullptr;
    CK_INTERFACE* found = nullptr;
};

TEST(Pkcs11Module, ShowsItsTwoInterfacesByNameAndVersionAndNoOther) {
    RunningAgent agent(ordinary_key());
    Interfaces program(agent);
    CK_ULONG many = 0;
    ASSERT_EQ(program.get_list(nullptr, &many), CKR_OK);
    ASSERT_EQ(many, 2U);
    CK_INTERFACE all[2];
    many = 1;
    EXPECT_EQ(program.get_list(all, &many), CKR_BUFFER_TOO_SMALL);
    EXPECT_EQ(many, 2U);
    ASSERT_EQ(program.get_list(all, &many), CKR_OK);
    for (const auto& one : all) EXPECT_STREQ(reinterpret_cast<const char*>(one.pInterfaceName), "PKCS 11");
    EXPECT_EQ(program.get_list(nullptr, nullptr), CKR_ARGUMENTS_BAD);

    ASSERT_EQ(program.ask(nullptr, 0, 0), CKR_OK) << "the default one";
    EXPECT_EQ(static_cast<const CK_VERSION*>(program.found->pFunctionList)->major, 3);
    ASSERT_EQ(program.ask("PKCS 11", 2, 40), CKR_OK);
    EXPECT_EQ(program.found->pFunctionList, &program.c()) << "the list of C_GetFunctionList";
    EXPECT_EQ(program.ask("PKCS 11", 3, 1), CKR_ARGUMENTS_BAD);
    EXPECT_EQ(program.ask("Vendor", 0, 0), CKR_ARGUMENTS_BAD);
    EXPECT_EQ(program.ask("PKCS 11", 3, 0, 1), CKR_ARGUMENTS_BAD) << "CKF_INTERFACE_FORK_SAFE is not promised";
    EXPECT_EQ(program.get(nullptr, nullptr, nullptr, 0), CKR_ARGUMENTS_BAD);
    for (const auto message : program.version3().messages) EXPECT_EQ(message(), CKR_FUNCTION_NOT_SUPPORTED);
}

TEST(Pkcs11Module, LoginUserIsALoginWithoutAUsernameAndSessionCancelEndsWhatItNames) {
    RunningAgent agent(ordinary_key());
    Interfaces program(agent);
    const auto& list = program.version3();
    const auto session = program.session();
    CK_UTF8CHAR name[] = "jana";
    EXPECT_EQ(list.login_user(session, CKU_USER, nullptr, 0, name, 4), CKR_FUNCTION_NOT_SUPPORTED);
    EXPECT_TRUE(agent.shown().empty());
    ASSERT_EQ(list.login_user(session, CKU_USER, nullptr, 0, nullptr, 0), CKR_OK);
    EXPECT_EQ(agent.shown(1).size(), 1U);
    const auto key = program.find(session, CKO_PRIVATE_KEY).at(0);

    CK_MECHANISM sign{CKM_ECDSA_SHA256, nullptr, 0}, digest{CKM_SHA256, nullptr, 0};
    CK_BYTE text[] = "surat", out[512];
    CK_ULONG size = sizeof out;
    ASSERT_EQ(program.c().C_SignInit(session, &sign, key), CKR_OK);
    ASSERT_EQ(program.c().C_DigestInit(session, &digest), CKR_OK);
    EXPECT_EQ(list.session_cancel(session, CKF_SIGN), CKR_OK);
    EXPECT_EQ(program.c().C_Sign(session, text, 5, out, &size), CKR_OPERATION_NOT_INITIALIZED);
    size = sizeof out;
    EXPECT_EQ(program.c().C_Digest(session, text, 5, out, &size), CKR_OK) << "it was not named";
    ASSERT_EQ(program.c().C_DigestInit(session, &digest), CKR_OK);
    EXPECT_EQ(list.session_cancel(session, CKF_DIGEST), CKR_OK);
    EXPECT_EQ(program.c().C_DigestInit(session, &digest), CKR_OK) << "nothing is active any more";
    EXPECT_EQ(list.session_cancel(session + 99, CKF_SIGN), CKR_SESSION_HANDLE_INVALID);
    Bytes signature;
    EXPECT_EQ(program.sign(session, key, CKM_ECDSA_SHA256, letter_text, signature), CKR_OK);
}

TEST(Pkcs11Module, LivesThroughAnAgentThatIsStartedAgain) {
    RunningAgent agent(ordinary_key());
    Pkcs11Program program(agent.site());
    const auto before = program.session();
    ASSERT_EQ(program.login(before), CKR_OK);
    const auto key = program.find(before, CKO_PRIVATE_KEY).at(0);
    agent.stop_prompter();
    agent.agent().signal(SIGKILL);
    agent.agent().wait(5000);
    Bytes signature;
    EXPECT_EQ(program.sign(before, key, CKM_ECDSA_SHA256, letter_text, signature), CKR_SESSION_HANDLE_INVALID);
    EXPECT_TRUE(program.slots().empty()); // nobody there: no token, no error
    agent.start_agent();
    agent.start_prompter({"yes"});
    const auto after = program.session();
    ASSERT_NE(after, 0U);
    EXPECT_NE(after, before);
    EXPECT_TRUE(program.find(after, CKO_PRIVATE_KEY).empty()); // the login went with the agent
    ASSERT_EQ(program.login(after), CKR_OK);
    EXPECT_EQ(program.sign(after, program.find(after, CKO_PRIVATE_KEY).at(0), CKM_ECDSA_SHA256, letter_text, signature), CKR_OK);
}

TEST(Pkcs11Module, AProgramThatIsKilledTakesItsLoginWithIt) {
    RunningAgent agent(ordinary_key());
    const pid_t child = fork();
    if (child == 0) {
        Pkcs11Program program(agent.site());
        if (program.login(program.session()) == CKR_OK) raise(SIGKILL);
        _exit(1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_TRUE(wait_for_row(agent, "end", 1));
}

TEST(Pkcs11Module, AQuestionClosesWhenItsProgramIsKilled) {
    RunningAgent agent(ordinary_key(), {"silent"});
    const pid_t child = fork();
    if (child == 0) {
        Pkcs11Program program(agent.site());
        (void)program.login(program.session());
        _exit(1);
    }
    ASSERT_EQ(agent.shown(1).size(), 1U);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const auto shown = agent.shown(2);
    ASSERT_EQ(shown.size(), 2U);
    EXPECT_TRUE(shown[1].contains("closed"));
}

TEST(Pkcs11Module, AChildAfterForkStartsAnew) {
    RunningAgent agent(ordinary_key());
    Pkcs11Program program(agent.site());
    const auto session = program.session();
    ASSERT_EQ(program.login(session), CKR_OK);
    const pid_t child = fork();
    if (child == 0) {
        CK_SESSION_INFO info{};
        if (program.c().C_GetSessionInfo(session, &info) != CKR_CRYPTOKI_NOT_INITIALIZED) _exit(1);
        if (program.c().C_Initialize(nullptr) != CKR_OK) _exit(2);
        if (program.c().C_GetSessionInfo(session, &info) != CKR_SESSION_HANDLE_INVALID) _exit(3);
        const auto own = program.session();
        if (own == 0 || !program.find(own, CKO_PRIVATE_KEY).empty()) _exit(4); // the parent's login is not the child's
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
    Bytes signature;
    EXPECT_EQ(program.sign(session, program.find(session, CKO_PRIVATE_KEY).at(0), CKM_ECDSA_SHA256, letter_text, signature), CKR_OK);
}

TEST(Pkcs11Module, EightProgramsAtOnceWithoutAnError) {
    RunningAgent agent(ordinary_key());
    std::vector<pid_t> children;
    for (int i = 0; i < 8; ++i) {
        const pid_t child = fork();
        if (child == 0) {
            Pkcs11Program program(agent.site());
            const auto session = program.session();
            if (session == 0 || program.login(session) != CKR_OK) _exit(1);
            const auto keys = program.find(session, CKO_PRIVATE_KEY);
            if (keys.size() != 1) _exit(2);
            Bytes signature;
            for (int n = 0; n < 50; ++n)
                if (program.sign(session, keys.front(), CKM_ECDSA_SHA256, letter_text, signature) != CKR_OK) _exit(3);
            _exit(0);
        }
        children.push_back(child);
    }
    for (const auto child : children) {
        int status = 0;
        waitpid(child, &status, 0);
        EXPECT_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
    }
    EXPECT_TRUE(wait_for_row(agent, "use", 400));
    EXPECT_EQ(count(agent.log_kinds(), "use"), 400U);
}

TEST(Pkcs11Module, AnotherLoginOnTheTokenEndsWhatProgramsMayDoAndTheyAreAskedAgain) {
    auto wish = ordinary_key("rsa2048");
    wish.local_programs = "{allowed: true, operations_per_consent: 100, minutes_per_consent: 5}";
    wish.authentication = true;
    RunningAgent agent(wish);
    Pkcs11Program program(agent.site());
    const auto session = program.session();
    ASSERT_EQ(program.login(session), CKR_OK);
    const auto key = program.find(session, CKO_PRIVATE_KEY).at(0);
    Bytes signature;
    ASSERT_EQ(program.sign(session, key, CKM_SHA256_RSA_PKCS, letter_text, signature), CKR_OK);
    const auto posted = agent.request("POST", "/v1/authenticate", json::serialize(json::object{{"challengeNonce", fresh_nonce()}}));
    ASSERT_EQ(posted.status, 200) << posted.body; // another login window on the same token
    EXPECT_EQ(program.sign(session, key, CKM_SHA256_RSA_PKCS, letter_text, signature), CKR_OK);
    EXPECT_EQ(agent.shown(3).size(), 3U); // the program, the page, the program again
}

TEST(Pkcs11Module, SizeQuestionsDoNotUseUpAnOperation) {
    RunningAgent agent(ordinary_key());
    Pkcs11Program program(agent.site());
    const auto session = program.session();
    ASSERT_EQ(program.login(session), CKR_OK);
    const auto key = program.find(session, CKO_PRIVATE_KEY).at(0);
    CK_MECHANISM how{CKM_ECDSA_SHA256, nullptr, 0};
    CK_BYTE data[] = {1, 2, 3}, room[64];
    CK_ULONG size = 0;
    ASSERT_EQ(program.c().C_SignInit(session, &how, key), CKR_OK);
    EXPECT_EQ(program.c().C_SignInit(session, &how, key), CKR_OPERATION_ACTIVE);
    ASSERT_EQ(program.c().C_Sign(session, data, sizeof data, nullptr, &size), CKR_OK);
    EXPECT_EQ(size, 64U);
    size = 10;
    EXPECT_EQ(program.c().C_Sign(session, data, sizeof data, room, &size), CKR_BUFFER_TOO_SMALL);
    ASSERT_EQ(program.c().C_Sign(session, data, sizeof data, room, &size), CKR_OK);
    EXPECT_EQ(program.c().C_Sign(session, data, sizeof data, room, &size), CKR_OPERATION_NOT_INITIALIZED);
    ASSERT_TRUE(wait_for_row(agent, "use", 1));
    EXPECT_EQ(count(agent.log_kinds(), "use"), 1U);
}

TEST(Pkcs11Module, AReportEndsAWindowThatIsOpenBeforeItsNextUse) {
    RunningAgent agent(ordinary_key());
    const auto tokens = json::parse(agent.cli({"token", "show", "--json"}).output).as_object().at("tokens").as_array();
    std::string serial;
    for (const auto& token : tokens)
        if (const auto* said = token.as_object().if_contains("serial"); said != nullptr && serial.empty()) serial = said->as_string();
    Pkcs11Program program(agent.site());
    const auto session = program.session();
    ASSERT_EQ(program.login(session), CKR_OK);
    const auto key = program.find(session, CKO_PRIVATE_KEY).at(0);
    Bytes signature;
    ASSERT_EQ(program.sign(session, key, CKM_ECDSA_SHA256, letter_text, signature), CKR_OK);
    const auto reported = agent.cli({"report", "new", "--json", "--category", "kehilangan_kunci_privat", "--serial", serial});
    ASSERT_EQ(reported.exit_code, 0) << reported.output;
    EXPECT_TRUE(wait_for_row(agent, "end", 1)); // by itself: the token is logged out
    EXPECT_EQ(program.sign(session, key, CKM_ECDSA_SHA256, letter_text, signature), CKR_FUNCTION_REJECTED);
    EXPECT_EQ(count(agent.log_kinds(), "use"), 1U);
    EXPECT_EQ(agent.shown(1).size(), 1U);
}

TEST(Pkcs11Module, ChangesNoToken) {
    RunningAgent agent(ordinary_key());
    Pkcs11Program program(agent.site());
    const auto session = program.session();
    CK_OBJECT_HANDLE object = 0;
    EXPECT_EQ(program.c().C_CreateObject(session, nullptr, 0, &object), CKR_TOKEN_WRITE_PROTECTED);
    const auto certificate = program.find(session, CKO_CERTIFICATE).at(0);
    EXPECT_EQ(program.c().C_DestroyObject(session, certificate), CKR_TOKEN_WRITE_PROTECTED);
    EXPECT_EQ(program.c().C_DestroyObject(session, certificate + 1000), CKR_OBJECT_HANDLE_INVALID);
    EXPECT_EQ(program.c().C_InitToken(0, nullptr, 0, nullptr), CKR_TOKEN_WRITE_PROTECTED);
    CK_SLOT_ID slot = 0;
    EXPECT_EQ(program.c().C_WaitForSlotEvent(0, &slot, nullptr), CKR_FUNCTION_NOT_SUPPORTED);
    EXPECT_EQ(program.c().C_CreateObject(9999, nullptr, 0, &object), CKR_SESSION_HANDLE_INVALID);
    program.c().C_Finalize(nullptr);
    EXPECT_EQ(program.c().C_CreateObject(9999, nullptr, 0, &object), CKR_CRYPTOKI_NOT_INITIALIZED);
}

TEST(Pkcs11Module, HostileFramesEndTheirConnectionAndNothingElse) {
    RunningAgent agent(ordinary_key());
    const std::string hello("\x09\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x01\x00\x00\x00", 17);
    const std::string frames[] = {
        std::string("\xff\xff\xff\xff\x00\x00\x00\x00", 8),                                              // four gigabytes
        std::string("\x01\x00\x00\x00\xff\x00\x00\x00x", 9),                                             // descriptors that do not exist
        std::string("\x05\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x02", 13),                         // tokens before hello
        hello + std::string("\x05\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x63", 13),                 // an unknown request
        hello + std::string("\x09\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x03\xff\xff\xff\xff", 17), // a text longer than its frame
        hello + std::string("\x06\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x02x", 14),                // a byte too many
    };
    for (const auto& bytes : frames) {
        const int fd = connect_to(agent);
        ASSERT_GE(fd, 0);
        ASSERT_EQ(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
        EXPECT_TRUE(hangs_up(fd)) << bytes.size();
        close(fd);
    }
    std::vector<int> many;
    for (int i = 0; i < 100; ++i) many.push_back(connect_to(agent)); // more than are let in
    for (const int fd : many) close(fd);
    for (int i = 0; i < 200; ++i) { // the door is free again when they have been seen off
        Pkcs11Program program(agent.site());
        if (program.session() != 0) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ADD_FAILURE() << "nobody is let in any more";
}
