// Programs of this computer beside fakes: what they are asked, what a no covers, and what ends a window that is open.
#include "tests/support/program_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jk::test {
namespace {

using testing::ElementsAre;

gate::Patience with_breath(std::chrono::steady_clock::duration breath) {
    gate::Patience patience;
    patience.same_breath = breath;
    return patience;
}

Errc code_of(const ProgramFixture::Answer& answer) { return *answer && !**answer ? (*answer)->error().code : Errc{}; }

TEST(LocalPrograms, ANoIsTheAnswerToTheQuestionsThatWaitedWhenItWasSaid) {
    ProgramFixture t(with_breath({})); // not by the moments after it
    t.consent.silent = true;
    const auto browser = t.program(), same_browser = t.program();
    const auto first = t.begin(browser, t.signing("a")), second = t.begin(browser, t.signing("b")), third = t.begin(same_browser, t.signing("c"));
    ASSERT_EQ(t.consent.questions.size(), 1u);
    EXPECT_FALSE(*second || *third);
    t.consent.close({}, Errc::consent_denied);
    t.go_on();
    for (const auto& answer : {first, second, third}) EXPECT_EQ(code_of(answer), Errc::consent_denied);
    EXPECT_EQ(t.consent.questions.size(), 1u);
    EXPECT_THAT(t.row_kinds(), ElementsAre("refused", "refused", "refused"));
    EXPECT_TRUE(t.use.windows.empty());
}

TEST(LocalPrograms, WhatIsAskedInTheSameBreathAsANoHasItsAnswerAndWhatIsAskedLaterIsAsked) {
    ProgramFixture same(with_breath(std::chrono::hours(1))), later(with_breath(std::chrono::nanoseconds(-1)));
    for (auto* t : {&same, &later}) {
        t->consent.answers.emplace_back(Errc::consent_denied);
        EXPECT_EQ(t->ask_for(t->program(), t->signing()).error().code, Errc::consent_denied);
    }
    EXPECT_EQ(same.ask_for(same.program(), same.signing()).error().code, Errc::consent_denied);
    EXPECT_EQ(same.consent.questions.size(), 1u);
    EXPECT_TRUE(later.ask_for(later.program(), later.signing()));
    EXPECT_EQ(later.consent.questions.size(), 2u);
}

TEST(LocalPrograms, ANoCoversNoOtherProgramAndNoOtherKey) {
    ProgramFixture t(with_breath(std::chrono::hours(1)));
    t.consent.answers.emplace_back(Errc::consent_denied);
    EXPECT_FALSE(t.ask_for(t.program(), t.signing()));
    EXPECT_TRUE(t.ask_for(t.program("/usr/bin/ssh"), t.signing()));
    const auto other = make_key("p256");
    t.certificate = *x509::read_certificate(t.ca.certify(other.get(), ProgramFixture::for_signing()));
    t.token.info.certificates.push_back(t.certificate);
    EXPECT_TRUE(t.ask_for(t.program(), t.signing()));
    EXPECT_EQ(t.consent.questions.size(), 3u);
}

TEST(LocalPrograms, ABurstCountsAsOneNoBeforeItsCallerPauses) {
    ProgramFixture t(with_breath({}));
    t.consent.silent = true;
    for (int burst = 0; burst < 2; ++burst) {
        t.consent.closed_with.reset();
        std::vector<ProgramFixture::Answer> answers;
        for (int i = 0; i < 4; ++i) answers.push_back(t.begin(t.program(), t.signing()));
        t.consent.close({}, Errc::consent_denied);
        t.go_on();
        for (const auto& answer : answers) ASSERT_EQ(code_of(answer), Errc::consent_denied);
    }
    t.consent.silent = false;
    EXPECT_TRUE(t.ask_for(t.program(), t.signing())) << "two noes are not three";
    EXPECT_EQ(t.consent.questions.size(), 3u);
}

TEST(LocalPrograms, ALastTryThatWasNotConfirmedIsANoToTheBurst) {
    ProgramFixture t(with_breath(std::chrono::hours(1)));
    t.token.info.pin_state = PinState::final_try;
    EXPECT_EQ(t.ask_for(t.program(), t.signing()).error().code, Errc::pin_final_try);
    EXPECT_EQ(t.ask_for(t.program(), t.signing()).error().code, Errc::pin_final_try);
    EXPECT_EQ(t.consent.questions.size(), 1u);
}

TEST(LocalPrograms, ATryIsInTheDatabaseBeforeTheTokenSeesThePin) {
    ProgramFixture t;
    int seen = -1;
    t.use.on_login = [&] {
        SQLite::Database other((t.folder.path() / "audit.db").string(), SQLite::OPEN_READONLY);
        seen = other.execAndGet("SELECT coalesce(sum(wrong), 0) FROM pin_tries").getInt();
    };
    EXPECT_TRUE(t.ask_for(t.program(), t.signing()));
    EXPECT_EQ(seen, 1);
}

TEST(LocalPrograms, APinThatTheTokenRefusesForOneUseIsCountedThoughTheLoginTookIt) {
    ProgramFixture t;
    const auto token = t.token.info.id;
    t.use.custody.always_authenticate = true;
    t.use.fault = Error(Errc::pin_incorrect);
    for (const int left : {4, 3, 2}) {
        const auto answer = t.ask_for(t.program(), t.signing());
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().sentence(Language::english), "The token refused the PIN; " + std::to_string(left) + " tries are left.");
        EXPECT_EQ(t.tries->left(token), left);
        EXPECT_TRUE(t.closed(t.use.windows.size() - 1)) << "the same PIN is not tried for the next use";
    }
    EXPECT_EQ(t.ask_for(t.program(), t.signing()).error().code, Errc::pin_pause);
    t.use.fault.reset();
    t.clock.set(t.clock.now() + std::chrono::minutes(16));
    EXPECT_TRUE(t.ask_for(t.program(), t.signing()));
    EXPECT_EQ(t.tries->left(token), audit::PinTries::limit);
}

TEST(LocalPrograms, ATokenThatGoesBeforeItHasJudgedThePinForAUseGivesNoTryBack) {
    ProgramFixture t;
    const auto token = t.token.info.id;
    t.use.custody.always_authenticate = true;
    t.use.fault = Error(Errc::token_removed);
    for (const int left : {4, 3, 2}) {
        EXPECT_EQ(t.ask_for(t.program(), t.signing()).error().code, Errc::token_removed);
        EXPECT_EQ(t.tries->left(token), left) << "the login had taken it, the key had not";
    }
    EXPECT_EQ(t.ask_for(t.program(), t.signing()).error().code, Errc::pin_pause);
    const auto after_the_pause = [&] { t.clock.set(t.clock.now() + std::chrono::minutes(16)); };
    for (const auto fault : {Errc::token_failed, Errc::use_ended, Errc::mechanism_unsupported}) {
        after_the_pause();
        t.use.fault = Error(fault);
        EXPECT_EQ(t.ask_for(t.program(), t.signing()).error().code, fault);
        EXPECT_EQ(t.tries->left(token), 2) << "no more, and no less: nothing was said of the PIN";
    }
    after_the_pause();
    t.use.fault.reset();
    EXPECT_TRUE(t.ask_for(t.program(), t.signing()));
    EXPECT_EQ(t.tries->left(token), audit::PinTries::limit);
}

TEST(LocalPrograms, ARightPinThatNoUseFollowsIsCountedByNobody) {
    ProgramFixture t;
    t.use.custody.always_authenticate = true;
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(t.log_in(t.program()));
    EXPECT_EQ(t.tries->left(t.token.info.id), audit::PinTries::limit);
}

TEST(LocalPrograms, OfSeveralProgramsOneThatIsRefusedCountsWhateverTheOthersDo) {
    ProgramFixture t;
    const auto token = t.token.info.id;
    t.use.custody.always_authenticate = true;
    const auto one = t.program("/usr/bin/ssh"), another = t.program("/usr/bin/firefox");
    ASSERT_TRUE(t.log_in(one));
    ASSERT_TRUE(t.log_in(another));
    t.use.fault = Error(Errc::pin_incorrect);
    EXPECT_FALSE(t.ask_for(one, t.signing()));
    EXPECT_EQ(t.tries->left(token), 4);
    t.use.fault = Error(Errc::use_ended); // as the worker says of all windows of the token then
    EXPECT_FALSE(t.ask_for(another, t.signing()));
    EXPECT_EQ(t.tries->left(token), 4) << "what did not reach the token gives nothing back";
}

TEST(LocalPrograms, ATokenWhoseModuleIsLateIsWaitedForUnlessTheProgramGoes) {
    for (const bool goes : {false, true}) {
        ProgramFixture t;
        t.token.absent = t.token.late = true;
        const auto who = t.program();
        const auto answer = t.begin(who, t.signing());
        t.io.restart();
        t.io.run_for(std::chrono::milliseconds(50));
        EXPECT_FALSE(*answer);
        if (goes) {
            t.programs->left(who);
        } else {
            t.token.absent = t.token.late = false;
        }
        t.io.restart();
        for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(8); !*answer && t.io.run_one_until(end) > 0;) {
        }
        ASSERT_TRUE(*answer);
        EXPECT_EQ(bool(**answer), !goes);
    }
}

TEST(LocalPrograms, SilenceIsNoNo) {
    ProgramFixture t(with_breath(std::chrono::hours(1)));
    t.consent.answers.emplace_back(Errc::consent_timed_out);
    EXPECT_EQ(t.ask_for(t.program(), t.signing()).error().code, Errc::consent_timed_out);
    EXPECT_TRUE(t.ask_for(t.program(), t.signing()));
    EXPECT_EQ(t.consent.questions.size(), 2u);
}

struct Turn {
    const char* name;
    void (*happens)(ProgramFixture&);
    Errc code;
};
void PrintTo(const Turn& turn, std::ostream* out) { *out << turn.name; }

class WindowsThatAreOpen : public testing::TestWithParam<Turn> {};

TEST_P(WindowsThatAreOpen, EndByThemselvesWhenTheFactsTurnAndLaterUsesAreToldWhy) {
    ProgramFixture t;
    const auto program = t.program();
    ASSERT_TRUE(t.ask_for(program, t.signing()));
    t.look_again();
    ASSERT_FALSE(t.closed()) << "nothing has turned";
    GetParam().happens(t);
    EXPECT_TRUE(t.closes_by_itself());
    const auto row = t.last_row("end");
    EXPECT_EQ(row.at("state").as_string(), "failed");
    EXPECT_EQ(row.at("error").as_object().at("code").as_string(), entry_of(GetParam().code).code);
    EXPECT_EQ(t.ask_for(program, t.signing()).error().code, GetParam().code);
    EXPECT_EQ(t.consent.questions.size(), 1u);
    EXPECT_EQ(t.use.windows.at(0)->used, 1);
}

void is_reported(ProgramFixture& t) {
    t.blocks.add({policy::BlockedBy::certificate, t.certificate->id.sha256.hex(), policy::BlockCause::reported, false, "k_1", t.clock.now()});
}

std::vector<Turn> turns() {
    return {{"revoked", [](ProgramFixture& t) { t.facts.state.revoked = t.clock.now(); }, Errc::certificate_revoked},
            {"suspended", [](ProgramFixture& t) { t.facts.state.suspended = true; }, Errc::certificate_suspended},
            {"replaced", [](ProgramFixture& t) { t.facts.state.replaced = t.clock.now(); }, Errc::certificate_replaced},
            {"remote", [](ProgramFixture& t) { t.facts.sitting.remote = true; }, Errc::session_remote},
            {"inactive", [](ProgramFixture& t) { t.facts.sitting.active = false; }, Errc::session_inactive},
            {"lost",
             [](ProgramFixture& t) {
                 t.facts.sitting.log_lost = policy::LogLoss{"l_1", t.clock.now()};
             },
             Errc::log_lost},
            {"reported", is_reported, Errc::blocked_locally},
            {"expired", [](ProgramFixture& t) { t.clock.set(t.certificate->not_after + std::chrono::hours(1)); }, Errc::certificate_expired}};
}

INSTANTIATE_TEST_SUITE_P(LocalPrograms, WindowsThatAreOpen, testing::ValuesIn(turns()), testing::PrintToStringParamName());

TEST(LocalPrograms, AWindowOfARevokedCertificateGoesOnForOldLettersOnly) {
    ProgramFixture t({}, "rsa2048");
    const auto program = t.program();
    ASSERT_TRUE(t.ask_for(program, t.signing()));
    ASSERT_TRUE(t.ask_for(program, t.decrypting()));
    t.facts.state.revoked = t.clock.now();
    t.look_again();
    EXPECT_FALSE(t.closed());
    EXPECT_EQ(t.ask_for(program, t.signing()).error().code, Errc::certificate_revoked);
    EXPECT_TRUE(t.ask_for(program, t.decrypting()));
    EXPECT_EQ(t.consent.questions.size(), 1u);
    EXPECT_EQ(t.use.windows.at(0)->used, 3);
}

TEST(LocalPrograms, WhatTurnsWhileTheQuestionIsOpenKeepsThePinFromTheToken) {
    for (const auto& turn : turns()) {
        if (turn.code == Errc::certificate_expired) continue; // the question outlives no certificate by a minute
        ProgramFixture t;
        t.consent.on_question = [&](const ConsentQuestion&) { turn.happens(t); };
        EXPECT_EQ(t.ask_for(t.program(), t.signing()).error().code, turn.code) << turn.name;
        EXPECT_TRUE(t.use.windows.empty()) << turn.name;
        EXPECT_EQ(t.tries->left(t.token.info.id), audit::PinTries::limit) << turn.name;
    }
}

TEST(LocalPrograms, ABlockOfTheBundleThatStopsDecryptionStopsIt) {
    ProgramFixture t({}, "rsa2048");
    policy::BlockList bundle;
    bundle.add({policy::BlockedBy::certificate, t.certificate->id.sha256.hex(), policy::BlockCause::reported, false, "k_1", t.clock.now()});
    policy::add_blocks(t.facts.state, bundle, *t.certificate, t.token.info.id);
    EXPECT_EQ(t.ask_for(t.program(), t.decrypting()).error().code, Errc::blocked_locally);

    ProgramFixture reading({}, "rsa2048");
    policy::BlockList lost;
    lost.add({policy::BlockedBy::certificate, reading.certificate->id.sha256.hex(), policy::BlockCause::reported, true, "k_1", reading.clock.now()});
    policy::add_blocks(reading.facts.state, lost, *reading.certificate, reading.token.info.id);
    EXPECT_TRUE(reading.ask_for(reading.program(), reading.decrypting()));
    EXPECT_EQ(reading.ask_for(reading.program(), reading.signing()).error().code, Errc::blocked_locally);
}

TEST(LocalPrograms, AProgramThatIsNotWhatItWasIsNotAskedFor) {
    ProgramFixture t;
    const auto program = t.programs->arrived({Door::pkcs11, "program:x", "/usr/bin/x", "x (PID 7)", "", "", {}}, [] { return false; });
    EXPECT_EQ(t.ask_for(program, t.signing()).error().code, Errc::program_not_permitted);
    EXPECT_TRUE(t.consent.questions.empty());
    EXPECT_EQ(t.last_row("refused").at("error").as_object().at("code").as_string(), entry_of(Errc::program_not_permitted).code);
}

TEST(LocalPrograms, APointOffTheKeysCurveReachesNoTokenBeforeOrAfterAYes) {
    ProgramFixture t;
    auto wish = ProgramFixture::for_signing();
    wish.key_usage = "critical,keyAgreement";
    t.certificate = *x509::read_certificate(t.ca.certify(t.key.get(), wish));
    t.token.info.certificates = {t.certificate};
    t.token.info.ecdh = true;
    const auto agreeing = [&](const Bytes& point) { return KeyTask{t.certificate->id, PeerPoint{point}}; };
    const auto point_of = [](EVP_PKEY* key) {
        unsigned char* bytes = nullptr;
        const auto size = EVP_PKEY_get1_encoded_public_key(key, &bytes);
        const x509::OpensslBytes owner(bytes);
        return Bytes(bytes, bytes + size);
    };
    const auto peer = make_key("p256");
    const auto good = point_of(peer.get());
    auto off = good;
    off.back() ^= 1;
    const auto program = t.program();
    EXPECT_EQ(t.ask_for(program, agreeing(off)).error().code, Errc::decryption_failed);
    EXPECT_TRUE(t.consent.questions.empty());
    ASSERT_TRUE(t.ask_for(program, agreeing(good)));
    EXPECT_EQ(t.ask_for(program, agreeing(off)).error().code, Errc::decryption_failed) << "nor through a window that is open";
    EXPECT_EQ(t.ask_for(program, agreeing(Bytes(65, 0))).error().code, Errc::mechanism_unsupported);
    EXPECT_EQ(t.use.windows.at(0)->used, 1);
}

TEST(LocalPrograms, ABareDigestForATokenThatHashesByItselfIsRefusedAndNobodyIsAsked) {
    ProgramFixture t;
    t.token.info.hashed_there = {std::get<DigestToSign>(t.signing().what).mechanism};
    EXPECT_EQ(t.ask_for(t.program(), t.signing()).error().code, Errc::mechanism_unsupported);
    EXPECT_TRUE(t.consent.questions.empty());
}

TEST(LocalPrograms, WhatComesBackIsAskedAnew) {
    ProgramFixture t({}, "rsa2048");
    const auto program = t.program();
    ASSERT_TRUE(t.ask_for(program, t.signing()));
    t.facts.state.suspended = true;
    t.look_again();
    t.facts.state.suspended = false;
    ASSERT_TRUE(t.ask_for(program, t.signing()));
    EXPECT_EQ(t.consent.questions.size(), 2u) << "a window that was narrowed does not grow again";
    EXPECT_TRUE(t.closed(0));
}

} // namespace
} // namespace jk::test
