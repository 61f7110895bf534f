// Reports: a block holds at once, survives what happens to disks and clocks, and is lifted by the RA alone.
#include "agent/reports/head_reports.hpp"
#include "agent/reports/head_witness.hpp"
#include "agent/reports/ra_decision.hpp"
#include "tests/support/report_fixture.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace jk::test {
namespace {

using policy::KeyAction;
using reports::Destination;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string id_of(const json::object& answer) { return std::string(answer.at("report").at("id").as_string()); }
std::string number_of(const json::object& answer) { return std::string(answer.at("report").at("number").as_string()); }

TEST(Reports, Row10_2_TheNextSignatureIsRefusedAndTheRefusalIsInTheLog) {
    ReportFixture t;
    ASSERT_EQ(t.sign()->state, gate::OperationState::done);
    ASSERT_TRUE(t.report(t.stolen()));
    const auto operation = t.sign();
    EXPECT_EQ(operation->error->code, Errc::blocked_locally);
    EXPECT_THAT(operation->error->sentence(Language::indonesian), HasSubstr("laporan L-"));
    EXPECT_EQ(t.token.windows, 1);
    EXPECT_EQ(t.last_row("refused").at("error").at("code").as_string(), "E-DIBLOKIR-LOKAL");
}

TEST(Reports, Row10_2_AReportWhileTheQuestionIsOpenStopsTheAnswer) {
    ReportFixture t;
    t.consent.on_question = [&](const ConsentQuestion&) { ASSERT_TRUE(t.report(t.stolen())); };
    const auto operation = t.sign();
    EXPECT_EQ(operation->error->code, Errc::blocked_locally);
    EXPECT_EQ(t.token.windows, 0);
    EXPECT_EQ(t.token.forgotten.size(), 1u); // the PIN was wiped unread
}

TEST(Reports, ALostKeyMayStillReadOldLettersALeakedOneMayNot) {
    ReportFixture lost, leaked;
    ASSERT_TRUE(lost.report(lost.lost()));
    EXPECT_EQ(lost.why_not(KeyAction::sign), Errc::blocked_locally);
    EXPECT_EQ(lost.why_not(KeyAction::decrypt), Errc{});
    ASSERT_TRUE(leaked.report(leaked.stolen()));
    EXPECT_EQ(leaked.why_not(KeyAction::decrypt), Errc::blocked_locally);
}

TEST(Reports, ABlockOutlivesTheProcessAndAClockThatIsSetBack) {
    ReportFixture t;
    ASSERT_TRUE(t.report(t.stolen()));
    t.clock.set(t.clock.now() - std::chrono::hours(24 * 400));
    t.open();
    EXPECT_EQ(t.why_not(), Errc::blocked_locally);
    EXPECT_EQ(t.sign()->error->code, Errc::blocked_locally);
}

TEST(Reports, TheSameCertificateOnAnotherTokenIsBlockedToo) {
    ReportFixture t;
    ASSERT_TRUE(t.report(t.stolen()));
    t.token.info.id.serial = "9999";
    EXPECT_EQ(t.why_not(), Errc::blocked_locally);
}

TEST(Reports, ByCertificateFileOrNipOnAComputerThatNeverSawTheToken) {
    ReportFixture by_file;
    by_file.token.absent = true;
    auto opened = by_file.desk->open(json::object{{"category", "kebocoran_kunci_privat"}, {"certificate", to_base64(by_file.certificate->der)}});
    ASSERT_TRUE(opened);
    ASSERT_TRUE(by_file.desk->complete(*opened, {}));
    EXPECT_EQ(by_file.why_not(), Errc::blocked_locally);

    ReportFixture by_nip;
    ASSERT_TRUE(by_nip.desk->open(json::object{{"category", "kebocoran_kunci_privat"}, {"holder", json::object{{"nip", "198001012005011001"}}}}));
    Certificate of_holder = *by_nip.certificate;
    EXPECT_EQ(by_nip.why_not(), Errc{});
    of_holder.subject = "serialNumber=198001012005011001,CN=Jana Kusuma,C=ID";
    const auto verdict = policy::judge_blocks(by_nip.casebook->blocks(), of_holder, by_nip.token.info.id, KeyAction::sign, "");
    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.error().code, Errc::blocked_locally);
}

TEST(Reports, AReportThatNamesNoKeyIsRefusedAndSoIsANik) {
    ReportFixture t;
    EXPECT_EQ(t.report({{"category", "kebocoran_kunci_privat"}}).error().code, Errc::report_subject_missing);
    EXPECT_EQ(t.report({{"category", "kebocoran_kunci_privat"}, {"holder", json::object{{"nip", "3375010101800001"}}}}).error().code,
              Errc::request_malformed);
    auto request = t.stolen();
    request["description"] = "NIK 3375 0101 0180 0001, dan 3375010101800001; telepon 0285123456";
    const auto answer = t.report(request);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->at("report").at("description").as_string(), "NIK [NIK disamarkan], dan [NIK disamarkan]; telepon 0285123456");
}

TEST(Reports, Row17_3_ReportsAreNumberedInSequenceAcrossRestarts) {
    ReportFixture t;
    const auto first = number_of(*t.report(t.stolen()));
    t.open();
    const auto second = number_of(*t.report(t.lost()));
    EXPECT_EQ(first.substr(6), "-0001");
    EXPECT_EQ(second.substr(6), "-0002");
}

TEST(Reports, ADamagedCasebookBlocksEverythingAndStillTakesReports) {
    ReportFixture t;
    ASSERT_TRUE(t.report(t.lost()));
    t.close();
    std::filesystem::remove(t.file().string() + "-wal");
    std::ofstream(t.file(), std::ios::binary | std::ios::trunc) << std::string(8192, 'x');
    t.open();
    EXPECT_EQ(t.why_not(KeyAction::sign), Errc::blocked_locally); // the log still knew it
    EXPECT_EQ(t.why_not(KeyAction::decrypt), Errc::reports_damaged);
    Certificate other = *t.certificate;
    other.id.sha256 = sha256(bytes_of("another"));
    other.public_key = Bytes{4, 1, 2, 3};
    EXPECT_TRUE(t.report(t.stolen()));
    t.open();
    EXPECT_EQ(t.why_not(KeyAction::decrypt), Errc::blocked_locally);
}

TEST(Reports, ARemovedCasebookBlocksEverything) {
    ReportFixture t;
    const auto first = id_of(*t.report(t.lost()));
    t.close();
    for (const char* part : {"", "-wal", "-shm"}) std::filesystem::remove(t.file().string() + part);
    t.open();
    EXPECT_EQ(t.why_not(), Errc::blocked_locally); // the log knew it
    EXPECT_EQ(t.why_not(KeyAction::decrypt), Errc::reports_damaged);
    const auto damage = t.desk->list()->at("damage").as_array();
    ASSERT_EQ(damage.size(), 1u);
    const std::string id(damage[0].at("case").as_string());
    ASSERT_TRUE(t.desk->decide(t.ra.decide("lift", id)));
    EXPECT_EQ(t.why_not(KeyAction::decrypt), Errc{});
    EXPECT_EQ(t.why_not(), Errc::blocked_locally); // that was about the damage, not about the report
    t.open();
    EXPECT_EQ(t.why_not(), Errc::blocked_locally);
    ASSERT_TRUE(t.desk->decide(t.ra.decide("lift", first))); // its case went with the file, its block did not
    EXPECT_EQ(t.why_not(), Errc{});
}

TEST(Reports, ACrashBetweenTheTwoStepsOfPuttingADamagedFileAsideForgetsNothing) {
    ReportFixture t;
    t.close();
    for (const char* part : {"", "-wal", "-shm"}) std::filesystem::remove(t.file().string() + part);
    std::ofstream(t.folder.path() / "reports.damaged") << "x"; // the mark was written, then the power went
    t.open(false);                                             // and this time the log cannot be read either
    EXPECT_EQ(t.why_not(), Errc::reports_damaged);
    EXPECT_FALSE(std::filesystem::exists(t.folder.path() / "reports.damaged"));
}

TEST(Reports, AnOlderCopyOfTheCasebookDoesNotForgetALaterBlock) {
    ReportFixture t;
    t.close();
    std::filesystem::copy_file(t.file(), t.folder.path() / "old");
    t.open();
    ASSERT_TRUE(t.report(t.stolen()));
    t.close();
    for (const char* part : {"-wal", "-shm"}) std::filesystem::remove(t.file().string() + part);
    std::filesystem::copy_file(t.folder.path() / "old", t.file(), std::filesystem::copy_options::overwrite_existing);
    t.open();
    EXPECT_EQ(t.why_not(), Errc::blocked_locally);
}

struct Edit {
    const char* sql;
    bool revoked = false;
};

void expect_the_logs_word(const Edit& edit) {
    SCOPED_TRACE(edit.sql);
    ReportFixture t;
    const auto id = id_of(*t.report(t.stolen()));
    if (edit.revoked) {
        ASSERT_TRUE(t.desk->decide(t.ra.decide("revoked", id, t.certificate->id.sha256.hex())));
    }
    t.open(); // the token's own block is lifted where the certificate is revoked
    const auto before = t.casebook->blocks().all().size();
    const auto why = edit.revoked ? Errc::certificate_revoked : Errc::blocked_locally;
    t.close();
    SQLite::Database(t.file().string(), SQLite::OPEN_READWRITE).exec(edit.sql);
    t.open();
    EXPECT_EQ(t.why_not(), why);
    EXPECT_FALSE(t.may(KeyAction::decrypt));
    // Nobody but the casebook writes there: what else was edited is not known, so everything is held.
    const auto damage = t.desk->list()->at("damage").as_array();
    ASSERT_EQ(damage.size(), 1u);
    EXPECT_EQ(t.casebook->blocks().all().size(), before + 1);
    ASSERT_TRUE(t.desk->decide(t.ra.decide("lift", std::string(damage[0].at("case").as_string()))));
    t.open(); // set right for good: no second damage
    EXPECT_EQ(t.casebook->blocks().all().size(), before);
    EXPECT_EQ(t.why_not(), why);
}

TEST(Reports, AnEditedRowOfABlockIsTakenFromTheLogAgain) {
    for (const auto* sql : {"UPDATE blocks SET lifted = 'x'", "UPDATE blocks SET lifted = ''", "UPDATE blocks SET value = '00', mirrored = 0",
                            "UPDATE blocks SET decryption_stays = 1", "UPDATE blocks SET kind = 'holder'", "UPDATE blocks SET case_id = 'k_lain'"})
        expect_the_logs_word({sql});
}

TEST(Reports, AnEditedRowOfARevocationIsTakenFromTheLogAgain) {
    for (const auto* sql : {"DROP TRIGGER revoked_is_final; UPDATE blocks SET lifted = 'x'", "UPDATE blocks SET value = '00' WHERE cause = 'revoked'",
                            "DROP TRIGGER revoked_is_final; UPDATE blocks SET cause = 'reported', lifted = (SELECT sha256 FROM decisions)"})
        expect_the_logs_word({sql, true});
}

TEST(Reports, ARowThatIsAppendedToTheLogLaterTakesNoBlockBack) {
    ReportFixture t;
    ASSERT_TRUE(t.report(t.stolen()));
    std::vector<json::object> bodies;
    SQLite::Statement rows(t.database->raw(), "SELECT body FROM log WHERE kind = 'block'");
    while (rows.executeStep()) bodies.push_back(json::parse(rows.getColumn(0).getString()).as_object());
    ASSERT_TRUE(t.log->commit(store::Durability::machine, [&] {
        for (auto& forged : bodies) {
            forged["value"] = "00";
            t.log->append("block", "k_x", json::serialize(forged));
        }
        return done();
    }));
    t.open();
    EXPECT_EQ(t.why_not(), Errc::blocked_locally);
    EXPECT_EQ(t.casebook->blocks().all().size(), bodies.size());
}

TEST(Reports, ABlockIsLiftedByTheRasSignatureInTheFileAndByNothingThatStandsBesideIt) {
    ReportFixture t;
    const auto id = id_of(*t.report(t.stolen()));
    ASSERT_TRUE(t.desk->decide(t.ra.decide("lift", id)));
    t.open();
    EXPECT_EQ(t.why_not(), Errc{});
    { // a decision of a stranger, in both files
        const RaDesk stranger(t.ca, "RA Palsu");
        const auto forged = stranger.decide("lift", id);
        auto& row = t.casebook->database().prepared("UPDATE decisions SET cms = ?");
        row.bind(1, forged.data(), static_cast<int>(forged.size()));
        row.exec();
        t.close();
        ReportFixture other;
        const auto reported = id_of(*other.report(other.stolen()));
        ASSERT_TRUE(other.log->commit(store::Durability::machine, [&] {
            other.log->append("block-decision", reported,
                              json::serialize(json::object{{"case", reported}, {"verdict", "lift"}, {"decision", to_base64(forged)}}));
            return done();
        }));
        other.close();
        SQLite::Database(other.file().string(), SQLite::OPEN_READWRITE).exec("UPDATE blocks SET lifted = 'x'");
        other.open();
        EXPECT_EQ(other.why_not(), Errc::blocked_locally);
    }
    t.open(); // its own log has the true one
    EXPECT_EQ(t.why_not(), Errc{});
    EXPECT_TRUE(audit::verify(t.database->raw(), *t.device_key)->faults.empty());
}

TEST(Reports, ADecisionWhoseSignerIsNotPinnedAnyMoreHoldsTheKeyAgainAndNothingElse) {
    ReportFixture t;
    const auto id = id_of(*t.report(t.stolen()));
    ASSERT_TRUE(t.desk->decide(t.ra.decide("lift", id)));
    t.close();
    const RaDesk next(t.ca, "RA Kota baru");
    t.casebook = *reports::Casebook::open(t.folder.path(), t.log.get(), t.clock, reports::Authority{{next.certificate()}, "uji"});
    EXPECT_EQ(t.why_not(), Errc::blocked_locally);
    for (const auto& block : t.casebook->blocks().all()) EXPECT_EQ(block.cause, policy::BlockCause::reported);
}

TEST(Reports, ADecisionThatNamesANumberIsRefused) {
    ReportFixture t;
    const auto answer = *t.report(t.stolen());
    const auto refused = t.desk->decide(t.ra.decide("lift", number_of(answer)));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::ra_decision_refused);
    EXPECT_EQ(t.desk->show(number_of(answer))->at("report").at("state").as_string(), "queued");
    EXPECT_EQ(t.why_not(), Errc::blocked_locally);
    EXPECT_TRUE(t.last_row("block-decision").empty());
}

TEST(Reports, WhatWasReportedWithoutALogIsInTheLogAfterTheNextStart) {
    ReportFixture t;
    t.open(false);
    ASSERT_TRUE(t.report(t.stolen()));
    EXPECT_TRUE(t.last_row("block").empty());
    t.open();
    EXPECT_EQ(t.last_row("block").at("cause").as_string(), "reported");
    EXPECT_TRUE(audit::verify(t.database->raw(), *t.device_key)->faults.empty());
}

TEST(Reports, OnlyThePinnedRaLiftsABlock) {
    ReportFixture t;
    const auto id = id_of(*t.report(t.stolen()));
    const RaDesk stranger(t.ca, "RA Palsu");
    EXPECT_EQ(t.desk->decide(stranger.decide("lift", id)).error().code, Errc::ra_decision_refused);
    EXPECT_EQ(t.desk->decide(t.ra.decide("lift", "k_another")).error().code, Errc::ra_decision_refused);
    auto changed = t.ra.decide("lift", id);
    const std::string ours = "token ditemukan", theirs = "token dibeli000";
    const auto place = std::search(changed.begin(), changed.end(), ours.begin(), ours.end());
    ASSERT_NE(place, changed.end());
    std::copy(theirs.begin(), theirs.end(), place);
    EXPECT_EQ(t.desk->decide(changed).error().code, Errc::ra_decision_refused);
    auto production = RaDesk::decision("lift", id);
    production["environment"] = "produksi";
    EXPECT_EQ(t.desk->decide(t.ra.sign(json::serialize(production))).error().code, Errc::ra_decision_refused);
    EXPECT_EQ(t.why_not(), Errc::blocked_locally);

    ASSERT_TRUE(t.desk->decide(t.ra.decide("lift", id)));
    EXPECT_EQ(t.why_not(), Errc{});
    t.open();
    EXPECT_EQ(t.why_not(), Errc{});
}

TEST(Reports, Row10_6_RevokedIsFinalWhateverIsDecidedLater) {
    ReportFixture t;
    const auto id = id_of(*t.report(t.stolen()));
    ASSERT_TRUE(t.desk->decide(t.ra.decide("revoked", id, t.certificate->id.sha256.hex())));
    EXPECT_EQ(t.why_not(), Errc::certificate_revoked);
    EXPECT_EQ(t.may(KeyAction::sign).error().citation, "Pasal 17 ayat (5)");
    EXPECT_THAT(t.may(KeyAction::sign).error().sentence(Language::indonesian), HasSubstr("22 November 2026"));
    ASSERT_TRUE(t.desk->decide(t.ra.decide("lift", id)));
    EXPECT_EQ(t.why_not(), Errc::certificate_revoked);
    t.open();
    EXPECT_EQ(t.why_not(), Errc::certificate_revoked);
    EXPECT_THROW(t.casebook->database().raw().exec("UPDATE blocks SET cause = 'reported'"), SQLite::Exception);
    EXPECT_THROW(t.casebook->database().raw().exec("DELETE FROM blocks"), SQLite::Exception);
    // The token itself may carry a new certificate.
    Certificate next = *t.certificate;
    next.id.sha256 = sha256(bytes_of("next"));
    const x509::EvpPkeyPtr key = make_key("p256");
    const auto fresh = *x509::read_certificate(t.ca.certify(key.get()));
    EXPECT_TRUE(policy::judge_blocks(t.casebook->blocks(), *fresh, t.token.info.id, KeyAction::sign, ""));
}

TEST(Reports, Row13_3_ListsExactlyWhatWasSignedSince) {
    ReportFixture t;
    t.sign(t.request({"Lama.pdf"}));
    t.clock.set(t.clock.now() + std::chrono::hours(2));
    auto since = t.clock.now();
    t.sign(t.request({"Baru.pdf", "Nota.pdf"}));
    t.consent.answers.push_back(Errc::consent_denied);
    t.sign(t.request({"Ditolak.pdf"}));
    t.clock.set(t.clock.now() + std::chrono::hours(1));
    auto request = t.stolen();
    request["lastSafeAt"] = rfc3339(since);
    const auto answer = t.report(request);
    ASSERT_TRUE(answer);
    std::vector<std::string> names;
    for (const auto& thing : answer->at("report").at("signedSince").as_array()) names.emplace_back(thing.at("name").as_string());
    EXPECT_THAT(names, ElementsAre("Baru.pdf", "Nota.pdf"));
    ASSERT_EQ(answer->at("report").at("applications").as_array().size(), 1u);
    EXPECT_EQ(answer->at("report").at("applications").at(0).at("origin").as_string(), "https://eoffice.example");
    // Another token's signatures are not its business.
    const auto other = t.report({{"category", "kebocoran_kunci_privat"}, {"tokenSerial", "5678"}, {"lastSafeAt", rfc3339(since)}});
    EXPECT_THAT(other->at("report").at("signedSince").as_array(), IsEmpty());
}

TEST(Reports, Row17_7_HoursAreCountedAgainstTheAgentsOwnTarget) {
    ReportFixture t;
    const auto number = number_of(*t.report(t.stolen()));
    t.clock.set(t.clock.now() + std::chrono::hours(25));
    const auto shown = *t.desk->show(number);
    EXPECT_EQ(shown.at("report").at("elapsedHours").as_int64(), 25);
    EXPECT_EQ(shown.at("report").at("target").at("label").as_string(), "target kebijakan agen");
    EXPECT_TRUE(shown.at("report").at("target").at("missed").as_bool());
    t.clock.set(t.clock.now() - std::chrono::hours(1000));
    EXPECT_EQ(t.desk->show(number)->at("report").at("elapsedHours").as_int64(), 0);
}

TEST(Outbox, TheSameReportIsQueuedOnceAndAReceiptStays) {
    ReportFixture t;
    const auto answer = *t.report(t.stolen());
    ASSERT_TRUE(t.desk->send(number_of(answer)));
    ASSERT_EQ(t.outbox->all()->size(), 1u);
    const auto parcel = **t.outbox->next(t.clock.now(), Destination::registration_authority);
    EXPECT_EQ(parcel.key, id_of(answer));
    ASSERT_TRUE(t.outbox->delivered(parcel, "RA-77"));
    EXPECT_FALSE(t.outbox->next(t.clock.now() + std::chrono::hours(1000), Destination::registration_authority)->has_value());
    EXPECT_EQ(t.desk->show(id_of(answer))->at("report").at("state").as_string(), "delivered");
    EXPECT_FALSE(t.outbox->delivered(parcel, "RA-78") && false);
    EXPECT_EQ(*(**t.outbox->state_of(parcel.key)).receipt, "RA-77");
}

TEST(Outbox, WaitsLongerEachTimeButNeverLongerThanNineHours) {
    using namespace std::chrono;
    EXPECT_EQ(reports::wait_before_try(1, 0), seconds(30));
    EXPECT_EQ(reports::wait_before_try(2, 0), seconds(60));
    EXPECT_EQ(reports::wait_before_try(2, 1), seconds(90));
    EXPECT_EQ(reports::wait_before_try(500, 1), reports::longest_wait);
}

TEST(Outbox, AClockThatWasSetBackDoesNotKeepAReportForYears) {
    ReportFixture t;
    ASSERT_TRUE(t.report(t.stolen()));
    const auto parcel = **t.outbox->next(t.clock.now(), Destination::registration_authority);
    ASSERT_TRUE(t.outbox->failed(parcel, "no route", t.clock.now(), 0));
    EXPECT_FALSE(t.outbox->next(t.clock.now(), Destination::registration_authority)->has_value());
    t.clock.set(t.clock.now() - std::chrono::hours(24 * 365));
    EXPECT_TRUE(t.outbox->next(t.clock.now(), Destination::registration_authority)->has_value());
}

TEST(HeadReports, AreDueOncePerCadenceAndPerDayAndOnlyWhenSomethingIsNew) {
    ReportFixture t;
    auto heads = *reports::HeadReports::open(t.casebook->database(), *t.outbox, *t.device_key, t.clock);
    using namespace std::chrono_literals;
    const auto day = std::chrono::floor<std::chrono::days>(t.clock.now()) + 3h; // 10:00 where the five cities are, and no midnight near
    t.clock.set(WallTime(day));
    const auto head = [](std::int64_t row) { return audit::Head{row, sha256(bytes_of(std::to_string(row)))}; };
    EXPECT_FALSE(heads.due("", {}, 60min)); // an empty log
    ASSERT_TRUE(heads.due("", head(5), 60min));
    ASSERT_TRUE(heads.hand_in("uji", "", head(5)));
    EXPECT_FALSE(heads.due("", head(5), 60min)); // nothing new
    EXPECT_FALSE(heads.due("", head(6), 60min)); // too soon
    t.clock.set(WallTime(day + 61min));
    EXPECT_TRUE(heads.due("", head(6), 60min));
    EXPECT_FALSE(heads.due("", head(6), 1440min));
    EXPECT_TRUE(heads.due("h_1", head(6), 1440min)); // another chain
    t.clock.set(WallTime(day + 22h));                // the next day
    EXPECT_TRUE(heads.due("", head(6), 1440min));
    t.clock.set(WallTime(day - 48h)); // a clock that was set back
    EXPECT_TRUE(heads.due("", head(6), 1440min));

    ASSERT_TRUE(heads.hand_in("uji", "", head(6)));
    auto next = *t.outbox->next(t.clock.now(), Destination::log_checkpoint);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->key, reports::head_key(head(6))); // the older one was taken out
    ASSERT_TRUE(t.outbox->delivered(*next, "RA-1"));
    EXPECT_FALSE(*t.outbox->next(t.clock.now(), Destination::log_checkpoint));
    ASSERT_TRUE(heads.hand_in("uji", "", head(7)));
    EXPECT_EQ((*t.outbox->all()).size(), 2u); // the receipt stays
    EXPECT_EQ(*(*t.outbox->state_of(reports::head_key(head(6))))->receipt, "RA-1");
    // A new object after a restart knows what was handed in.
    EXPECT_FALSE(reports::HeadReports::open(t.casebook->database(), *t.outbox, *t.device_key, t.clock)->due("", head(7), 60min));
    const auto remembered = reports::heads_remembered(t.folder.path());
    ASSERT_EQ(remembered.size(), 1u);
    EXPECT_EQ(remembered[0].head.row, 7);
}

TEST(Outbox, AReportGoesBeforeDocumentsThatAreOverdue) {
    ReportFixture t;
    auto heads = *reports::HeadReports::open(t.casebook->database(), *t.outbox, *t.device_key, t.clock);
    ASSERT_TRUE(heads.hand_in("uji", "", {3, sha256(bytes_of("x"))}));
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(t.desk->deposit(std::to_string(i) + ".pdf", Bytes(1000, static_cast<std::uint8_t>(i + 1))));
    t.clock.set(t.clock.now() + std::chrono::minutes(1));
    const auto reported = id_of(*t.report(t.stolen()));
    // Each destination has a queue of its own, and a lane of the Deliverer.
    EXPECT_EQ((**t.outbox->next(t.clock.now(), Destination::registration_authority)).key, reported);
    EXPECT_EQ((**t.outbox->next(t.clock.now(), Destination::archive)).name, "0.pdf");
    EXPECT_EQ((**t.outbox->next(t.clock.now(), Destination::log_checkpoint)).destination, Destination::log_checkpoint);
}

TEST(Deposits, AreRefusedWhereNoStoreIsConfigured) {
    ReportFixture t;
    t.archive = false;
    t.open();
    const auto refused = t.desk->deposit("surat.pdf", Bytes(10, 1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::config_refused);
    EXPECT_THAT(refused.error().sentence(Language::indonesian), HasSubstr("delivery.yaml"));
    EXPECT_THAT(*t.outbox->all(), IsEmpty());
}

TEST(Deposits, WaitUpToALimitOfBytesAndTheSameOneAgainIsNoNewOne) {
    ReportFixture t;
    t.most_waiting = 2000;
    t.open();
    ASSERT_TRUE(t.desk->deposit("satu.pdf", Bytes(1000, 1)));
    ASSERT_TRUE(t.desk->deposit("dua.pdf", Bytes(1000, 2)));
    EXPECT_EQ(t.desk->deposit("tiga.pdf", Bytes(1, 3)).error().code, Errc::too_many);
    EXPECT_TRUE(t.desk->deposit("dua.pdf", Bytes(1000, 2)));
    EXPECT_TRUE(t.report(t.stolen())); // reports are never kept out by them
    EXPECT_EQ(t.outbox->all()->size(), 3u);
    const auto parcel = **t.outbox->next(t.clock.now(), Destination::archive);
    ASSERT_TRUE(t.outbox->delivered(parcel, "sha256:1"));
    EXPECT_TRUE(t.desk->deposit("tiga.pdf", Bytes(1, 3)));
}

TEST(LossDecision, IsReadStrictlyAndOnlyForThisEnvironment) {
    const auto decision = [](const std::string& more = "") {
        return R"({"type":"jurukunci-ra-decision","decision":"log-lost","loss":"h_1","device":"ab","environment":"uji","number":"1",)"
               R"("date":"2026-11-22T03:00:00Z","officer":"Petugas")" +
               more + "}";
    };
    const auto read = reports::read_loss_decision(decision(), "uji");
    ASSERT_TRUE(read && *read);
    EXPECT_EQ((*read)->loss, "h_1");
    EXPECT_FALSE(reports::read_loss_decision(decision(), "produksi"));
    EXPECT_FALSE(reports::read_loss_decision(decision(R"(,"case":"k_1")"), "uji")); // of two kinds at once
    const auto other = reports::read_loss_decision(R"({"decision":"lift"})", "uji");
    EXPECT_TRUE(other && !*other);
    EXPECT_FALSE(reports::read_decision_text(decision(), "uji")); // and never taken for a word about a case
}

TEST(Reports, ACaseThatWasCutOffBeforeItWasQueuedIsQueuedAtTheNextStart) {
    ReportFixture t;
    ASSERT_TRUE(t.desk->open(t.stolen())); // and not completed: the agent was killed here
    EXPECT_TRUE(t.outbox->all()->empty());
    t.open();
    EXPECT_EQ(t.outbox->all()->size(), 1u);
}

} // namespace
} // namespace jk::test
