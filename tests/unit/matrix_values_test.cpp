// The values of each city that decide: purposes, tasks, issuers, years, the footer. Expected are those of tests/policies/expected.yaml; a profile
// that lost or changed one fails its row here. And a sixth city is one file.
#include "tests/unit/matrix_fixture.hpp"

#include <gtest/gtest.h>

#include <set>

namespace jk::test {
namespace {

using policy::Rule;
using policy::Verdict;
using Names = std::vector<std::string>;

class MatrixValues : public testing::TestWithParam<std::string> {
protected:
    const std::string city = GetParam();
    Names wanted(const char* what) const { return expected()[what][city] ? expected()[what][city].as<Names>() : Names{}; }
    bool among(const char* what) const {
        const auto all = expected()[what].as<Names>();
        return std::ranges::find(all, city) != all.end();
    }
};

Names values(const std::vector<policy::Cited>& list) {
    Names all;
    for (const auto& entry : list) all.push_back(entry.value);
    return all;
}

TEST_P(MatrixValues, Row4_1_ExactlyTheCitysPurposes) {
    MatrixFixture t(city);
    EXPECT_EQ(values(t.profile.regulation.purposes), wanted("purposes"));
    std::set<std::string> everywhere;
    for (const auto& other : cities())
        for (const auto& purpose : expected()["purposes"][other].as<Names>()) everywhere.insert(purpose);
    const auto own = wanted("purposes");
    for (const auto& purpose : everywhere) {
        t.h.request.purpose = purpose;
        const bool listed = std::ranges::find(own, purpose) != own.end();
        EXPECT_EQ(t.judge().find(Rule::purpose_in_profile)->verdict == Verdict::passed, listed) << purpose;
        EXPECT_EQ(t.judge().allowed(), purpose == "tte") << purpose;
    }
}

TEST_P(MatrixValues, Row4_2_ExactlyTheCitysTasks) {
    MatrixFixture t(city);
    EXPECT_EQ(values(t.profile.regulation.task_kinds), wanted("tasks"));
    std::set<std::string> everywhere{"pribadi"};
    for (const auto& other : cities())
        for (const auto& task : expected()["tasks"][other].as<Names>()) everywhere.insert(task);
    const auto own = wanted("tasks");
    for (const auto& task : everywhere) {
        t.h.request.task_kind = task;
        EXPECT_EQ(t.judge().allowed(), std::ranges::find(own, task) != own.end()) << task;
    }
}

TEST_P(MatrixValues, Row1_3_TheIssuersThatTheRegulationNames) {
    const MatrixFixture t(city);
    ASSERT_TRUE(t.profile.regulation.issuers);
    EXPECT_EQ(*t.profile.regulation.issuers, wanted("issuers"));
}

TEST_P(MatrixValues, Row1_4_AnotherIssuerOnlyWhereTheCityPermitsIt) {
    MatrixFixture t(city);
    t.profile.anchors[0].other_issuer = true;
    const auto decision = t.judge();
    const auto* verdict = decision.find(Rule::other_issuer_permitted);
    ASSERT_NE(verdict, nullptr);
    EXPECT_EQ(verdict->verdict, among("other_issuer") ? Verdict::passed : Verdict::refused);
    EXPECT_EQ(verdict->basis.citation, expected_citation(city, "other_issuer_permitted"));
    EXPECT_EQ(decision.allowed(), among("other_issuer"));
}

TEST_P(MatrixValues, Row9_1_TheCitysYearsEndSigningWhateverTheCertificateSays) {
    MatrixFixture t(city);
    const auto issued = *parse_rfc3339("2024-03-01T00:00:00Z");
    t.certify({.not_before = issued, .not_after = *parse_rfc3339("2034-03-01T00:00:00Z")});
    const auto at = [&](const char* time) {
        t.now = *parse_rfc3339(time);
        t.h.state.status_at = t.now;
        const auto decision = t.judge();
        const auto* verdict = decision.find(Rule::validity_within_city);
        return std::pair(verdict->verdict, verdict->error ? verdict->error->citation : "");
    };
    if (!expected()["years"][city]) {
        EXPECT_EQ(at("2033-03-01T00:00:00Z").first, Verdict::not_judged) << "a silent city borrows no years";
        return;
    }
    const auto end = std::to_string(2024 + expected()["years"][city].as<int>()) + "-03-01T00:00:0";
    const auto citation = expected_citation(city, "validity_within_city");
    EXPECT_EQ(at((end + "0Z").c_str()), std::pair(Verdict::warned, citation));
    EXPECT_EQ(at((end + "1Z").c_str()), std::pair(Verdict::refused, citation));
    t.profile.long_validity = policy::LongValidity::refuse;
    EXPECT_EQ(at("2024-06-01T00:00:00Z"), std::pair(Verdict::refused, citation));
    t.certify({.not_before = issued, .not_after = *parse_rfc3339((end + "0Z").c_str())});
    EXPECT_EQ(at("2024-06-01T00:00:00Z").first, Verdict::passed) << "exactly the city's years";
}

TEST_P(MatrixValues, Row9_5_OnlyTangerangSelatanKeepsWhatWasIssuedBefore) {
    MatrixFixture t(city);
    t.certify({.not_before = *parse_rfc3339("2022-01-10T00:00:00Z"), .not_after = *parse_rfc3339("2025-01-10T00:00:00Z")});
    t.now = *parse_rfc3339("2024-06-01T00:00:00Z");
    t.h.state.status_at = t.now;
    const auto decision = t.judge();
    const auto* transitional = decision.find(Rule::transitional);
    ASSERT_EQ(transitional != nullptr, city == "tangsel-71-2022");
    if (transitional == nullptr) return;
    EXPECT_EQ(transitional->basis.citation, expected_citation(city, "transitional"));
    EXPECT_EQ(transitional->note, policy::Note::transitional);
    EXPECT_EQ(decision.find(Rule::validity_within_city), nullptr) << "the years do not count against it";
    // Only the test's own issuer, which was made today, is in the way.
    for (const auto& refusal : decision.refusals()) EXPECT_EQ(refusal.code, Errc::issuer_unrecognised);
}

TEST_P(MatrixValues, Row14_9_AFooterIsDemandedOnlyByPalembang) {
    MatrixFixture t(city);
    const bool obliged = among("footer");
    EXPECT_EQ(t.profile.regulation.footer.obliged, obliged);
    t.h.consent.footer = false;
    auto decision = t.judge();
    EXPECT_EQ(decision.allowed(), !obliged);
    const auto* verdict = decision.find(Rule::footer_present);
    EXPECT_EQ(verdict->basis.citation, expected_citation(city, "footer_present"));
    if (obliged) {
        EXPECT_EQ(verdict->error->code, Errc::footer_missing);
    }
    t.h.consent.footer = std::nullopt;
    decision = t.judge();
    EXPECT_EQ(decision.find(Rule::footer_present)->verdict, obliged ? Verdict::not_judged : Verdict::passed);
}

std::string name_of_city(const testing::TestParamInfo<std::string>& city) { return city.param.substr(0, city.param.find('-')); }

INSTANTIATE_TEST_SUITE_P(Cities, MatrixValues, testing::ValuesIn(cities()), name_of_city);

class MatrixCitations : public testing::TestWithParam<std::tuple<std::string, policy::RuleEntry>> {};

TEST_P(MatrixCitations, StandWhereTheyMust) {
    const auto& [city, entry] = GetParam();
    const MatrixFixture t(city);
    const auto basis = entry.basis.empty() ? policy::Basis{} : t.profile.regulation.basis_of(entry.basis);
    EXPECT_EQ(basis.citation, expected_citation(city, std::string(entry.name)));
}

std::vector<policy::RuleEntry> rules_with_a_row() {
    std::vector<policy::RuleEntry> all;
    for (const auto& entry : policy::rule_table())
        if (!entry.row.empty()) all.push_back(entry);
    return all;
}

std::string name_of_citation(const testing::TestParamInfo<MatrixCitations::ParamType>& info) {
    const auto& [city, entry] = info.param;
    std::string row(entry.row);
    std::ranges::replace(row, '.', '_');
    return "Row" + row + "_" + city.substr(0, city.find('-')) + "_Cites_" + std::string(entry.name);
}

INSTANTIATE_TEST_SUITE_P(Cities, MatrixCitations, testing::Combine(testing::ValuesIn(cities()), testing::ValuesIn(rules_with_a_row())),
                         name_of_citation);

TEST(StatusAge, WithoutASourceItIsNotJudgedAndSaidSo) {
    MatrixFixture t(cities()[0]);
    t.profile.revocation_status.source = policy::StatusSource::none;
    t.h.state.status.reset();
    const auto decision = t.judge();
    EXPECT_TRUE(decision.allowed());
    EXPECT_EQ(decision.find(Rule::status_fresh)->verdict, Verdict::not_judged);
    EXPECT_EQ(decision.find(Rule::status_fresh)->note, policy::Note::no_status_source);
    t.profile.revocation_status.source = policy::StatusSource::crl;
    EXPECT_EQ(t.judge().find(Rule::status_fresh)->error->code, Errc::status_unknown) << "a source that was never reached";
}

TEST(StatusAge, AnAnswerFromTheFutureIsOfAClockThatWasSetBack) {
    MatrixFixture t(cities()[0]);
    t.h.state.status_at = t.now + std::chrono::hours(5);
    EXPECT_EQ(t.judge().find(Rule::status_fresh)->verdict, Verdict::refused);
}

TEST(StatusAge, AnAnswerThatSaysRevokedIsFinalToo) {
    MatrixFixture t(cities()[0]);
    t.h.state.status = policy::RevocationAnswer::revoked;
    EXPECT_EQ(t.judge().find(Rule::not_revoked)->error->code, Errc::certificate_revoked);
    t.h.state.status = policy::RevocationAnswer::suspended;
    EXPECT_EQ(t.judge().find(Rule::not_suspended)->error->code, Errc::certificate_suspended);
}

TEST(SessionRules, TheProfileMayPermitRemoteSessionsAndSaysSo) {
    MatrixFixture t(cities()[0]);
    t.h.session = {true, false, false, "xrdp"};
    EXPECT_FALSE(t.judge().allowed());
    t.profile.sessions = {true, true};
    const auto decision = t.judge();
    EXPECT_TRUE(decision.allowed());
    EXPECT_EQ(decision.find(Rule::session_local)->note, policy::Note::sessions_permitted);
    t.h.session.other_user = true;
    EXPECT_FALSE(t.judge().allowed()) << "another user is nobody's to permit";
}

TEST(SixthCity, IsOneFile) {
    // A city that nobody has written before: its own numbers, its own articles, its silence.
    auto text = text_of_file(policies_folder() / "mataram-30-2018.yaml");
    const auto change = [&](const std::string& from, const std::string& to) {
        const auto at = text.find(from);
        ASSERT_NE(at, std::string::npos) << from;
        text.replace(at, from.size(), to);
    };
    change("id: mataram-30-2018", "id: contoh-7-2026");
    change("kota: Mataram", "kota: Kota Contoh");
    change("penerbit_lain: {v: true, cite: \"Pasal 6 ayat (4)\"}", "penerbit_lain: {v: false, cite: null, src: agent}");
    change("masa_berlaku: {v: null, cite: null, src: cp}", "masa_berlaku: {v: {tahun: 3}, sejak: tanggal_terbit, cite: \"Pasal 40\"}");
    MatrixFixture t(cities()[1]);
    auto sixth = policy::read_regulation(text, "contoh-7-2026.yaml");
    ASSERT_TRUE(sixth) << sixth.error().log_line();
    t.profile.regulation = *sixth;
    EXPECT_TRUE(t.judge().allowed()) << t.refusals();
    t.certify({.not_before = t.now - std::chrono::hours(24 * 365 * 4), .not_after = t.now + std::chrono::hours(24)});
    const auto decision = t.judge();
    EXPECT_EQ(decision.find(Rule::validity_within_city)->error->code, Errc::certificate_expired);
    EXPECT_EQ(decision.find(Rule::validity_within_city)->error->citation, "Pasal 40");
    t.certify({});
    t.profile.anchors[0].other_issuer = true;
    EXPECT_FALSE(t.judge().allowed());
}

} // namespace
} // namespace jk::test
