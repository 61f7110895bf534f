// How long the door knows a session and a nonce, without waiting for it.
#include "agent/doors/http/nonce_book.hpp"
#include "agent/doors/http/session_book.hpp"
#include "tests/support/fakes.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gtest/gtest.h>

namespace jk::test {
namespace {

using namespace std::chrono_literals;

struct Books : testing::Test {
    ScratchFolder folder;
    store::DeviceKey key = *store::DeviceKey::open_or_create(folder.path() / "device.key");
    FakeClock clock{WallTime(1'795'000'000s)};
    doors::AgentProof proof{key, "uji"};
    doors::SessionBook sessions{proof, clock};
    doors::SessionBook::SteadyTime start = std::chrono::steady_clock::now();
};

TEST_F(Books, ASessionEndsAfterTenMinutesWithoutUseAndLivesOnWithIt) {
    const auto session = sessions.open("https://a.example", 1, "n", start);
    for (int minutes = 9; minutes <= 90; minutes += 9)
        EXPECT_TRUE(sessions.knows(session.token, "https://a.example", start + std::chrono::minutes(minutes)));
    EXPECT_FALSE(sessions.knows(session.token, "https://a.example", start + 90min + 10min + 1s));
    EXPECT_FALSE(sessions.knows(session.token, "https://a.example", start + 90min)) << "what is gone does not come back";
}

TEST_F(Books, ASessionEndsAfterEightHoursHoweverOftenItIsUsed) {
    const auto session = sessions.open("https://a.example", 1, "n", start);
    const auto opened = clock.now();
    for (int minutes = 5; minutes < 480; minutes += 5) {
        clock.set(opened + std::chrono::minutes(minutes));
        ASSERT_TRUE(sessions.knows(session.token, "https://a.example", start + std::chrono::minutes(minutes))) << minutes;
    }
    clock.set(opened + 8h);
    EXPECT_FALSE(sessions.knows(session.token, "https://a.example", start + 480min));
}

TEST_F(Books, ASessionIsItsOriginsAlone) {
    const auto session = sessions.open("https://a.example", 1, "n", start);
    EXPECT_FALSE(sessions.knows(session.token, "https://b.example", start));
    EXPECT_FALSE(sessions.knows(session.token + "x", "https://a.example", start));
    EXPECT_FALSE(sessions.knows("", "https://a.example", start));
    EXPECT_TRUE(sessions.knows(session.token, "https://a.example", start));
}

TEST_F(Books, ANonceIsGoodOnceForTenMinutesAndForItsOriginOnly) {
    doors::NonceBook nonces;
    EXPECT_TRUE(nonces.use("https://a.example", "n", start));
    EXPECT_FALSE(nonces.use("https://a.example", "n", start + 10min));
    EXPECT_TRUE(nonces.use("https://b.example", "n", start));
    EXPECT_TRUE(nonces.use("https://a.example", "m", start + 11min));
}

} // namespace
} // namespace jk::test
