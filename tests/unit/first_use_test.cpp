// The first use beside fakes: what the owner is asked before anything else, what counts as a yes, and what the log must have for it to count.
#include "agent/gate/first_use.hpp"
#include "tests/support/gate_fixture.hpp"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jk::test {
namespace {

using gate::OperationState;
using testing::ElementsAre;

struct Reading : policy::Facts {
    const gate::FirstUse* first_use = nullptr;
    policy::State about(const Certificate& certificate, const TokenId&) const override {
        policy::State state;
        first_use->add_facts(state, certificate);
        return state;
    }
};

struct FirstUseFixture : GateFixture {
    explicit FirstUseFixture(const std::string& city = "pekalongan-98-2018.yaml") {
        profile.regulation = regulation_of(city);
        profile.duties_first = profile.agreement_first = true;
        open();
    }
    /// As an agent that starts: the record is read from the log.
    void open() {
        record.emplace(*audit::Acknowledgements::open(*log, *device_key, clock));
        first_use = std::make_unique<gate::FirstUse>(profile, consent, *record);
        facts.first_use = first_use.get();
        gate->consult(facts);
        gate->introduce(*first_use);
    }
    gate::OperationRef sign_for(const std::string& task = "email") {
        auto r = request();
        r.task_kind = task;
        return sign(std::move(r));
    }
    void answer(std::vector<ItemIndex> rejected) { consent.answers.emplace_back(ConsentAnswer{std::move(rejected), "fake"}); }

    std::optional<audit::Acknowledgements> record;
    std::unique_ptr<gate::FirstUse> first_use;
    Reading facts;
};

TEST(FirstUse, DutiesAndAgreementAreReadBeforeTheQuestionAndBeforeAnyPinChannelIsOpened) {
    FirstUseFixture t;
    std::size_t channels = 99;
    t.consent.on_question = [&](const auto& q) {
        if (q.kind == ConsentKind::first_use) channels = t.token.readers.size();
    };
    EXPECT_EQ(t.sign_for()->state, OperationState::done);
    EXPECT_EQ(channels, 0u);
    ASSERT_EQ(t.consent.questions.size(), 2u);
    const auto& asked = t.consent.questions[0];
    EXPECT_EQ(asked.kind, ConsentKind::first_use);
    ASSERT_TRUE(asked.notice);
    ASSERT_EQ(asked.notice->parts.size(), 2u);
    EXPECT_EQ(asked.notice->parts[0].name, "duties");
    EXPECT_NE(asked.notice->parts[0].indonesian.find("Rahasiakan kunci privat"), std::string::npos);
    EXPECT_NE(asked.notice->parts[0].indonesian.find("(Pasal 19 huruf e)"), std::string::npos) << asked.notice->parts[0].indonesian;
    EXPECT_NE(asked.notice->parts[0].indonesian.find("(Pasal 20 huruf d)"), std::string::npos);
    EXPECT_EQ(asked.notice->parts[1].name, "agreement");
    EXPECT_NE(asked.notice->parts[1].indonesian.find("(Pasal 7 ayat (1); Pasal 14 huruf g; Pasal 1 angka 13)"), std::string::npos);
    EXPECT_EQ(t.consent.questions[1].kind, ConsentKind::signature);
    EXPECT_THAT(t.row_kinds(), ElementsAre("acknowledged", "consent", "window", "started", "signed", "end"));
    const auto row = t.last_row("acknowledged");
    EXPECT_EQ(row.at("certificateSha256").as_string(), t.certificate->id.sha256.hex());
    const auto& part = row.at("parts").as_array().at(0).as_object();
    const auto& text = part.at("text").as_object();
    const auto both = std::string(text.at("id").as_string()) + std::string(text.at("en").as_string());
    EXPECT_EQ(part.at("sha256").as_string(), sha256(bytes_of(both)).hex());
}

TEST(FirstUse, IsAskedOnceAndNotAgainByAnAgentThatStartsLater) {
    FirstUseFixture t;
    t.sign_for();
    t.sign_for();
    EXPECT_EQ(t.consent.questions.size(), 3u);
    t.open();
    EXPECT_EQ(t.sign_for()->state, OperationState::done);
    EXPECT_EQ(t.consent.questions.size(), 4u);
    EXPECT_EQ(t.consent.questions.back().kind, ConsentKind::signature);
}

TEST(FirstUse, RefusingSignsNothingAndNamesThisCitysArticle) {
    const std::vector<std::tuple<std::string, std::string, std::string>> cities{
        {"pekalongan-98-2018.yaml", "email", "Pasal 16 ayat (2) huruf d dan huruf e"},
        {"mataram-30-2018.yaml", "email", "Pasal 4 ayat (1) huruf h dan huruf i"},
        {"tangsel-71-2022.yaml", "spbe", "Pasal 15 ayat (3) huruf c"},
        {"bekasi-84-2017.yaml", "email", "Pasal 4 ayat (1) huruf h dan huruf i"},
        {"palembang-23-2020.yaml", "email", "Pasal 6 ayat (2) huruf d dan huruf e"}};
    for (const auto& [city, task, article] : cities) {
        FirstUseFixture t(city);
        t.consent.answers.emplace_back(Errc::consent_denied);
        const auto operation = t.sign_for(task);
        EXPECT_EQ(operation->state, OperationState::refused) << city;
        ASSERT_TRUE(operation->error);
        EXPECT_EQ(operation->error->code, Errc::duties_unacknowledged) << city;
        EXPECT_EQ(operation->error->citation, article) << city;
        EXPECT_EQ(t.token.readers.size(), 0u) << "a PIN was asked for";
        EXPECT_EQ(t.token.signatures, 0);
        EXPECT_THAT(t.row_kinds(), ElementsAre("refused"));
    }
}

TEST(FirstUse, AnAgreementThatIsTakenOutIsRefusedAndTheDutiesStayAcknowledged) {
    FirstUseFixture t;
    t.answer({1});
    auto operation = t.sign_for();
    ASSERT_TRUE(operation->error);
    EXPECT_EQ(operation->error->code, Errc::agreement_missing);
    EXPECT_EQ(operation->error->citation, "Pasal 7 ayat (1); Pasal 14 huruf g; Pasal 1 angka 13");
    EXPECT_THAT(t.row_kinds(), ElementsAre("acknowledged", "refused"));
    EXPECT_EQ(t.sign_for()->state, OperationState::done);
    ASSERT_EQ(t.consent.questions.size(), 3u);
    EXPECT_EQ(t.consent.questions[1].notice->parts.size(), 1u) << "only what is missing is asked again";
    EXPECT_EQ(t.consent.questions[1].notice->parts[0].name, "agreement");
}

TEST(FirstUse, APlaceThatIsNotOnTheListIsNoYesToAnything) {
    FirstUseFixture t;
    t.answer({7});
    EXPECT_EQ(t.sign_for()->error->code, Errc::duties_unacknowledged);
    EXPECT_TRUE(t.record->all().empty());
}

TEST(FirstUse, ASilentCityHasNoAgreement) {
    FirstUseFixture t("tangsel-71-2022.yaml");
    EXPECT_EQ(t.sign_for("spbe")->state, OperationState::done);
    const auto& parts = t.consent.questions[0].notice->parts;
    ASSERT_EQ(parts.size(), 1u);
    EXPECT_EQ(parts[0].name, "duties");
    EXPECT_EQ(parts[0].indonesian.find("Larangan"), std::string::npos);
}

TEST(FirstUse, AChangedTextOrAnotherCertificateIsAskedAgain) {
    FirstUseFixture t;
    t.sign_for();
    t.profile.complaint_contact = "Diskominfo, telp. 0285-000000";
    t.open();
    t.sign_for();
    EXPECT_EQ(t.consent.questions[2].kind, ConsentKind::first_use);
    EXPECT_NE(t.consent.questions[2].notice->parts[0].indonesian.find("0285-000000"), std::string::npos);
    const auto other = make_key("p256");
    t.token.info.certificates = {*x509::read_certificate(t.ca.certify(other.get(), {}))};
    t.sign_for();
    EXPECT_EQ(t.consent.questions[4].kind, ConsentKind::first_use);
}

TEST(FirstUse, WhatTheLogDoesNotHaveDoesNotCount) {
    FirstUseFixture t;
    t.database->raw().exec("CREATE TRIGGER full BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'full'); END");
    const auto operation = t.sign_for();
    EXPECT_EQ(operation->error->code, Errc::audit_unavailable);
    EXPECT_TRUE(t.record->all().empty());
    EXPECT_EQ(t.token.signatures, 0);
}

TEST(FirstUse, ARowThatNoCheckpointOfThisDeviceShowsIsNoAcknowledgement) {
    FirstUseFixture t;
    t.sign_for();
    ASSERT_EQ(t.record->all().size(), 2u);
    // A program of the same user that writes into the file: it has no device key, so it cannot sign what it writes.
    const auto body = boost::json::serialize(t.last_row("acknowledged"));
    ASSERT_TRUE(t.log->commit(store::Durability::process, [&] { return t.log->append("acknowledged", "o_forged", body), done(); }));
    const auto forged = t.log->head().row;
    SQLite::Statement copy(t.database->raw(),
                           "INSERT INTO checkpoint SELECT ?, (SELECT hash FROM log WHERE row = ?1), signature FROM checkpoint LIMIT 1");
    copy.bind(1, forged);
    copy.exec();
    t.open();
    EXPECT_EQ(t.record->all().size(), 2u);
    // And a row whose content was exchanged under its checkpoint.
    t.database->raw().exec("DROP TRIGGER log_is_append_only_u");
    t.database->raw().exec("UPDATE log SET body = replace(body, 'Pasal 19', 'Pasal 91') WHERE kind = 'acknowledged'");
    t.open();
    EXPECT_TRUE(t.record->all().empty());
    t.sign_for();
    EXPECT_EQ(t.consent.questions[2].kind, ConsentKind::first_use) << "asked again";
}

TEST(FirstUse, ADemandWithoutATextIsARefusalAndNoQuestion) {
    FirstUseFixture t;
    t.profile.regulation.notice = {};
    t.open();
    EXPECT_EQ(t.sign_for()->error->code, Errc::duties_unacknowledged);
    EXPECT_TRUE(t.consent.questions.empty());
}

TEST(FirstUse, APageThatGivesUpClosesTheTexts) {
    FirstUseFixture t;
    t.consent.silent = true;
    const auto operation = t.submit(t.request());
    t.io.restart();
    while (t.consent.questions.empty()) t.io.run_one();
    EXPECT_EQ(operation->state, OperationState::waiting_consent);
    ASSERT_TRUE(t.operations->cancel(*operation, Errc::cancelled_by_application));
    while (!operation->finished()) t.io.run_one();
    EXPECT_EQ(operation->state, OperationState::cancelled);
    EXPECT_EQ(t.consent.questions.size(), 1u);
    EXPECT_TRUE(t.record->all().empty());
}

TEST(FirstUse, WhatTheProfileDoesNotDemandIsNotAskedAndNotJudged) {
    FirstUseFixture t;
    t.profile.duties_first = t.profile.agreement_first = false;
    t.open();
    EXPECT_EQ(t.sign_for()->state, OperationState::done);
    EXPECT_EQ(t.consent.questions.size(), 1u);
    const auto decision = policy::judge_state(t.profile, t.facts.about(*t.certificate, t.token.info.id), *t.certificate, t.clock.now());
    EXPECT_EQ(decision.find(policy::Rule::duties_acknowledged)->note, policy::Note::not_demanded);
}

} // namespace
} // namespace jk::test
