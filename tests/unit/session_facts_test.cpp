// Where the person sits, from what logind and the environment say.
#include "agent/session/session_facts.hpp"

#include <gtest/gtest.h>

#include <map>

namespace jk::test {
namespace {

using session::Login;

policy::SessionFacts facts(const std::optional<Login>& login, const std::map<std::string, std::string>& environment = {}) {
    const auto variable = [&](const char* name) {
        const auto found = environment.find(name);
        return found == environment.end() ? std::string() : found->second;
    };
    return session::session_facts({variable, [&] { return login; }});
}

TEST(SessionFacts, AtTheSeatOfThisComputer) {
    const auto f = facts(Login{false, true, "wayland", "gdm-password"});
    EXPECT_EQ(f.remote, false);
    EXPECT_EQ(f.active, true);
}

TEST(SessionFacts, WhatLogindCallsRemoteIsRemote) {
    const auto f = facts(Login{true, true, "tty", "login"});
    EXPECT_EQ(f.remote, true);
    EXPECT_EQ(f.how, "login");
}

TEST(SessionFacts, AnXrdpSessionIsRemoteThoughLogindDoesNotSaySo) {
    const auto f = facts(Login{false, true, "x11", "xrdp-sesman"});
    EXPECT_EQ(f.remote, true);
    EXPECT_EQ(f.how, "RDP");
}

TEST(SessionFacts, TheEnvironmentOfSshAndVncSpeaksWhereLogindDoesNot) {
    for (const auto& [name, how] : std::map<std::string, std::string>{
             {"SSH_CONNECTION", "SSH"}, {"SSH_TTY", "SSH"}, {"XRDP_SESSION", "RDP"}, {"VNCDESKTOP", "VNC"}, {"X2GO_SESSION", "X2Go"}}) {
        const auto f = facts(std::nullopt, {{name, "1"}});
        EXPECT_EQ(f.remote, true) << name;
        EXPECT_EQ(f.how, how) << name;
    }
}

TEST(SessionFacts, AnotherSessionInFrontIsInactive) { EXPECT_EQ(facts(Login{false, false, "x11", "lightdm"}).active, false); }

TEST(SessionFacts, WithoutLogindNothingIsClaimed) {
    const auto f = facts(std::nullopt);
    EXPECT_EQ(f.remote, std::nullopt);
    EXPECT_EQ(f.active, std::nullopt);
}

TEST(SessionFacts, OfThisProcessAreReadWithoutFailing) { (void)session::LoginFacts().session(); }

} // namespace
} // namespace jk::test
