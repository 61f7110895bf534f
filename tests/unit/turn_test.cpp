// Turn: whom a token that works, hangs or is slow keeps from the person, and whom not.
#include "tests/support/gate_fixture.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace jk::test {
namespace {

using gate::OperationState;

/// Two tokens behind two modules, each with its own certificate.
struct TwoTokens : GateFixture {
    TwoTokens() {
        auto wish = CertificateWish();
        wish.common_name = "Budi Santoso";
        other_key = make_key("p256");
        other_certificate = *x509::read_certificate(ca.certify(other_key.get(), wish));
        auto other = token.info;
        other.id = {"other", "5678"};
        other.label = "Budi S.";
        other.certificates = {other_certificate};
        token.others = {other};
    }
    gate::OperationRef submit_with(const CertificateRef& wanted) {
        auto wish = request();
        wish.certificate = wanted->id;
        return submit(std::move(wish));
    }
    gate::OperationRef submit_here() { return submit_with(certificate); }
    gate::OperationRef submit_there() { return submit_with(other_certificate); }
    template <class Reached> void run_until(Reached reached) {
        io.restart();
        for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(8); !reached();)
            if (io.run_one_until(end) == 0) throw std::runtime_error("it does not come to that");
    }
    void run_until_ended(const gate::OperationRef& operation) {
        run_until([&] { return operation->finished(); });
    }
    void run_until_asked(std::size_t questions) {
        run_until([&] { return consent.questions.size() >= questions; });
    }
    /// Long enough for whatever would come by itself.
    void run_a_while() {
        io.restart();
        io.run_for(std::chrono::milliseconds(800));
    }
    /// The first's PIN was wrong, and the token took its time to say so: the second is being asked.
    std::pair<gate::OperationRef, gate::OperationRef> wrong_pin_behind_another_question() {
        token.slow_login = {"fake"};
        token.login_faults = {Errc::pin_incorrect};
        consent.on_question = [&](const ConsentQuestion&) { consent.silent = consent.questions.size() == 2; };
        const auto wrong = submit_here(), next = submit_there();
        run_until_asked(2);
        token.slow_login = {};
        run_a_while();
        return {wrong, next};
    }
    x509::EvpPkeyPtr other_key;
    CertificateRef other_certificate;
};

TEST(Turn, ATokenThatHangsWhileItSignsKeepsNobodyFromSigningWithAnother) {
    TwoTokens t;
    t.token.slow_signer = {"fake"};
    const auto hangs = t.submit_here(), goes = t.submit_there();
    t.run_until_ended(goes);
    EXPECT_EQ(goes->state, OperationState::done);
    EXPECT_EQ(hangs->state, OperationState::signing);
    t.token.slow_signer = {};
    t.run_until_ended(hangs);
    EXPECT_EQ(hangs->state, OperationState::done);
}

TEST(Turn, NorDoesOneThatHangsInItsLogin) {
    TwoTokens t;
    t.token.slow_login = {"fake"};
    const auto hangs = t.submit_here(), goes = t.submit_there();
    t.run_until_ended(goes);
    EXPECT_EQ(goes->state, OperationState::done);
    EXPECT_EQ(hangs->state, OperationState::signing);
    t.token.slow_login = {};
    t.run_until_ended(hangs);
}

TEST(Turn, WhoTypesOnTheReaderIsAskedNothingElseMeanwhile) {
    TwoTokens t;
    t.token.info.pin_pad = true;
    t.token.slow_login = {"fake"};
    const auto typing = t.submit_here(), waits = t.submit_there();
    t.run_a_while();
    EXPECT_EQ(t.consent.questions.size(), 1u);
    EXPECT_EQ(waits->state, OperationState::preparing);
    t.token.slow_login = {};
    t.token.slow_signer = {"fake"}; // the PIN is in, the token works
    t.run_until_ended(waits);
    EXPECT_EQ(waits->state, OperationState::done);
    EXPECT_EQ(typing->state, OperationState::signing);
    t.token.slow_signer = {};
    t.run_until_ended(typing);
}

TEST(Turn, AboutTheTokenThatWorksNobodyIsAskedForASecondPin) {
    TwoTokens t;
    t.token.slow_signer = {"fake"};
    const auto first = t.submit_here(), second = t.submit_here();
    const auto enrolment = *t.enrolments->submit(t.request().caller, "nonce", "123456");
    t.run_a_while();
    EXPECT_EQ(first->state, OperationState::signing);
    EXPECT_EQ(second->state, OperationState::preparing);
    EXPECT_TRUE(enrolment->finished()) << "the person is free for what needs no token";
    EXPECT_EQ(t.consent.questions.size(), 2u);
    EXPECT_TRUE(t.attention.taken());
    t.token.slow_signer = {};
    t.run_until_ended(second);
    EXPECT_EQ(first->state, OperationState::done);
    EXPECT_EQ(second->state, OperationState::done);
    t.io.poll();
    EXPECT_FALSE(t.attention.taken());
}

TEST(Turn, WhatCannotBeFoundWhileATokenWorksIsLookedForOnceMore) {
    TwoTokens t;
    t.token.slow_signer = {"fake"};
    const auto first = t.submit_here();
    t.run_until_asked(1);
    const auto others = std::exchange(t.token.others, {}); // as a module that does not answer in time
    const auto second = t.submit_there();
    t.run_a_while();
    EXPECT_EQ(second->state, OperationState::preparing);
    t.token.others = others;
    t.token.slow_signer = {};
    t.run_until_ended(second);
    EXPECT_EQ(second->state, OperationState::done);
}

TEST(Turn, WhoNeedsATokenWhoseModuleIsLateWaitsForItAndOthersAreAskedMeanwhile) {
    TwoTokens t;
    auto late_token = t.token.others;
    t.token.others.clear();
    t.token.late = true;
    const auto waits = t.submit_there();
    t.run_a_while();
    EXPECT_EQ(waits->state, OperationState::preparing);
    const auto goes = t.submit_here();
    t.run_until_ended(goes);
    EXPECT_EQ(goes->state, OperationState::done);
    t.token.others = late_token;
    t.token.late = false;
    t.run_until_ended(waits);
    EXPECT_EQ(waits->state, OperationState::done);
}

TEST(Turn, WhatIsOnNoTokenIsToldOnceTheLateModuleHasAnswered) {
    TwoTokens t;
    t.token.others.clear();
    t.token.late = true;
    const auto waits = t.submit_there();
    t.run_a_while();
    EXPECT_FALSE(waits->finished());
    t.token.late = false;
    t.run_until_ended(waits);
    EXPECT_EQ(waits->error->code, Errc::certificate_unknown);
    EXPECT_TRUE(t.consent.questions.empty());
}

TEST(Turn, WhoIsCancelledWhileItWaitsForALateModuleEndsAtOnce) {
    TwoTokens t;
    t.token.others.clear();
    t.token.late = true;
    const auto waits = t.submit_there();
    t.run_a_while();
    ASSERT_FALSE(waits->finished());
    ASSERT_TRUE(t.operations->cancel(*waits, Errc::cancelled_by_application));
    t.run_until_ended(waits);
    EXPECT_EQ(waits->state, OperationState::cancelled);
    EXPECT_EQ(t.sign()->state, OperationState::done);
}

TEST(Turn, AWrongPinIsAskedForAgainBeforeAnybodyElseAsks) {
    TwoTokens t;
    t.token.login_faults = {Errc::pin_incorrect};
    const auto wrong = t.submit_here(), next = t.submit_there();
    t.run_until_ended(next);
    ASSERT_EQ(t.consent.questions.size(), 3u);
    EXPECT_TRUE(t.consent.questions[1].previous_fault);
    EXPECT_EQ(t.consent.questions[1].certificate->id, t.certificate->id);
    EXPECT_EQ(t.consent.questions[2].certificate->id, t.other_certificate->id);
    EXPECT_EQ(wrong->state, OperationState::done);
}

TEST(Turn, AWrongPinThatTookItsTimeIsAskedForAgainAfterWhoIsBeingAsked) {
    TwoTokens t;
    const auto [wrong, next] = t.wrong_pin_behind_another_question();
    EXPECT_EQ(t.consent.questions.size(), 2u) << "one dialog at a time";
    EXPECT_EQ(wrong->state, OperationState::preparing);
    t.consent.silent = false;
    (void)t.operations->cancel(*next, Errc::cancelled_by_application);
    t.run_until_ended(wrong);
    EXPECT_EQ(t.consent.questions.size(), 3u);
    EXPECT_TRUE(t.consent.questions[2].previous_fault);
    EXPECT_EQ(wrong->state, OperationState::done);
}

TEST(Turn, AWrongPinThatTookItsTimeWaitsForWhoeverGotTheSameTokenMeanwhile) {
    TwoTokens t;
    t.token.slow_login = {"fake"};
    t.token.slow_signer = {"fake"};
    t.token.login_faults = {Errc::pin_incorrect};
    const auto wrong = t.submit_here();
    t.run_until_asked(1);
    t.token.slow_to_show = true; // the second has the dialog and looks for its token, behind the login
    const auto second = t.submit_here();
    t.run_a_while();
    t.token.slow_login = {};
    t.run_a_while();
    EXPECT_EQ(wrong->state, OperationState::preparing);
    t.token.slow_to_show = false;
    t.run_until_asked(2);
    t.run_a_while();
    EXPECT_EQ(second->state, OperationState::signing);
    EXPECT_EQ(t.consent.questions.size(), 2u) << "a PIN for a token that works is not asked for";
    t.token.slow_signer = {};
    t.run_until_ended(second);
    t.run_until_ended(wrong);
    EXPECT_EQ(t.consent.questions.size(), 3u);
    EXPECT_EQ(wrong->state, OperationState::done);
    EXPECT_FALSE(t.attention.taken());
}

TEST(Turn, ASecondQuestionThatHadToWaitKeepsThePauseAfterWrongPins) {
    TwoTokens t;
    const auto [wrong, next] = t.wrong_pin_behind_another_question();
    for (int i = 0; i < 2; ++i) t.tries->count(t.token.info.id); // others' wrong ones, meanwhile
    ASSERT_GT(t.tries->pause(t.token.info.id).count(), 0);
    t.consent.silent = false;
    (void)t.operations->cancel(*next, Errc::cancelled_by_application);
    t.run_until_ended(wrong);
    EXPECT_EQ(t.consent.questions.size(), 2u);
    EXPECT_EQ(wrong->error->code, Errc::pin_incorrect);
}

TEST(Turn, WhoTypesOnTheReaderForEachSignatureIsAskedNothingElseUntilAllAreMade) {
    TwoTokens t;
    t.token.info.pin_pad = true;
    t.token.custody.always_authenticate = true;
    t.token.slow_signer = {"fake"};
    const auto typing = t.submit_here(), waits = t.submit_there();
    t.run_a_while();
    EXPECT_EQ(typing->state, OperationState::signing);
    EXPECT_EQ(t.consent.questions.size(), 1u);
    t.token.slow_signer = {};
    t.run_until_ended(waits);
    EXPECT_EQ(waits->state, OperationState::done);
}

TEST(Turn, APageThatGoesWhileItsSecondQuestionWaitsHasNone) {
    TwoTokens t;
    t.limits.lease = std::chrono::milliseconds(1500);
    t.operations = std::make_unique<gate::Operations>(t.io.get_executor(), *t.gate, t.attention, *t.used_orders, t.clock, t.limits);
    t.token.slow_login = {"fake"};
    t.token.login_faults = {Errc::pin_incorrect};
    t.consent.on_question = [&](const ConsentQuestion&) { t.consent.silent = t.consent.questions.size() == 2; };
    const auto wrong = t.submit_here();
    t.run_until_asked(1);
    t.run_a_while(); // nothing waits for an answer now
    const auto enrolment = *t.enrolments->submit(t.request().caller, "nonce", "123456");
    t.run_until_asked(2);
    t.token.slow_login = {};
    t.run_until_ended(wrong);
    EXPECT_EQ(t.consent.questions.size(), 2u);
    EXPECT_EQ(wrong->error->code, Errc::pin_incorrect);
    (void)t.enrolments->cancel(*enrolment, Errc::cancelled_by_application);
    t.run_until([&] { return enrolment->finished(); });
}

TEST(Turn, AnAgentThatEndsAsksNobodyForASecondPin) {
    TwoTokens t;
    t.token.slow_login = {"fake"};
    t.token.login_faults = {Errc::pin_incorrect};
    const auto wrong = t.submit_here();
    t.run_until([&] { return wrong->state == OperationState::signing; });
    t.operations->turn_away();
    t.token.slow_login = {};
    t.run_until_ended(wrong);
    EXPECT_EQ(t.consent.questions.size(), 1u);
    EXPECT_EQ(wrong->error->code, Errc::pin_incorrect);
}

TEST(Turn, AnApplicationThatGoesWhileItsWrongPinWaitsForTheDialogEndsWithoutOne) {
    TwoTokens t;
    const auto [wrong, next] = t.wrong_pin_behind_another_question();
    ASSERT_TRUE(t.operations->cancel(*wrong, Errc::cancelled_by_application));
    t.run_until_ended(wrong);
    EXPECT_EQ(t.consent.questions.size(), 2u);
    EXPECT_EQ(wrong->error->code, Errc::pin_incorrect) << "what the token said stands";
    (void)t.operations->cancel(*next, Errc::cancelled_by_application);
    t.run_until_ended(next);
}

} // namespace
} // namespace jk::test
