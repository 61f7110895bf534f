// The table: each row of the regulation matrix that the agent enforces, against each city. A case names its row and rule, spoils one thing of a
// request that would pass, and expects the code, the sentence and that city's own article, read from the profile by another way than the rules'.
// JURUKUNCI_POLICIES names another folder of profiles: tests/policies/mutate.py spoils a city there and expects its row's case to fail.
#include "agent/policy/explain.hpp"
#include "agent/policy/locked_pin.hpp"
#include "tests/unit/matrix_fixture.hpp"

#include <gtest/gtest.h>

namespace jk::test {
namespace {

using policy::Rule;
using policy::Verdict;

struct Case {
    const char* row;
    Rule rule;
    const char* name; ///< a sentence without spaces
    std::function<void(MatrixFixture&)> spoil;
    Errc code;
    Verdict verdict = Verdict::refused;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.row << " " << c.name; }

const std::vector<Case>& cases() {
    static const std::vector<Case> all = {
        {"1.3", Rule::issuer_recognised, "AnotherIssuersCertificateIsRefused", [](auto& t) { t.use_strange_issuer(); }, Errc::issuer_unrecognised},
        {"2.3", Rule::holder_is_person, "ASystemsCertificateDoesNotSign",
         [](auto& t) { t.certify({.extended_key_usage = "serverAuth,emailProtection"}); }, Errc::holder_no_person},
        {"4.1", Rule::purpose_in_profile, "AnUnknownPurposeIsRefused", [](auto& t) { t.h.request.purpose = "hiburan"; }, Errc::key_usage_refused},
        {"4.1", Rule::usage_fits, "ACertificateForOtherUsesIsRefused", [](auto& t) { t.certify({.key_usage = "digitalSignature"}); },
         Errc::key_usage_refused},
        {"4.2", Rule::task_named, "ARequestWithoutATaskIsRefused", [](auto& t) { t.h.request.task_kind = ""; }, Errc::task_kind_refused},
        {"5.1", Rule::application_approved, "AnUnlistedOriginIsRefused",
         [](auto& t) { t.h.request.caller.origin = "https://eoffice.example.evil.id"; }, Errc::origin_refused},
        {"5.1", Rule::application_current, "AnApprovalThatEndedIsRefused",
         [](auto& t) { t.profile.applications[0].until = t.now - std::chrono::hours(1); }, Errc::origin_expired},
        {"5.6", Rule::session_owner, "AnotherUserOfTheComputerIsRefused", [](auto& t) { t.h.session.other_user = true; }, Errc::not_owner_session},
        {"7.9", Rule::duties_acknowledged, "DutiesThatWereNotAcknowledgedStopSigning", [](auto& t) { t.h.state.duties_acknowledged = false; },
         Errc::duties_unacknowledged},
        {"8.3", Rule::agreement_accepted, "WithoutTheOwnersAgreementNothingIsSigned", [](auto& t) { t.h.state.agreement_accepted = false; },
         Errc::agreement_missing},
        {"8.4", Rule::key_sensitive, "AKeyThatIsNotSensitiveIsRefused", [](auto& t) { t.h.custody->sensitive = false; }, Errc::key_unprotected},
        {"8.4", Rule::key_local, "AKeyThatCameFromOutsideIsRefused", [](auto& t) { t.h.custody->local = false; }, Errc::key_unprotected},
        {"9.1", Rule::not_expired, "AnExpiredCertificateIsRefused", [](auto& t) { t.now = t.h.certificate->not_after + std::chrono::seconds(1); },
         Errc::certificate_expired},
        {"9.1", Rule::already_valid, "ACertificateOfTomorrowIsRefused", [](auto& t) { t.now = t.h.certificate->not_before - std::chrono::hours(1); },
         Errc::certificate_not_yet_valid},
        {"9.4", Rule::not_replaced, "AReplacedCertificateSignsNoMore", [](auto& t) { t.h.state.replaced = t.now; }, Errc::certificate_replaced},
        {"10.2", Rule::not_blocked, "AReportBlocksAtOnce",
         [](auto& t) {
             t.h.state.blocked = policy::BlockFact{"K-1", t.now};
         },
         Errc::blocked_locally},
        {"10.4", Rule::not_suspended, "ASuspendedCertificateIsRefused", [](auto& t) { t.h.state.suspended = true; }, Errc::certificate_suspended},
        {"10.4", Rule::status_fresh, "AnAnswerOfThreeDaysAgoIsTooOld", [](auto& t) { t.h.state.status_at = t.now - std::chrono::hours(72); },
         Errc::status_unknown},
        {"10.4", Rule::status_fresh, "AnAnswerOfYesterdayWarns", [](auto& t) { t.h.state.status_at = t.now - std::chrono::hours(25); },
         Errc::status_unknown, Verdict::warned},
        {"10.6", Rule::not_revoked, "ARevokedCertificateStaysRevokedThoughTheAnswerIsGood",
         [](auto& t) { t.h.state.revoked = t.now - std::chrono::hours(9); }, Errc::certificate_revoked},
        {"12.2", Rule::session_active, "AnInactiveSessionIsRefused", [](auto& t) { t.h.session.active = false; }, Errc::session_inactive},
        {"12.6", Rule::log_kept, "AnAgentWhoseLogIsLostUsesNoKey",
         [](auto& t) {
             t.h.session.log_lost = policy::LogLoss{"h_1", t.now};
         },
         Errc::log_lost},
        {"12.3", Rule::session_local, "ARemoteSessionIsRefused", [](auto& t) { t.h.session.remote = true, t.h.session.how = "SSH"; },
         Errc::session_remote},
        {"12.3", Rule::no_delegation, "ARequestOnBehalfOfAnotherIsRefused", [](auto& t) { t.h.delegation_field = "atas_nama"; },
         Errc::delegation_refused},
        {"13.2", Rule::content_visible, "ABareHashOfAPageIsRefused", [](auto& t) { t.h.request.format = Format::raw, t.h.request.level = ""; },
         Errc::content_not_visible},
        {"13.2", Rule::document_shown, "WhatWasNotShownIsNotSigned", [](auto& t) { t.h.consent.shown = false; }, Errc::content_not_visible},
        {"14.1", Rule::certificate_present, "AnEmptyTokenSignsNothing", [](auto& t) { t.empty_token(); }, Errc::certificate_absent},
        {"14.3", Rule::token_present, "WithoutATokenNothingIsSigned", [](auto& t) { t.h.token_absent = true; }, Errc::token_absent},
        {"14.3", Rule::pin_by_person, "APassphraseFromTheApplicationIsRefused", [](auto& t) { t.h.consent.pin_by_prompter = false; },
         Errc::passphrase_from_application},
        {"14.7", Rule::consent_given, "WithoutAYesNothingIsSigned", [](auto& t) { t.h.consent.affirmed = false; }, Errc::consent_denied},
        {"15.2", Rule::never_extractable, "AKeyThatCanBeExportedIsRefused", [](auto& t) { t.h.custody->extractable = true; }, Errc::key_extractable},
        {"15.4", Rule::pin_not_locked, "ALockedPassphraseIsNotTried", [](auto& t) { t.h.token->pin_state = PinState::locked; }, Errc::pin_locked},
        {"15.4", Rule::tries_left, "TheAgentsOwnCountLocks", [](auto& t) { t.h.tries_left = 0; }, Errc::pin_locked},
        {"15.4", Rule::pin_pause, "AfterWrongPassphrasesThereIsAPause", [](auto& t) { t.h.pin_pause = std::chrono::seconds(30); }, Errc::pin_pause},
    };
    return all;
}

class Matrix : public testing::TestWithParam<std::tuple<std::string, Case>> {};

TEST_P(Matrix, RefusesWithThisCitysArticle) {
    const auto& [city, c] = GetParam();
    MatrixFixture t(city);
    ASSERT_TRUE(t.judge().allowed()) << t.refusals();
    c.spoil(t);
    const auto decision = t.judge();
    const auto* verdict = decision.find(c.rule);
    ASSERT_NE(verdict, nullptr);
    EXPECT_EQ(verdict->entry().row, c.row);
    ASSERT_EQ(verdict->verdict, c.verdict) << t.refusals();
    ASSERT_TRUE(verdict->error);
    EXPECT_EQ(verdict->error->code, c.code);
    EXPECT_FALSE(verdict->error->sentence(Language::indonesian).empty());
    EXPECT_EQ(verdict->error->sentence(Language::indonesian).find('?'), std::string::npos) << "a word of the sentence is missing";
    const auto expected = expected_citation(city, std::string(verdict->entry().name));
    EXPECT_EQ(verdict->error->citation, expected);
    EXPECT_EQ(verdict->basis.words().empty(), false);
    EXPECT_EQ(decision.allowed(), c.verdict == Verdict::warned);
}

TEST(LockedPin, IsACaseForTheHelpdeskWhereTheCitySaysSo) {
    for (const auto& city : cities()) {
        MatrixFixture t(city);
        const bool wanted = city == "tangsel-71-2022";
        t.h.token->pin_state = PinState::locked;
        const auto judged = *t.judge().find(Rule::pin_not_locked)->error;
        const auto told = policy::tell_locked(t.profile, "Jana K.", Error{Errc::pin_locked, "C_Login: CKR_PIN_LOCKED"}).error();
        for (const auto& error : {judged, told}) {
            EXPECT_EQ(error.citation.empty(), !wanted) << city;
            EXPECT_NE(error.sentence(Language::indonesian).find("Jana K."), std::string::npos);
            for (const auto language : {Language::indonesian, Language::english})
                EXPECT_EQ(error.remedy(language).find("jurukunci report new --category gangguan_passphrase") != std::string::npos, wanted) << city;
        }
        EXPECT_EQ(told.detail, "C_Login: CKR_PIN_LOCKED");
        EXPECT_EQ(policy::tell_locked(t.profile, "Jana K.", Errc::token_removed).error().code, Errc::token_removed);
    }
}

std::string name_of_case(const testing::TestParamInfo<Matrix::ParamType>& info) {
    std::string row = std::get<1>(info.param).row;
    std::ranges::replace(row, '.', '_');
    auto city = std::get<0>(info.param);
    return "Row" + row + "_" + city.substr(0, city.find('-')) + "_" + std::get<1>(info.param).name;
}

INSTANTIATE_TEST_SUITE_P(Cities, Matrix, testing::Combine(testing::ValuesIn(cities()), testing::ValuesIn(cases())), name_of_case);

} // namespace
} // namespace jk::test
