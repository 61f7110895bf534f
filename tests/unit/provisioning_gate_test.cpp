// The gate's road of a provisioning step, beside fakes: what is asked, recorded, counted and refused.
#include "agent/gate/provisioning.hpp"
#include "tests/support/fake_administration.hpp"
#include "tests/support/gate_fixture.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace jk::test {
namespace {

using gate::ProvisioningState;

RegistrationCase approved() {
    RegistrationCase c;
    c.id = "K-1";
    c.state = "disetujui";
    c.holder_name = "Sri Wahyuni";
    c.holder_number = "198001012005012003";
    c.holder_present = true;
    c.agreement_version = "1.2";
    c.agreement_sha256 = std::string(64, 'a');
    c.agreement_accepted_at = "2026-11-20T03:00:00Z";
    c.subject = {{"country", "ID"}, {"commonName", "Sri Wahyuni"}};
    return c;
}

struct RaFixture : GateFixture {
    RaFixture() {
        administration.token.id = {"fake", "1234567890ab93fe"};
        administration.token.label = "Sri W.";
        administration.token.initialised = true;
        administration.token.pin_state = PinState::ok;
        rows.emplace(*audit::ProvisioningRows::open(*log, "boot-a"));
        open(nullptr);
    }
    void know(const policy::Facts& facts) { open(&facts); }
    void open(const policy::Facts* facts, std::chrono::steady_clock::duration lease = std::chrono::seconds(10)) {
        desk = std::make_unique<gate::Provisioning>(io.get_executor(),
                                                    gate::Provisioning::Rooms{profile, administration, consent, attention, *log, *rows, *tries,
                                                                              *device_key, clock, folder.path() / "destructions", facts},
                                                    lease);
    }
    ProvisioningRequest request(ProvisioningKind kind) {
        ProvisioningRequest r;
        r.caller.door = Door::control;
        r.caller.owner = "control:1";
        r.caller.application = "jurukunci (baris perintah)";
        r.kind = kind;
        r.label = "Kunci tanda tangan";
        if (kind == ProvisioningKind::key_generate) r.registration = approved();
        if (kind == ProvisioningKind::destroy) r.destruction = Destruction{"mutasi", "", {}, "Rina"};
        return r;
    }
    gate::ProvisioningRef run_step(ProvisioningRequest r) {
        auto step = desk->submit(std::move(r));
        if (!step) throw std::runtime_error(step.error().log_line());
        io.restart();
        while (!(*step)->finished()) io.run_one();
        io.poll();
        return *step;
    }
    /// As the page of a registration authority asks it.
    ProvisioningRequest of_page(ProvisioningKind kind) {
        profile.applications[0].registration_authority = true;
        auto asked = request(kind);
        asked.caller.door = Door::http;
        asked.caller.owner = asked.caller.origin = "https://eoffice.example";
        return asked;
    }
    gate::ProvisioningRef run_step(ProvisioningKind kind) { return run_step(request(kind)); }
    static Errc code(const gate::ProvisioningRef& step) { return step->error ? step->error->code : Errc{}; }
    int count(const std::string& kind) {
        const auto kinds = row_kinds();
        return static_cast<int>(std::count(kinds.begin(), kinds.end(), kind));
    }

    FakeAdministration administration;
    std::optional<audit::ProvisioningRows> rows;
    std::unique_ptr<gate::Provisioning> desk;
};

TEST(ProvisioningGate, JudgesAsksRecordsActsAndRecordsInThisOrder) {
    RaFixture t;
    std::vector<std::string> before;
    t.administration.while_at_the_token = [&] { before = t.row_kinds(); };
    const auto step = t.run_step(ProvisioningKind::key_generate);
    EXPECT_EQ(step->state, ProvisioningState::done);
    EXPECT_EQ(before, (std::vector<std::string>{"provisioning"})) << "the row is there before the token is touched";
    EXPECT_EQ(t.row_kinds(), (std::vector<std::string>{"provisioning", "provisioning-end"}));
    ASSERT_EQ(t.consent.questions.size(), 1u);
    const auto& question = t.consent.questions[0];
    EXPECT_EQ(question.kind, ConsentKind::provisioning);
    EXPECT_EQ(question.provisioning->holder, "Sri Wahyuni");
    EXPECT_EQ(question.provisioning->secrets, (std::vector<std::string>{"pin"}));
    EXPECT_EQ(t.administration.channels, 1u);
}

struct Session : policy::Facts {
    policy::SessionFacts session() const override { return facts; }
    policy::SessionFacts facts;
};

TEST(ProvisioningGate, ARemoteSessionPreparesNoToken) {
    for (const auto code : {Errc::session_remote, Errc::session_inactive, Errc::not_owner_session}) {
        RaFixture t;
        Session session;
        session.facts.remote = code == Errc::session_remote;
        session.facts.active = code != Errc::session_inactive;
        session.facts.other_user = code == Errc::not_owner_session;
        t.know(session);
        for (const auto kind : {ProvisioningKind::key_generate, ProvisioningKind::pin_set, ProvisioningKind::destroy}) {
            const auto step = t.run_step(kind);
            EXPECT_NE(step->state, ProvisioningState::done);
            EXPECT_EQ(t.code(step), code);
        }
        EXPECT_TRUE(t.consent.questions.empty());
        EXPECT_TRUE(t.administration.steps.empty());
    }
}

TEST(ProvisioningGate, WithAnInitialPinNoKeyIsMadeAndThePinIsChangedFirst) {
    for (const auto state : {PinState::to_be_changed, PinState::count_low}) { // the second hides the first where only the worst is told
        RaFixture t;
        t.administration.token.pin_state = state;
        t.administration.token.pin_to_be_changed = true;
        auto csr = t.request(ProvisioningKind::csr);
        csr.registration = approved();
        for (const auto& refused : {t.run_step(ProvisioningKind::key_generate), t.run_step(std::move(csr))}) {
            EXPECT_EQ(t.code(refused), Errc::pin_must_change);
            EXPECT_NE(refused->error->remedy(Language::indonesian).find("jurukunci pin change"), std::string::npos);
            EXPECT_NE(refused->error->remedy(Language::english).find("jurukunci pin change"), std::string::npos);
        }
        EXPECT_TRUE(t.consent.questions.empty());
        EXPECT_TRUE(t.administration.steps.empty());
        EXPECT_EQ(gate::next_step(gate::ShownContents{t.administration.token, {}}), "pin change");
        EXPECT_EQ(t.run_step(ProvisioningKind::pin_set)->state, ProvisioningState::done);
        ASSERT_EQ(t.consent.questions.size(), 1u);
        EXPECT_FALSE(t.consent.questions[0].pin_to_be_changed) << "who is changing it need not be told to";
        EXPECT_EQ(t.consent.questions[0].pin_count_low, state == PinState::count_low);
    }
}

TEST(ProvisioningGate, NoRowHoldsTheHoldersNumber) {
    RaFixture t;
    t.run_step(ProvisioningKind::key_generate);
    EXPECT_EQ(boost::json::serialize(t.last_row("provisioning")).find("198001012005012003"), std::string::npos);
}

TEST(ProvisioningGate, WhatThePersonRefusesNeverReachesTheToken) {
    RaFixture t;
    t.consent.answers.push_back(Errc::consent_denied);
    const auto step = t.run_step(ProvisioningKind::pin_set);
    EXPECT_EQ(step->state, ProvisioningState::refused);
    EXPECT_TRUE(t.administration.steps.empty());
    EXPECT_EQ(t.administration.forgotten, 1);
    EXPECT_EQ(t.row_kinds(), (std::vector<std::string>{"provisioning-refused"}));
}

TEST(ProvisioningGate, WithoutAPrompterNothingBegins) {
    RaFixture t;
    t.consent.present = false;
    EXPECT_EQ(t.desk->submit(t.request(ProvisioningKind::pin_set)).error().code, Errc::consent_unavailable);
}

TEST(ProvisioningGate, APageOfAnApplicationThatIsNoRegistrationAuthorityIsRefused) {
    RaFixture t;
    auto asked = t.request(ProvisioningKind::pin_set);
    asked.caller.door = Door::http;
    asked.caller.owner = asked.caller.origin = "https://eoffice.example";
    EXPECT_EQ(t.desk->submit(asked).error().code, Errc::registration_authority_only);
    t.profile.applications[0].registration_authority = true;
    EXPECT_TRUE(t.desk->submit(asked));
}

TEST(ProvisioningGate, AWrongSerialEndingIsRefusedAfterTheAnswerAndBeforeTheToken) {
    RaFixture t;
    ConsentAnswer typed;
    typed.serial_ending = "93ff";
    t.consent.answers.push_back(typed);
    EXPECT_EQ(RaFixture::code(t.run_step(ProvisioningKind::destroy)), Errc::serial_ending_wrong);
    EXPECT_TRUE(t.administration.steps.empty());
    typed.serial_ending = "93 FE";
    t.consent.answers.push_back(typed);
    EXPECT_EQ(t.run_step(ProvisioningKind::destroy)->state, ProvisioningState::done);
}

TEST(ProvisioningGate, ATokenOfSomebodyNeedsADestructionRecordThatIsItsNewestRow) {
    RaFixture t;
    ConsentAnswer typed;
    typed.serial_ending = "93fe";
    EXPECT_EQ(RaFixture::code(t.run_step(ProvisioningKind::token_init)), Errc::token_not_empty);
    t.consent.answers.push_back(typed);
    ASSERT_EQ(t.run_step(ProvisioningKind::destroy)->state, ProvisioningState::done);
    t.consent.answers.push_back(typed);
    EXPECT_EQ(t.run_step(ProvisioningKind::token_init)->state, ProvisioningState::done);
    EXPECT_EQ(RaFixture::code(t.run_step(ProvisioningKind::token_init)), Errc::token_not_empty) << "the record was for one owner";
}

TEST(ProvisioningGate, ADestructionThatLeavesObjectsWritesNoRecord) {
    RaFixture t;
    t.administration.token.other_objects = 1;
    ConsentAnswer typed;
    typed.serial_ending = "93fe";
    t.consent.answers.push_back(typed);
    const auto step = t.run_step(ProvisioningKind::destroy);
    EXPECT_EQ(RaFixture::code(step), Errc::token_not_empty);
    EXPECT_FALSE(std::filesystem::exists(t.folder.path() / "destructions"));
}

TEST(ProvisioningGate, ADestructionThatNobodyCouldLookAtHasNoRecord) {
    RaFixture t;
    t.administration.while_at_the_token = [&] { t.administration.present = false; };
    ConsentAnswer typed;
    typed.serial_ending = "93fe";
    t.consent.answers.push_back(typed);
    EXPECT_EQ(RaFixture::code(t.run_step(ProvisioningKind::destroy)), Errc::token_removed);
    EXPECT_FALSE(std::filesystem::exists(t.folder.path() / "destructions"));
    EXPECT_EQ(t.desk->interrupted().size(), 1u) << "it shows as unfinished";
}

TEST(ProvisioningGate, ADestructionOfLongAgoDoesNotExcuseKeysThatAreThereNow) {
    RaFixture t;
    ConsentAnswer typed;
    typed.serial_ending = "93fe";
    t.consent.answers.push_back(typed);
    ASSERT_EQ(t.run_step(ProvisioningKind::destroy)->state, ProvisioningState::done);
    t.administration.token.keys.push_back({}); // prepared elsewhere for somebody else
    t.consent.answers.push_back(typed);
    EXPECT_EQ(RaFixture::code(t.run_step(ProvisioningKind::token_init)), Errc::token_not_empty);
}

TEST(ProvisioningGate, AWorkerThatDiesAfterThePinKeepsTheTryCounted) {
    RaFixture t;
    const auto& id = t.administration.token.id;
    int expected = audit::PinTries::limit;
    for (const auto code : {Errc::module_crashed, Errc::token_removed}) {
        t.administration.fault = Error{code}.with("module", "fake").with("token", "Sri W.");
        t.run_step(ProvisioningKind::pin_set);
        EXPECT_EQ(t.tries->left(id), --expected) << entry_of(code).code;
    }
}

TEST(ProvisioningGate, AfterThreeWrongPinsChangingItWaitsAsSigningDoes) {
    RaFixture t;
    t.administration.fault = Error{Errc::pin_incorrect};
    for (int i = 0; i < 3; ++i) EXPECT_EQ(RaFixture::code(t.run_step(ProvisioningKind::pin_set)), Errc::pin_incorrect);
    EXPECT_EQ(RaFixture::code(t.run_step(ProvisioningKind::pin_set)), Errc::pin_pause);
    EXPECT_EQ(t.tries->left(t.administration.token.id), audit::PinTries::limit - 3) << "the token was not asked";
}

TEST(ProvisioningGate, AWrongPinSaysHowManyTriesAreLeft) {
    RaFixture t;
    t.administration.fault = Error(Errc::pin_incorrect);
    EXPECT_EQ(t.run_step(ProvisioningKind::pin_set)->error->sentence(Language::indonesian), "Passphrase salah. Sisa percobaan: 4.");
    t.administration.fault = Error(Errc::so_pin_incorrect);
    EXPECT_EQ(t.run_step(ProvisioningKind::pin_unblock)->error->sentence(Language::indonesian), "SO-PIN salah. Sisa percobaan: 4.");
}

TEST(ProvisioningGate, AStepThatEndedInTheDarkStaysOpenUntilOneOnTheSameTokenEndsWell) {
    RaFixture t;
    t.administration.fault = Error{Errc::module_crashed}.with("module", "fake");
    EXPECT_EQ(t.run_step(ProvisioningKind::key_generate)->state, ProvisioningState::failed);
    ASSERT_EQ(t.desk->interrupted().size(), 1u);
    EXPECT_EQ(t.desk->interrupted()[0].step, "key-generate");
    t.administration.fault = Error{Errc::pin_incorrect};
    t.run_step(ProvisioningKind::pin_set);
    EXPECT_EQ(t.desk->interrupted().size(), 1u) << "a wrong PIN touched nothing and settles nothing";
    t.administration.fault.reset();
    t.run_step(ProvisioningKind::pin_set);
    EXPECT_TRUE(t.desk->interrupted().empty());
    EXPECT_EQ(t.count("provisioning"), 3);
    EXPECT_EQ(t.count("provisioning-end"), 3);
}

TEST(ProvisioningGate, WhatWasRefusedBeforeTheTokenActedIsNoStepThatWasCutOff) {
    RaFixture t;
    for (const auto code :
         {Errc::pin_incorrect, Errc::pin_empty, Errc::pin_length, Errc::pin_weak, Errc::pin_factory, Errc::pin_unchanged, Errc::pin_must_change,
          Errc::so_pin_still_factory, Errc::step_out_of_order, Errc::mechanism_unsupported, Errc::token_absent}) {
        t.administration.fault = Error{code};
        EXPECT_EQ(RaFixture::code(t.run_step(ProvisioningKind::pin_unblock)), code);
        EXPECT_TRUE(t.desk->interrupted().empty()) << entry_of(code).code;
        t.administration.fault.reset();
        t.run_step(ProvisioningKind::pin_unblock); // all tries again
    }
    for (const auto code :
         {Errc::pin_weak, Errc::pin_must_change, Errc::so_pin_still_factory, Errc::step_out_of_order, Errc::mechanism_unsupported}) {
        t.administration.fault = Error{code};
        t.run_step(ProvisioningKind::pin_unblock);
        EXPECT_EQ(t.tries->left(gate::so_counter_of(t.administration.token.id)), audit::PinTries::limit) << entry_of(code).code;
    }
}

TEST(ProvisioningGate, AKeyThatCouldNotBeDestroyedLeavesItsStepOpen) {
    RaFixture t;
    t.administration.fault = Error{Errc::key_not_destroyed}.with("token", "Sri W.").with("result", "CKR_DEVICE_ERROR");
    t.run_step(ProvisioningKind::key_generate);
    EXPECT_EQ(t.desk->interrupted().size(), 1u);
    t.administration.fault.reset();
    t.administration.custody.extractable = true; // a worker that sees nothing wrong with it has not destroyed it
    EXPECT_EQ(RaFixture::code(t.run_step(ProvisioningKind::key_generate)), Errc::key_not_destroyed);
    EXPECT_EQ(t.desk->interrupted().size(), 2u);
}

/// Its SO-PIN may still be the factory's: only another SO-PIN, or the end of the token, settles that.
TEST(ProvisioningGate, AnInitialisationThatWasCutOffIsSettledByAnotherOneOnly) {
    RaFixture t;
    auto& token = t.administration.token;
    token.pin_state = PinState::not_set;
    ConsentAnswer typed;
    typed.serial_ending = "93fe";
    t.consent.answers.push_back(typed);
    t.administration.fault = Error{Errc::module_crashed}.with("module", "fake");
    t.run_step(ProvisioningKind::token_init);
    t.administration.fault.reset();
    ASSERT_EQ(t.desk->interrupted().size(), 1u);
    const auto shown = [&] { return run(t.io, t.desk->contents())->front(); };
    EXPECT_EQ(gate::next_step(shown()), "token init");
    const auto refused = t.run_step(ProvisioningKind::pin_set);
    ASSERT_EQ(RaFixture::code(refused), Errc::step_interrupted);
    EXPECT_NE(refused->error->sentence(Language::english).find("jurukunci token init"), std::string::npos);
    EXPECT_EQ(t.administration.steps.size(), 1u);

    token.pin_state = PinState::ok; // another program has set one
    EXPECT_EQ(t.run_step(ProvisioningKind::pin_unblock)->state, ProvisioningState::done);
    EXPECT_EQ(t.desk->interrupted().size(), 1u);
    EXPECT_EQ(gate::next_step(shown()), "token key generate");
    token.pin_state = PinState::not_set;
    t.consent.answers.push_back(typed);
    EXPECT_EQ(t.run_step(ProvisioningKind::token_init)->state, ProvisioningState::done);
    EXPECT_TRUE(t.desk->interrupted().empty());
    EXPECT_EQ(gate::next_step(shown()), "token pin set");
}

TEST(ProvisioningGate, ADestructionThatWasCutOffIsDoneAgainBeforeTheTokenIsAnybodyElses) {
    RaFixture t;
    auto& token = t.administration.token;
    ConsentAnswer typed;
    typed.serial_ending = "93fe";
    t.administration.fault = Error{Errc::module_crashed}.with("module", "fake");
    t.consent.answers.push_back(typed);
    t.run_step(ProvisioningKind::destroy);
    t.administration.fault.reset();
    token.pin_state = PinState::not_set; // it came so far
    EXPECT_EQ(gate::next_step(run(t.io, t.desk->contents())->front()), "token destroy");
    for (const auto kind : {ProvisioningKind::token_init, ProvisioningKind::pin_set})
        EXPECT_EQ(RaFixture::code(t.run_step(kind)), Errc::step_interrupted);
    t.consent.answers.push_back(typed);
    EXPECT_EQ(t.run_step(ProvisioningKind::destroy)->state, ProvisioningState::done);
    EXPECT_TRUE(t.desk->interrupted().empty());
}

TEST(ProvisioningGate, WrongPinsAreCountedAndHarmlessEndsGiveTheTryBack) {
    RaFixture t;
    const auto& id = t.administration.token.id;
    t.administration.fault = Error{Errc::pin_incorrect};
    t.run_step(ProvisioningKind::pin_set);
    EXPECT_EQ(t.tries->left(id), audit::PinTries::limit - 1);
    t.administration.fault = Error{Errc::pin_factory};
    t.run_step(ProvisioningKind::pin_set);
    EXPECT_EQ(t.tries->left(id), audit::PinTries::limit - 1);
    t.administration.fault = Error{Errc::so_pin_incorrect};
    t.run_step(ProvisioningKind::pin_unblock);
    EXPECT_EQ(t.tries->left(gate::so_counter_of(id)), audit::PinTries::limit - 1);
    EXPECT_EQ(t.tries->left(id), audit::PinTries::limit - 1);
    t.administration.fault.reset();
    t.run_step(ProvisioningKind::pin_unblock);
    EXPECT_EQ(t.tries->left(id), audit::PinTries::limit);
    EXPECT_EQ(t.tries->left(gate::so_counter_of(id)), audit::PinTries::limit);
}

TEST(ProvisioningGate, AStepOfAPageThatNobodyFollowsIsClosedAndOneOfTheCommandLineIsNot) {
    RaFixture t;
    t.open(nullptr, std::chrono::milliseconds(700));
    t.consent.silent = true;
    const auto left = t.run_step(t.of_page(ProvisioningKind::pin_set));
    EXPECT_EQ(left->state, ProvisioningState::cancelled);
    EXPECT_EQ(RaFixture::code(left), Errc::page_gone);
    EXPECT_EQ(t.consent.closed_with, Errc::page_gone);
    EXPECT_TRUE(t.administration.steps.empty());
    EXPECT_EQ(t.administration.forgotten, 1);

    t.open(nullptr, std::chrono::seconds(3));
    t.consent.closed_with.reset();
    for (auto asked : {t.of_page(ProvisioningKind::pin_set), t.request(ProvisioningKind::pin_set)}) {
        const auto step = *t.desk->submit(asked);
        t.io.restart();
        for (int i = 0; i < 7; ++i) { // longer than the lease
            t.io.run_for(std::chrono::milliseconds(500));
            const bool follows = asked.caller.door == Door::control || t.desk->find(asked.caller.owner, step->id);
            EXPECT_TRUE(follows);
        }
        EXPECT_EQ(step->state, ProvisioningState::waiting_consent);
        EXPECT_TRUE(t.desk->cancel(*step, Errc::cancelled_by_application));
        while (!step->finished()) t.io.run_one();
        t.consent.closed_with.reset();
    }
}

TEST(ProvisioningGate, APersonWhoDoesNotAnswerRefusesAndTheStepIsForgottenAfterItsTime) {
    RaFixture t;
    t.consent.answers.push_back(Errc::consent_timed_out);
    const auto asked = t.of_page(ProvisioningKind::pin_set);
    const auto step = t.run_step(asked);
    EXPECT_EQ(step->state, ProvisioningState::refused);
    EXPECT_TRUE(t.administration.steps.empty());
    EXPECT_TRUE(t.desk->find(asked.caller.owner, step->id));
    EXPECT_EQ(t.desk->find("https://asing.example", step->id).error().code, Errc::not_found);
    step->kept_until = std::chrono::steady_clock::now();
    EXPECT_EQ(t.desk->find(asked.caller.owner, step->id).error().code, Errc::not_found);
}

TEST(ProvisioningGate, WhileItLooksAtTheTokensOthersAreAskedAndThenItLooksAgain) {
    RaFixture t;
    t.administration.slow_look = true;
    auto step = *t.desk->submit(t.request(ProvisioningKind::key_generate));
    t.io.restart();
    while (t.administration.looks == 0) t.io.run_one();
    const auto operation = t.submit(t.GateFixture::request());
    for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(8); !operation->finished();)
        ASSERT_GT(t.io.run_one_until(end), 0u) << "a module that hangs keeps nobody from a signature";
    EXPECT_EQ(operation->state, gate::OperationState::done);
    EXPECT_EQ(step->state, ProvisioningState::preparing);
    t.administration.token.pin_to_be_changed = true; // as somebody else's step could have left it
    t.administration.token.pin_state = PinState::to_be_changed;
    t.administration.slow_look = false;
    t.io.restart();
    while (!step->finished()) t.io.run_one();
    EXPECT_EQ(t.code(step), Errc::pin_must_change);
    EXPECT_EQ(t.administration.looks, 2);
    EXPECT_EQ(t.consent.questions.size(), 1u) << "the signature's";
}

TEST(ProvisioningGate, AStepWhoseCallerGoesWhileItLooksAtTheTokensAsksNobody) {
    RaFixture t;
    t.administration.slow_look = true;
    auto step = *t.desk->submit(t.request(ProvisioningKind::key_generate));
    t.io.restart();
    while (t.administration.looks == 0) t.io.run_one();
    ASSERT_TRUE(t.desk->cancel(*step, Errc::cancelled_by_application));
    t.administration.slow_look = false;
    while (!step->finished()) t.io.run_one();
    EXPECT_EQ(t.code(step), Errc::cancelled_by_application);
    EXPECT_TRUE(t.consent.questions.empty());
    EXPECT_EQ(t.sign()->state, gate::OperationState::done);
}

TEST(ProvisioningGate, OneUnfinishedStepPerCaller) {
    RaFixture t;
    t.consent.silent = true;
    ASSERT_TRUE(t.desk->submit(t.request(ProvisioningKind::pin_set)));
    EXPECT_EQ(t.desk->submit(t.request(ProvisioningKind::pin_set)).error().code, Errc::too_many);
}

struct CaseFault {
    const char* what;
    std::function<void(RegistrationCase&)> spoil;
    Errc code;
};
TEST(ProvisioningRules, TheCaseDecides) {
    const CaseFault faults[] = {
        {"submitted", [](auto& c) { c.state = "diajukan"; }, Errc::case_not_approved},
        {"absent", [](auto& c) { c.holder_present = false; }, Errc::proxy_refused},
        {"proxy", [](auto& c) { c.by_proxy = true; }, Errc::proxy_refused},
        {"no agreement", [](auto& c) { c.agreement_version.clear(); }, Errc::agreement_missing},
        {"agreement without a time", [](auto& c) { c.agreement_accepted_at = "kemarin"; }, Errc::agreement_missing},
        {"empty name", [](auto& c) { c.subject[1].second.clear(); }, Errc::subject_invalid},
        {"no name", [](auto& c) { c.subject.pop_back(); }, Errc::subject_invalid},
        {"control character", [](auto& c) { c.subject[1].second = "Sri\nWahyuni"; }, Errc::subject_invalid},
        {"country", [](auto& c) { c.subject[0].second = "Indonesia"; }, Errc::subject_invalid},
        {"unknown field", [](auto& c) { c.subject.emplace_back("domainComponent", "x"); }, Errc::subject_invalid},
        {"twice", [](auto& c) { c.subject.emplace_back("commonName", "Sri Wahyuni"); }, Errc::subject_invalid},
        {"another name", [](auto& c) { c.subject[1].second = "Sri Wahyuningsih"; }, Errc::subject_differs},
        {"another number", [](auto& c) { c.subject.emplace_back("serialNumber", "1"); }, Errc::subject_differs},
    };
    policy::Profile profile;
    profile.regulation = regulation_of("mataram-30-2018.yaml");
    ProvisioningRequest request;
    request.kind = ProvisioningKind::csr;
    request.registration = approved();
    EXPECT_TRUE(policy::judge_case(profile, request).allowed());
    for (const auto& fault : faults) {
        auto spoiled = request;
        fault.spoil(*spoiled.registration);
        const auto outcome = policy::judge_case(profile, spoiled).outcome();
        ASSERT_FALSE(outcome) << fault.what;
        EXPECT_EQ(outcome.error().code, fault.code) << fault.what;
    }
    request.registration.reset();
    EXPECT_EQ(policy::judge_case(profile, request).outcome().error().code, Errc::case_not_approved);
    EXPECT_EQ(policy::judge_case(profile, request).outcome().error().citation, "Pasal 14 ayat (2) dan (3)");
}

} // namespace
} // namespace jk::test
