// The gate beside fakes: what it asks, what it writes down, and that nothing is signed without both.
#include "tests/support/gate_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jk::test {
namespace {

using gate::ItemState;
using gate::OperationState;
using testing::ElementsAre;

Errc code_of(const gate::OperationRef& operation) { return operation->error ? operation->error->code : Errc{}; }

TEST(Gate, SignsAfterPolicyConsentAndRecordInThisOrder) {
    GateFixture t;
    const auto operation = t.sign();
    EXPECT_EQ(operation->state, OperationState::done);
    EXPECT_EQ(operation->items[0].state, ItemState::signed_);
    EXPECT_EQ(operation->items[0].result->signature, (Bytes{1, 2, 3}));
    EXPECT_THAT(t.row_kinds(), ElementsAre("consent", "window", "started", "signed", "end"));
    EXPECT_TRUE(audit::verify(t.database->raw(), *t.device_key)->faults.empty());
    EXPECT_EQ(operation->audit_head->row, 5);
}

TEST(Gate, ShowsThePersonWhoAsksForWhatWithWhichCertificate) {
    GateFixture t;
    t.sign(t.request({"Undangan.pdf", "Nota.pdf"}));
    ASSERT_EQ(t.consent.questions.size(), 1u);
    const auto& q = t.consent.questions[0];
    EXPECT_EQ(q.application, "e-Office");
    EXPECT_EQ(q.origin, "https://eoffice.example");
    EXPECT_EQ(q.certificate->common_name, "Jana Kusuma");
    EXPECT_EQ(q.city, "Pekalongan");
    EXPECT_EQ(q.citation, "Pasal 13 huruf e dan huruf f");
    EXPECT_EQ(q.marking, "TOKEN UJI – TIDAK SAH");
    ASSERT_EQ(q.items.size(), 2u);
    EXPECT_EQ(q.items[1].name, "Nota.pdf");
    EXPECT_EQ(q.items[1].digest, sha256(bytes_of("Nota.pdf")).hex());
    EXPECT_EQ(q.deadline, std::chrono::seconds(120 + 2 * 20));
}

TEST(Gate, WritesTheConsentEvidence) {
    GateFixture t;
    t.sign();
    const auto row = t.last_row("consent");
    EXPECT_EQ(row.at("application").as_string(), "e-Office");
    EXPECT_EQ(row.at("certificateSha256").as_string(), t.certificate->id.sha256.hex());
    EXPECT_EQ(row.at("items").as_array().at(0).as_object().at("digest").as_string(), sha256(bytes_of("Undangan.pdf")).hex());
    EXPECT_EQ(row.at("items").as_array().at(0).as_object().at("sealed").as_string(), sha256(bytes_of("Undangan.pdf")).hex());
    EXPECT_EQ(row.at("prompter").as_string(), "fake");
}

TEST(Gate, RefusesWhenThereIsNoPrompter) {
    GateFixture t;
    t.consent.present = false;
    const auto operation = t.sign();
    EXPECT_EQ(code_of(operation), Errc::consent_unavailable);
    EXPECT_EQ(operation->state, OperationState::failed);
    EXPECT_EQ(t.token.signatures, 0);
    EXPECT_THAT(t.row_kinds(), ElementsAre("refused")); // a refusal leaves a trace
}

TEST(Gate, RefusesWhenThePersonDeclines) {
    GateFixture t;
    t.consent.answers.emplace_back(Errc::consent_denied);
    const auto operation = t.sign();
    EXPECT_EQ(operation->state, OperationState::refused);
    EXPECT_EQ(code_of(operation), Errc::consent_denied);
    EXPECT_EQ(t.token.windows, 0);
    EXPECT_EQ(t.token.forgotten.size(), 1u); // a PIN that was typed anyway is wiped
    EXPECT_EQ(t.last_row("refused").at("error").as_object().at("code").as_string(), "E-DIBATALKAN-PENANDA-TANGAN");
}

TEST(Gate, SignsNothingWithoutARowInTheLog) {
    GateFixture t;
    t.database->raw().exec("PRAGMA max_page_count = 1"); // the disk is full
    std::string long_name(200'000, 'x');
    const auto operation = t.sign(t.request({long_name}));
    EXPECT_EQ(code_of(operation), Errc::audit_unavailable);
    EXPECT_EQ(t.token.windows, 0);
    EXPECT_EQ(t.token.forgotten.size(), 1u);
    EXPECT_EQ(t.tries->left(t.token.info.id), 5);
}

TEST(Gate, SignsNothingWithAKeyThatCouldLeaveTheToken) {
    GateFixture t;
    t.token.custody.never_extractable = false;
    const auto operation = t.sign();
    EXPECT_EQ(code_of(operation), Errc::key_extractable);
    EXPECT_EQ(operation->error->citation, "Pasal 1 angka 26");
    EXPECT_EQ(t.token.signatures, 0);
    EXPECT_THAT(t.row_kinds(), ElementsAre("consent", "window", "end"));
}

TEST(Gate, NamesEveryCustodyAttributeThatIsMissing) {
    for (bool KeyCustody::*attribute : {&KeyCustody::sensitive, &KeyCustody::always_sensitive, &KeyCustody::local}) {
        GateFixture t;
        t.token.custody.*attribute = false;
        EXPECT_EQ(code_of(t.sign()), Errc::key_unprotected);
        EXPECT_EQ(t.token.signatures, 0);
    }
}

TEST(Gate, LeavesOutWhatThePersonTookOut) {
    GateFixture t;
    ConsentAnswer some;
    some.rejected = {1};
    t.consent.answers.emplace_back(some);
    const auto operation = t.sign(t.request({"a", "b", "c"}));
    EXPECT_EQ(operation->state, OperationState::done);
    EXPECT_EQ(operation->items[0].state, ItemState::signed_);
    EXPECT_EQ(operation->items[1].state, ItemState::rejected);
    EXPECT_EQ(operation->items[2].state, ItemState::signed_);
    EXPECT_THAT(t.token.signed_digests, ElementsAre(sha256(bytes_of("a")), sha256(bytes_of("c"))));
}

TEST(Gate, TakingEverythingOutIsANo) {
    GateFixture t;
    ConsentAnswer nothing;
    nothing.rejected = {1, 0, 0, 77};
    t.consent.answers.emplace_back(nothing);
    EXPECT_EQ(code_of(t.sign(t.request({"a", "b"}))), Errc::consent_denied);
    EXPECT_EQ(t.token.windows, 0);
}

TEST(Gate, AsksAgainAfterAWrongPinAndShowsHowManyTriesAreLeft) {
    GateFixture t;
    t.token.login_faults.emplace_back(Errc::pin_incorrect);
    const auto operation = t.sign();
    EXPECT_EQ(operation->state, OperationState::done);
    ASSERT_EQ(t.consent.questions.size(), 2u);
    EXPECT_FALSE(t.consent.questions[0].previous_fault);
    EXPECT_EQ(t.consent.questions[1].previous_fault->sentence(Language::indonesian), "Passphrase salah. Sisa percobaan: 4.");
    EXPECT_EQ(t.consent.questions[1].tries_left, 4);
    EXPECT_EQ(t.token.windows, 2);
    EXPECT_EQ(t.tries->left(t.token.info.id), 5); // the token took the second one
    EXPECT_THAT(t.row_kinds(), ElementsAre("consent", "login-refused", "consent-again", "window", "started", "signed", "end"));
}

TEST(Gate, AYesIsNotAYesToTheLastTryBeforeTheTokenLocks) {
    GateFixture t;
    t.token.info.pin_state = PinState::final_try;
    auto operation = t.sign();
    EXPECT_EQ(code_of(operation), Errc::pin_final_try);
    EXPECT_TRUE(t.consent.questions.at(0).final_try);
    EXPECT_EQ(t.token.windows, 0);
    EXPECT_EQ(t.token.forgotten.size(), 1u);
    EXPECT_EQ(t.tries->left(t.token.info.id), 5); // nothing was tried, so nothing is counted
    ConsentAnswer confirmed;
    confirmed.final_try = true;
    t.consent.answers.emplace_back(confirmed);
    EXPECT_EQ(t.sign()->state, OperationState::done);
}

TEST(Gate, WhatTheTokenSaysOfItsPinStandsInTheQuestionBesideTheAgentsOwnCount) {
    GateFixture t;
    t.sign();
    t.token.info.pin_state = PinState::count_low;
    t.sign();
    t.token.pin_to_be_changed = true;
    EXPECT_EQ(t.sign()->state, OperationState::done) << "it is said; whether to sign with it is the person's to decide";
    ASSERT_EQ(t.consent.questions.size(), 3u);
    for (const auto& [number, low, initial] : {std::tuple(0u, false, false), std::tuple(1u, true, false), std::tuple(2u, true, true)}) {
        EXPECT_EQ(t.consent.questions[number].pin_count_low, low) << number;
        EXPECT_EQ(t.consent.questions[number].pin_to_be_changed, initial) << number;
        EXPECT_EQ(t.consent.questions[number].tries_left, audit::PinTries::limit) << "our count knows nothing of another computer";
    }
}

TEST(Gate, ATryIsInTheDatabaseBeforeTheTokenSeesThePin) {
    GateFixture t;
    int seen = -1;
    t.token.on_login = [&] { // as another process would find it after our death
        SQLite::Database other((t.folder.path() / "audit.db").string(), SQLite::OPEN_READONLY);
        seen = other.execAndGet("SELECT coalesce(sum(wrong), 0) FROM pin_tries").getInt();
    };
    t.sign();
    EXPECT_EQ(seen, 1);
    EXPECT_EQ(t.tries->left(t.token.info.id), audit::PinTries::limit) << "a right one is forgotten";
}

TEST(Gate, AfterWrongPinsNobodyIsAskedUntilThePauseIsOverAlsoByAnotherAgent) {
    GateFixture t;
    ASSERT_TRUE(t.log->commit(store::Durability::machine, [&] {
        for (int i = 0; i < 3; ++i) t.tries->count(t.token.info.id);
        return done();
    }));
    t.tries.emplace(*audit::PinTries::open(*t.database, t.clock)); // read again, as at a start
    EXPECT_EQ(code_of(t.sign()), Errc::pin_pause);
    EXPECT_TRUE(t.consent.questions.empty());
    EXPECT_TRUE(t.token.readers.empty()) << "no PIN's way was opened";
    t.clock.set(t.clock.now() + std::chrono::minutes(16));
    EXPECT_EQ(t.sign()->state, OperationState::done);
}

TEST(Gate, TheWrongPinAfterWhichNobodyIsAskedAgainSaysHowManyTriesAreLeft) {
    GateFixture t;
    for (int i = 0; i < 3; ++i) t.token.login_faults.emplace_back(Errc::pin_incorrect);
    const auto operation = t.sign();
    EXPECT_EQ(t.token.windows, 3);
    EXPECT_EQ(operation->error->sentence(Language::indonesian), "Passphrase salah. Sisa percobaan: 2.");
}

TEST(Gate, APinThatTheTokenRefusesForOneSignatureIsCountedThoughTheLoginTookIt) {
    GateFixture t;
    t.token.custody.always_authenticate = true;
    t.token.item_faults.emplace(0, Error(Errc::pin_incorrect));
    t.token.fault_after = Error(Errc::pin_incorrect);
    const auto operation = t.sign();
    EXPECT_EQ(t.token.windows, 3) << "then comes the pause";
    EXPECT_EQ(t.tries->left(t.token.info.id), 2);
    EXPECT_EQ(operation->error->sentence(Language::indonesian), "Passphrase salah. Sisa percobaan: 2.");
    EXPECT_EQ(operation->items[0].error->sentence(Language::indonesian), "Passphrase salah. Sisa percobaan: 2.");
    EXPECT_EQ(code_of(t.sign()), Errc::pin_pause);

    t.clock.set(t.clock.now() + std::chrono::minutes(16));
    t.token.item_faults.clear();
    t.token.fault_after.reset();
    EXPECT_EQ(t.sign()->state, OperationState::done);
    EXPECT_EQ(t.tries->left(t.token.info.id), audit::PinTries::limit);
}

TEST(Gate, WhatWasSignedAtTheSecondQuestionKeepsNothingOfTheWrongPin) {
    GateFixture t;
    t.token.custody.always_authenticate = true;
    t.token.item_faults.emplace(0, Error(Errc::pin_incorrect));
    t.token.fault_after = Error(Errc::pin_incorrect);
    t.consent.on_question = [&](const ConsentQuestion&) {
        if (t.consent.questions.size() < 2) return;
        t.token.item_faults.clear();
        t.token.fault_after.reset();
    };
    const auto operation = t.sign();
    EXPECT_EQ(operation->state, OperationState::done);
    EXPECT_EQ(operation->items[0].state, ItemState::signed_);
    EXPECT_FALSE(operation->items[0].error);
    EXPECT_EQ(t.tries->left(t.token.info.id), audit::PinTries::limit);
}

TEST(Gate, ATokenThatGoesBeforeItHasJudgedThePinForASignatureGivesNoTryBack) {
    GateFixture t;
    t.token.custody.always_authenticate = true;
    t.token.item_faults.emplace(0, Error(Errc::token_removed));
    t.token.fault_after = Error(Errc::token_removed);
    EXPECT_EQ(code_of(t.sign()), Errc::token_removed);
    EXPECT_EQ(t.tries->left(t.token.info.id), 4) << "the login had taken it, the key had not";
    t.token.item_faults.clear();
    t.token.fault_after.reset();
    EXPECT_EQ(t.sign()->state, OperationState::done);
    EXPECT_EQ(t.tries->left(t.token.info.id), audit::PinTries::limit);
}

TEST(Gate, AWrongPinInTheMiddleOfABatchIsTheFirstAfterTheSignaturesBefore) {
    GateFixture t;
    for (int i = 0; i < 2; ++i) t.tries->count(t.token.info.id);
    t.token.custody.always_authenticate = true;
    t.token.item_faults.emplace(1, Error(Errc::pin_incorrect));
    const auto operation = t.sign(t.request({"a", "b"}));
    EXPECT_EQ(operation->signed_count(), 1u);
    EXPECT_EQ(operation->items[1].error->sentence(Language::indonesian), "Passphrase salah. Sisa percobaan: 4.");
    EXPECT_EQ(t.tries->left(t.token.info.id), 4);
}

TEST(Gate, TheLastTryOfTheAgentsOwnCountIsAskedForApartToo) {
    GateFixture t;
    for (int i = 0; i < 4; ++i) t.tries->count(t.token.info.id);
    t.clock.set(t.clock.now() + std::chrono::hours(1));
    EXPECT_EQ(code_of(t.sign()), Errc::pin_final_try);
    EXPECT_EQ(t.tries->left(t.token.info.id), 1);
    EXPECT_EQ(t.token.windows, 0);
}

TEST(Gate, NeverTriesAPinOnThePersonsBehalf) {
    GateFixture t;
    t.token.login_faults.emplace_back(Errc::pin_incorrect);
    ConsentAnswer yes;
    t.consent.answers.emplace_back(yes);
    t.consent.answers.emplace_back(Errc::consent_denied);
    const auto operation = t.sign();
    EXPECT_EQ(operation->state, OperationState::failed);
    EXPECT_EQ(code_of(operation), Errc::pin_incorrect); // the last thing that went wrong, not "cancelled"
    EXPECT_EQ(t.token.windows, 1);
    EXPECT_EQ(t.tries->left(t.token.info.id), 4);
    EXPECT_THAT(t.row_kinds(), ElementsAre("consent", "login-refused", "end")); // or the next start would take it for interrupted
}

TEST(Gate, LeavesOutWhatThePersonTakesOutAtTheSecondQuestion) {
    GateFixture t;
    t.token.login_faults.emplace_back(Errc::pin_incorrect);
    ConsentAnswer first, second;
    first.rejected = {0};
    second.rejected = {1}; // of the two that are left: "c"
    t.consent.answers.emplace_back(first);
    t.consent.answers.emplace_back(second);
    const auto operation = t.sign(t.request({"a", "b", "c"}));
    EXPECT_EQ(operation->state, OperationState::done);
    EXPECT_EQ(operation->items[0].state, ItemState::rejected);
    EXPECT_EQ(operation->items[1].state, ItemState::signed_);
    EXPECT_EQ(operation->items[2].state, ItemState::rejected);
    EXPECT_THAT(t.token.signed_digests, ElementsAre(sha256(bytes_of("b"))));
    EXPECT_EQ(t.last_row("consent").at("rejected").as_array(), (boost::json::array{0}));
    EXPECT_EQ(t.last_row("consent-again").at("rejected").as_array(), (boost::json::array{2}));
}

TEST(Gate, TakesAnAnswerAboutAnotherListForANo) {
    GateFixture t;
    ConsentAnswer strange;
    strange.rejected = {2};
    t.consent.answers.emplace_back(strange);
    EXPECT_EQ(code_of(t.sign(t.request({"a", "b"}))), Errc::consent_denied);
    EXPECT_EQ(t.token.windows, 0);
    EXPECT_EQ(t.token.forgotten.size(), 1u);
}

TEST(Gate, SignsNothingForAPageThatCancelledInTheMomentOfTheYes) {
    GateFixture t;
    const auto operation = t.submit(t.request());
    t.consent.on_question = [&](const ConsentQuestion&) { EXPECT_TRUE(t.operations->cancel(*operation, Errc::cancelled_by_application)); };
    t.io.restart();
    while (!operation->finished()) t.io.run_one();
    EXPECT_EQ(operation->state, OperationState::cancelled);
    EXPECT_EQ(t.token.windows, 0);
    EXPECT_EQ(t.token.forgotten.size(), 1u);
}

TEST(Gate, GivesTheTryBackWhenThePinWasNotAtFault) {
    for (const auto fault : {Errc::key_mismatch, Errc::certificate_unknown, Errc::token_swapped}) {
        GateFixture t;
        t.token.login_faults.emplace_back(fault);
        EXPECT_EQ(code_of(t.sign()), fault);
        EXPECT_EQ(t.tries->left(t.token.info.id), 5);
    }
}

TEST(Gate, LocksAfterFiveWrongPinsEvenWhereTheTokenDoesNot) {
    GateFixture t;
    for (int i = 0; i < 9; ++i) t.token.login_faults.emplace_back(Errc::pin_incorrect);
    EXPECT_EQ(code_of(t.sign()), Errc::pin_incorrect);
    EXPECT_EQ(t.token.windows, 3); // then nobody may try for a while
    EXPECT_EQ(code_of(t.sign()), Errc::pin_pause);
    EXPECT_EQ(t.token.windows, 3);
    t.clock.set(t.clock.now() + std::chrono::seconds(30));
    EXPECT_EQ(code_of(t.sign()), Errc::pin_incorrect);
    t.clock.set(t.clock.now() + std::chrono::seconds(60));
    ConsentAnswer confirmed;
    confirmed.final_try = true;
    t.consent.answers.emplace_back(confirmed);
    EXPECT_EQ(code_of(t.sign()), Errc::pin_incorrect);
    EXPECT_EQ(t.token.windows, 5);
    t.clock.set(t.clock.now() + std::chrono::hours(1));
    const auto next = t.sign();
    EXPECT_EQ(code_of(next), Errc::pin_locked);
    EXPECT_EQ(t.token.windows, 5); // not even asked
    EXPECT_EQ(t.consent.questions.size(), 5u);
}

TEST(Gate, ALockThatTheTokenTellsAtTheLoginNamesTheTokenAndTheCitysHelpdesk) {
    GateFixture t;
    t.profile.regulation = regulation_of("tangsel-71-2022.yaml");
    t.token.login_faults.emplace_back(Errc::pin_locked, "C_Login: CKR_PIN_LOCKED");
    auto request = t.request();
    request.task_kind = "spbe";
    const auto operation = t.sign(std::move(request));
    ASSERT_EQ(code_of(operation), Errc::pin_locked);
    EXPECT_EQ(operation->error->sentence(Language::indonesian), "Passphrase token \"Jana K.\" terkunci. Hubungi petugas RA.");
    EXPECT_NE(operation->error->remedy(Language::indonesian).find("jurukunci report new --category gangguan_passphrase"), std::string::npos);
    EXPECT_EQ(operation->error->citation, "Pasal 22 ayat (3) huruf b");
}

TEST(Gate, CountsTheTryBeforeTheTokenIsAsked) {
    GateFixture t;
    int left_at_login = -1;
    t.consent.on_question = [&](const ConsentQuestion&) { left_at_login = t.tries->left(t.token.info.id); };
    t.token.login_faults.emplace_back(Errc::token_timed_out); // the plug was pulled in the middle of C_Login
    t.sign();
    EXPECT_EQ(left_at_login, 5);
    EXPECT_EQ(t.tries->left(t.token.info.id), 4); // the try may have been used up, so it stays counted
}

TEST(Gate, GivesTheTryBackWhenTheTokenNeverLookedAtThePin) {
    for (const auto code : {Errc::pin_empty, Errc::token_swapped, Errc::token_absent}) {
        GateFixture t;
        t.token.login_faults.emplace_back(code);
        EXPECT_EQ(code_of(t.sign()), code);
        EXPECT_EQ(t.tries->left(t.token.info.id), 5);
    }
}

TEST(Gate, OneBadDocumentDoesNotStopTheOthersUnlessAskedTo) {
    GateFixture t;
    t.documents.refusals.emplace("b", Error(Errc::document_damaged));
    auto operation = t.sign(t.request({"a", "b", "c"}));
    EXPECT_EQ(operation->state, OperationState::done);
    EXPECT_EQ(operation->items[1].error->code, Errc::document_damaged);
    EXPECT_EQ(operation->signed_count(), 2u);
    EXPECT_EQ(t.consent.questions[0].items.size(), 2u); // what cannot be signed is not consented to

    auto strict = t.request({"a", "b", "c"});
    strict.on_item_failure = OnItemFailure::stop;
    operation = t.sign(strict);
    EXPECT_EQ(operation->state, OperationState::failed);
    EXPECT_EQ(operation->signed_count(), 0u);
    EXPECT_EQ(t.consent.questions.size(), 1u);
}

TEST(Gate, AFaultAtTheTokenStopsTheBatchAndSaysWhatWasNotReached) {
    GateFixture t;
    t.token.fault_after = Error(Errc::token_removed);
    const auto operation = t.sign(t.request({"a", "b", "c"}));
    EXPECT_EQ(operation->state, OperationState::failed);
    EXPECT_EQ(operation->items[0].state, ItemState::signed_);
    EXPECT_TRUE(operation->items[0].result); // what was signed and recorded is not lost
    EXPECT_EQ(operation->items[1].state, ItemState::sealed);
    EXPECT_EQ(operation->items[1].error->code, Errc::item_not_reached);
}

TEST(Gate, AnItemsOwnFaultIsItsOwn) {
    GateFixture t;
    t.token.item_faults.emplace(1, Error(Errc::token_failed));
    auto operation = t.sign(t.request({"a", "b", "c"}));
    EXPECT_EQ(operation->state, OperationState::done);
    EXPECT_EQ(operation->items[1].state, ItemState::failed);
    EXPECT_EQ(operation->signed_count(), 2u);
    auto strict = t.request({"a", "b", "c"});
    strict.on_item_failure = OnItemFailure::stop;
    operation = t.sign(strict);
    EXPECT_EQ(operation->state, OperationState::failed);
    EXPECT_EQ(operation->items[2].error->code, Errc::item_not_reached);
}

TEST(Gate, JudgesTheCertificateBeforeAnybodyIsAsked) {
    struct Case {
        CertificateWish wish;
        Errc expected;
    };
    const auto now = SystemClock().now();
    CertificateWish expired, future, encryption;
    expired.not_before = now - std::chrono::hours(48);
    expired.not_after = now - std::chrono::hours(1);
    future.not_before = now + std::chrono::hours(1);
    future.not_after = now + std::chrono::hours(48);
    encryption.key_usage = "critical,digitalSignature,keyEncipherment";
    CertificateWish for_servers;
    for_servers.extended_key_usage = "serverAuth";
    for (const auto& [wish, expected] : {Case{expired, Errc::certificate_expired}, Case{future, Errc::certificate_not_yet_valid},
                                         Case{encryption, Errc::key_usage_refused}, Case{for_servers, Errc::key_usage_refused}}) {
        GateFixture t(wish);
        const auto operation = t.sign();
        EXPECT_EQ(code_of(operation), expected);
        EXPECT_EQ(operation->state, OperationState::refused);
        EXPECT_TRUE(t.consent.questions.empty());
        EXPECT_THAT(t.row_kinds(), ElementsAre("refused"));
    }
}

TEST(Gate, RefusesAnIssuerThatTheProfileDoesNotName) {
    GateFixture t;
    t.profile.anchors = {{DemoCa::create("CA lain").root(), policy::Environment::uji}};
    const auto operation = t.sign();
    EXPECT_EQ(code_of(operation), Errc::issuer_unrecognised);
    EXPECT_NE(operation->error->sentence(Language::indonesian).find("Pekalongan"), std::string::npos);
    EXPECT_EQ(operation->error->citation, "Pasal 5 huruf a; Pasal 1 angka 15");
}

TEST(Gate, NeverMixesTestAndProductionCertificates) {
    GateFixture t;
    t.profile.environment = policy::Environment::produksi;
    t.profile.anchors = {{t.ca.root(), policy::Environment::uji}, {DemoCa::create("BSrE").root(), policy::Environment::produksi}};
    EXPECT_EQ(code_of(t.sign()), Errc::environment_mixed);
    GateFixture other;
    other.profile.anchors = {{other.ca.root(), policy::Environment::produksi}, {DemoCa::create("Uji").root(), policy::Environment::uji}};
    EXPECT_EQ(code_of(other.sign()), Errc::environment_mixed);
}

TEST(Gate, SaysWhichCertificateIsMissingOrThatOneMustBeChosen) {
    GateFixture t;
    t.token.absent = true;
    EXPECT_EQ(code_of(t.sign()), Errc::token_absent);
    t.token.absent = false;
    t.token.info.certificates.clear();
    EXPECT_EQ(code_of(t.sign()), Errc::certificate_absent);
    auto r = t.request();
    r.certificate = CertificateId{sha256(bytes_of("another"))};
    EXPECT_EQ(code_of(t.sign(r)), Errc::certificate_unknown);
    const auto second = *x509::read_certificate(t.ca.certify(t.key.get()));
    t.token.info.certificates = {t.certificate, second};
    EXPECT_EQ(code_of(t.sign()), Errc::certificate_ambiguous);
    auto chosen = t.request();
    chosen.certificate = second->id;
    EXPECT_EQ(t.sign(chosen)->state, OperationState::done);
}

TEST(Operations, TheSameRequestTwiceIsTheSameOperationAndOneDialog) {
    GateFixture t;
    auto r = t.request();
    const auto first = t.sign(r);
    const auto again = t.operations->submit(r, r.request_id);
    ASSERT_TRUE(again);
    EXPECT_EQ((*again)->id, first->id);
    EXPECT_EQ(t.consent.questions.size(), 1u);
    EXPECT_EQ(t.operations->submit(r, "something else").error().code, Errc::request_conflict);
}

TEST(Operations, OneDialogOneWaitingAndNoMorePerCaller) {
    GateFixture t;
    t.consent.silent = true;
    const auto first = t.submit(t.request()), second = t.submit(t.request());
    const auto third = t.request();
    EXPECT_EQ(t.operations->submit(third, "x").error().code, Errc::too_many);
    EXPECT_TRUE(t.operations->submit(t.request({"a"}, "https://lain.example"), "y")); // another caller still may queue
    t.io.poll();
    EXPECT_EQ(t.consent.questions.size(), 1u);
    EXPECT_EQ(first->state, OperationState::waiting_consent);
    EXPECT_EQ(second->state, OperationState::preparing);
}

TEST(Operations, CancellingClosesTheDialogAndSignsNothing) {
    GateFixture t;
    t.consent.silent = true;
    const auto operation = t.submit(t.request());
    t.io.poll();
    ASSERT_EQ(operation->state, OperationState::waiting_consent);
    ASSERT_TRUE(t.operations->cancel(*operation, Errc::cancelled_by_application));
    while (!operation->finished()) t.io.run_one();
    EXPECT_EQ(operation->state, OperationState::cancelled);
    EXPECT_EQ(t.token.windows, 0);
    EXPECT_EQ(t.operations->cancel(*operation, Errc::cancelled_by_application).error().code, Errc::too_late_to_cancel);
}

TEST(Operations, CancellingStopsTheWorkOnDocuments) {
    GateFixture t;
    t.documents.endless = true;
    const auto operation = t.submit(t.request());
    t.io.run_for(std::chrono::milliseconds(20));
    ASSERT_EQ(operation->state, OperationState::preparing);
    EXPECT_TRUE(t.operations->cancel(*operation, Errc::cancelled_by_application));
    t.io.restart();
    t.io.run_for(std::chrono::seconds(1));
    EXPECT_TRUE(t.documents.stopped);
    EXPECT_EQ(code_of(operation), Errc::cancelled_by_application);
    EXPECT_TRUE(t.consent.questions.empty());
}

TEST(Operations, APageThatStopsAskingLosesItsDialog) {
    GateFixture t;
    t.limits.lease = std::chrono::milliseconds(300);
    t.operations = std::make_unique<gate::Operations>(t.io.get_executor(), *t.gate, t.attention, *t.used_orders, t.clock, t.limits);
    t.consent.silent = true;
    const auto operation = t.sign(t.request());
    EXPECT_EQ(operation->state, OperationState::cancelled);
    EXPECT_EQ(code_of(operation), Errc::page_gone);
}

TEST(Operations, TheOldestResultsGiveWayWhenThereAreManyItems) {
    GateFixture t;
    t.limits.kept_items_per_caller = 5;
    t.operations = std::make_unique<gate::Operations>(t.io.get_executor(), *t.gate, t.attention, *t.used_orders, t.clock, t.limits);
    const auto first = t.sign(t.request({"a", "b", "c"})), second = t.sign(t.request({"d", "e"})), third = t.sign(t.request({"f"}));
    EXPECT_EQ(t.operations->find("https://eoffice.example", first->id).error().code, Errc::not_found);
    EXPECT_TRUE(t.operations->find("https://eoffice.example", second->id));
    const auto large = t.sign(t.request({"1", "2", "3", "4", "5", "6", "7"}));
    EXPECT_TRUE(t.operations->find("https://eoffice.example", large->id)) << "the last one is kept, however large";
    EXPECT_EQ(large->items[6].state, ItemState::signed_);
}

TEST(Operations, ThreeDenialsInARowBringAPause) {
    GateFixture t;
    for (int i = 0; i < 3; ++i) {
        t.consent.answers.emplace_back(Errc::consent_denied);
        t.sign();
    }
    auto r = t.request();
    EXPECT_EQ(t.operations->submit(r, "x").error().code, Errc::cooling_down);
    EXPECT_TRUE(t.operations->submit(t.request({"a"}, "https://lain.example"), "y"));
}

TEST(Operations, TenWithdrawalsInARowBringAPauseBecauseWindowsThatFlickerAreNoise) {
    GateFixture t;
    const auto open_and_cancel = [&] {
        t.consent.silent = true;
        t.consent.closed_with.reset();
        const auto operation = t.submit(t.request());
        t.io.restart();
        while (operation->state != OperationState::waiting_consent) t.io.run_one();
        EXPECT_TRUE(t.operations->cancel(*operation, Errc::cancelled_by_application));
        while (!operation->finished()) t.io.run_one();
        t.io.poll();
    };
    for (int i = 0; i < 9; ++i) open_and_cancel();
    t.consent.silent = false;
    t.sign(); // an agreement: the count begins anew
    for (int i = 0; i < 10; ++i) open_and_cancel();
    EXPECT_EQ(t.operations->submit(t.request(), "x").error().code, Errc::cooling_down);
    EXPECT_TRUE(t.operations->submit(t.request({"a"}, "https://lain.example"), "y")) << "another caller has its own count";
}

TEST(Enrolments, ShareTheOneDialogWithSignaturesAndCountAsQuestions) {
    GateFixture t;
    t.consent.silent = true;
    const auto signing = t.submit(t.request());
    t.io.poll();
    ASSERT_EQ(signing->state, OperationState::waiting_consent);
    const auto enrolment = *t.enrolments->submit(t.request().caller, "nonce", "123456");
    t.io.poll();
    EXPECT_EQ(enrolment->state, gate::EnrolmentState::preparing) << "one dialog at a time";
    EXPECT_EQ(t.consent.questions.size(), 1u);
    t.consent.answers = {Errc::consent_denied, Errc::consent_denied, Errc::consent_denied};
    (void)t.operations->cancel(*signing, Errc::cancelled_by_application);
    t.consent.silent = false;
    t.io.restart();
    while (!enrolment->finished()) t.io.run_one();
    EXPECT_EQ(enrolment->state, gate::EnrolmentState::refused);
    EXPECT_EQ(t.consent.questions.back().kind, ConsentKind::enrolment);
    EXPECT_EQ(t.consent.questions.back().code, "123456");
    for (int i = 0; i < 2; ++i) {
        const auto next = *t.enrolments->submit(t.request().caller, "nonce" + std::to_string(i), "123456");
        t.io.restart();
        while (!next->finished()) t.io.run_one();
    }
    EXPECT_EQ(t.operations->submit(t.request(), "x").error().code, Errc::cooling_down) << "three refusals are three, whatever was asked";
}

TEST(Enrolments, AnAnswerThatTakesSomethingOutDidNotSeeTheQuestion) {
    GateFixture t;
    ConsentAnswer odd;
    odd.rejected = {0};
    t.consent.answers = {odd};
    const auto enrolment = *t.enrolments->submit(t.request().caller, "nonce", "123456");
    while (!enrolment->finished()) t.io.run_one();
    EXPECT_EQ(enrolment->state, gate::EnrolmentState::refused);
    EXPECT_EQ(t.last_row("enrolment").at("answer").as_string(), "no");
}

TEST(Operations, BelongToTheirCaller) {
    GateFixture t;
    const auto operation = t.sign();
    EXPECT_TRUE(t.operations->find("https://eoffice.example", operation->id));
    EXPECT_EQ(t.operations->find("https://lain.example", operation->id).error().code, Errc::not_found);
    EXPECT_TRUE(t.operations->list("https://lain.example").empty());
    EXPECT_EQ(t.operations->list("https://eoffice.example").size(), 1u);
}

TEST(Operations, TellWhatTheLastAgentLeftOpen) {
    GateFixture t;
    audit::InterruptedOperation left;
    left.operation = "o_old";
    left.origin = "https://eoffice.example";
    left.items = {{"a", audit::LeftAs::signed_}, {"b", audit::LeftAs::unknown}, {"c", audit::LeftAs::not_reached}};
    t.operations->remember({left});
    const auto operation = *t.operations->find("https://eoffice.example", "o_old");
    EXPECT_EQ(operation->state, OperationState::failed);
    EXPECT_EQ(operation->items[0].state, ItemState::signed_);
    EXPECT_EQ(operation->items[1].state, ItemState::unknown);
    EXPECT_EQ(operation->items[1].error->code, Errc::outcome_unknown);
    EXPECT_EQ(operation->items[2].state, ItemState::sealed);
    EXPECT_EQ(operation->items[2].error->code, Errc::item_not_reached);
}

TEST(Operations, StoppingTheAgentCancelsWhatIsBeforeConsentAndTakesNothingNew) {
    GateFixture t;
    t.consent.silent = true;
    const auto operation = t.submit(t.request());
    t.io.poll();
    bool stopped = false;
    net::co_spawn(t.io, t.operations->stop(), [&](std::exception_ptr) { stopped = true; });
    t.io.restart();
    while (!stopped) t.io.run_one();
    EXPECT_TRUE(operation->finished());
    EXPECT_EQ(code_of(operation), Errc::agent_stopping);
    EXPECT_EQ(t.operations->submit(t.request(), "x").error().code, Errc::agent_stopping);
}

} // namespace
} // namespace jk::test
