// Every misbehaviour of a vendor's module, as a program sees it that signs through libjurukunci-pkcs11.so: a true result code, never a wrong
// signature, and the next one works. And nobody but the worker of that module notices.
#include "tests/support/pkcs11_program.hpp"
#include "tests/support/running_agent.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

namespace jk::test {
namespace {

SiteWish unruly_token() {
    auto wish = ordinary_key();
    wish.module = JURUKUNCI_UNRULY_MODULE;
    return wish;
}

/// A worker that saw its card go is believed for two seconds.
CK_SESSION_HANDLE session_soon(Pkcs11Program& program) {
    auto session = program.session();
    for (int i = 0; i < 500 && session == 0; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        session = program.session();
    }
    return session;
}

struct Misbehaviour {
    const char* order;
    CK_RV result;    ///< of C_Sign in a window that is open
    bool asks_again; ///< the window is lost with the worker or the token's login: the next operation needs a new yes
};
void PrintTo(const Misbehaviour& m, std::ostream* out) { *out << m.order; }

class UnrulyForPrograms : public testing::TestWithParam<Misbehaviour> {};

TEST_P(UnrulyForPrograms, IsToldTruthfullyAndTheNextSignatureWorks) {
    RunningAgent agent(unruly_token());
    Pkcs11Program program(agent.site());
    auto session = program.session();
    ASSERT_EQ(program.login(session), CKR_OK);
    auto key = program.find(session, CKO_PRIVATE_KEY).at(0);
    const auto public_key = program.find(session, CKO_PUBLIC_KEY).at(0);
    Bytes signature;
    ASSERT_EQ(program.sign(session, key, CKM_ECDSA_SHA256, "surat", signature), CKR_OK);
    const auto asked = agent.shown(1).size();

    agent.order_module(GetParam().order);
    signature.clear();
    EXPECT_EQ(program.sign(session, key, CKM_ECDSA_SHA256, "surat", signature), GetParam().result);
    EXPECT_EQ(signature.empty(), GetParam().result != CKR_OK) << "what failed gives nothing";

    agent.order_module("");
    if (program.c().C_GetSessionInfo(session, nullptr) == CKR_SESSION_HANDLE_INVALID || program.find(session, CKO_PRIVATE_KEY).empty()) {
        session = session_soon(program);
        ASSERT_NE(session, 0U);
        ASSERT_EQ(program.login(session), CKR_OK);
        key = program.find(session, CKO_PRIVATE_KEY).at(0);
    }
    ASSERT_EQ(program.sign(session, key, CKM_ECDSA_SHA256, "surat", signature), CKR_OK);
    EXPECT_EQ(program.verify(session, public_key, CKM_ECDSA_SHA256, "surat", signature), CKR_OK);
    EXPECT_EQ(agent.shown(asked + (GetParam().asks_again ? 1 : 0)).size(), asked + (GetParam().asks_again ? 1 : 0));
}

INSTANTIATE_TEST_SUITE_P(All, UnrulyForPrograms,
                         testing::Values(Misbehaviour{"C_Sign crash\n", CKR_DEVICE_ERROR, true},
                                         Misbehaviour{"C_Sign hang\n", CKR_DEVICE_ERROR, true},
                                         Misbehaviour{"C_Sign wrong\n", CKR_DEVICE_ERROR, true},
                                         Misbehaviour{"C_Sign length\n", CKR_DEVICE_ERROR, false},
                                         Misbehaviour{"C_Sign removed\n", CKR_DEVICE_REMOVED, true},
                                         Misbehaviour{"C_Sign gone\n", CKR_DEVICE_REMOVED, true}, Misbehaviour{"C_Sign slow\n", CKR_OK, false}));

TEST(UnrulyForPrograms, ACardThatGoesWhileItDecryptsIsNotCalledABadLetter) {
    auto wish = ordinary_key("rsa2048");
    wish.module = JURUKUNCI_UNRULY_MODULE;
    RunningAgent agent(wish);
    Pkcs11Program program(agent.site());
    const auto session = program.session();
    ASSERT_EQ(program.login(session), CKR_OK);
    const auto key = program.find(session, CKO_PRIVATE_KEY).at(0);
    const auto decrypt = [&] {
        CK_MECHANISM how{CKM_RSA_PKCS, nullptr, 0};
        CK_BYTE letter[256] = {0, 1}, text[256];
        CK_ULONG size = sizeof text;
        const CK_RV rv = program.c().C_DecryptInit(session, &how, key);
        return rv != CKR_OK ? rv : program.c().C_Decrypt(session, letter, sizeof letter, text, &size);
    };
    EXPECT_EQ(decrypt(), CKR_ENCRYPTED_DATA_INVALID);
    agent.order_module("C_Decrypt gone\n");
    EXPECT_EQ(decrypt(), CKR_DEVICE_REMOVED);
}

TEST(UnrulyForPrograms, ALoginThatFailsIsNoPinError) {
    for (const char* order : {"C_Login crash\n", "C_Login removed\n", "C_OpenSession crash\n"}) {
        RunningAgent agent(unruly_token());
        Pkcs11Program program(agent.site());
        const auto session = program.session();
        agent.order_module(order);
        const auto result = program.login(session);
        EXPECT_NE(result, CKR_OK) << order;
        EXPECT_NE(result, CKR_PIN_INCORRECT) << order; // the program would ask again and spend the tries
        agent.order_module("");
        const auto again = session_soon(program);
        ASSERT_NE(again, 0U) << order;
        EXPECT_EQ(program.login(again), CKR_OK) << order;
    }
}

TEST(UnrulyForPrograms, AProgramsTokenThatHangsDoesNotHoldUpADocumentOnAnother) {
    auto wish = unruly_token();
    wish.modules = {{"tetangga", softhsm_module(), {}, "", TokenWish()}};
    RunningAgent agent(wish);
    Pkcs11Program program(agent.site());
    const auto session = program.session();
    agent.order_module("C_Login hang\n");
    std::atomic<bool> returned = false;
    std::thread login([&] {
        EXPECT_NE(program.login(session), CKR_OK);
        returned = true;
    });
    (void)agent.shown(1);
    const auto operation = agent.sign_document(letter("undangan-rapat.pdf"));
    EXPECT_EQ(operation.at("state").as_string(), "done") << json::serialize(operation);
    EXPECT_FALSE(returned) << "it still hangs, and nobody waited for it";
    login.join();
}

TEST(UnrulyForPrograms, WildLengthsOfAttributesShowNoKeyAndManySlotsHideNone) {
    RunningAgent agent(unruly_token());
    agent.order_module("C_GetAttributeValue length\n");
    Pkcs11Program program(agent.site());
    if (const auto session = program.session(); session != 0) {
        EXPECT_NE(program.login(session), CKR_OK);
        EXPECT_TRUE(program.find(session, CKO_PRIVATE_KEY).empty());
    }
    agent.order_module("C_GetSlotList many\n");
    const auto session = session_soon(program);
    ASSERT_NE(session, 0U);
    EXPECT_EQ(program.login(session), CKR_OK);
    EXPECT_EQ(program.find(session, CKO_PRIVATE_KEY).size(), 1U);
}

} // namespace
} // namespace jk::test
