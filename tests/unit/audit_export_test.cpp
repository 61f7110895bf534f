// Reading a log: what an export holds of whole and damaged logs, what bounds mean, what is counted, and a view while rows are written.
#include "agent/audit/export.hpp"
#include "agent/audit/journal.hpp"
#include "agent/audit/nik.hpp"
#include "agent/audit/statistics.hpp"
#include "agent/audit/verify.hpp"
#include "jurukunci/encoding.hpp"
#include "tests/support/scratch_folder.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace jk::test {
namespace {

namespace json = boost::json;
using store::Durability;
using testing::ElementsAre;
using testing::Pair;

struct SetClock final : Clock {
    WallTime now() const override { return time; }
    WallTime time = *parse_rfc3339("2026-11-21T08:00:00Z") + std::chrono::milliseconds(7);
};

struct WrittenLog {
    WrittenLog() : key(*store::DeviceKey::open_or_create(folder.path() / "device.key")) {
        database = *store::Database::open(file());
        log = *audit::Log::open(*database, key, clock);
    }
    std::filesystem::path file() const { return folder.path() / "audit.db"; }
    void add(const std::string& kind, const std::string& operation, const std::string& body, Durability durability = Durability::machine) {
        ASSERT_TRUE(log->commit(durability, [&] { return log->append(kind, operation, body), done(); }));
    }
    void note(int rows) {
        for (int i = 0; i < rows; ++i) ASSERT_TRUE(log->note([&] { log->append("use", "o_1", "{}"); }));
    }
    void tamper(const std::string& sql) {
        SQLite::Database changed(file().string(), SQLite::OPEN_READWRITE);
        changed.exec("DROP TRIGGER log_is_append_only_u; DROP TRIGGER log_is_append_only_d;" + sql);
    }
    std::unique_ptr<audit::LogView> view() const { return *audit::LogView::open(file()); }
    Outcome<audit::Exported> written(std::vector<json::object>& lines, const std::string& since = "", const std::string& until = "") const {
        const auto seen = view();
        const auto range = audit::rows_between(*seen, since, until);
        if (!range) return range.error();
        return audit::export_rows(*seen, *range, {"0.1.0", "kota", "uji", clock.now(), key.public_key()}, [&](std::string_view line) {
            lines.push_back(json::parse(line).as_object());
            return done();
        });
    }

    ScratchFolder folder;
    SetClock clock;
    store::DeviceKey key;
    std::unique_ptr<store::Database> database;
    std::unique_ptr<audit::Log> log;
};

TEST(AuditExport, HasTheHeadTheRowsAndTheCheckpointsAsTheyStand) {
    WrittenLog t;
    t.add("agent", "", R"({"a":"é"})");
    t.add("consent", "o_1", "{}", Durability::process);
    std::vector<json::object> lines;
    const auto exported = t.written(lines);
    ASSERT_TRUE(exported);
    EXPECT_EQ(exported->rows, 2);
    EXPECT_EQ(exported->checkpoints, 1);
    ASSERT_EQ(lines.size(), 4u);
    EXPECT_EQ(lines[0].at("format").as_string(), "jurukunci audit export");
    EXPECT_EQ(lines[0].at("last").as_int64(), 2);
    EXPECT_EQ(lines[0].at("checkpoints").as_int64(), 1);
    EXPECT_EQ(lines[1].at("at").as_string(), "2026-11-21T08:00:00.007Z");
    EXPECT_EQ(lines[1].at("body").as_string(), R"({"a":"é"})");
    EXPECT_EQ(lines[1].at("prev").as_string(), audit::genesis().hex());
    EXPECT_EQ(lines[2].at("prev").as_string(), lines[1].at("hash").as_string());
    EXPECT_EQ(lines[3].at("checkpoint").as_int64(), 1);
    EXPECT_EQ(lines[3].at("hash").as_string(), lines[1].at("hash").as_string());
    EXPECT_EQ(to_hex(exported->last_hash), t.log->head().hash.hex());
}

TEST(AuditExport, HoldsTheRowsThatStillWaitInTheTail) {
    WrittenLog t;
    t.add("agent", "", "{}");
    t.note(3);
    std::vector<json::object> lines;
    EXPECT_EQ(t.written(lines)->rows, 4);
    const auto verified = audit::verify(*t.view(), t.key);
    EXPECT_EQ(verified->rows, 4);
    EXPECT_TRUE(verified->faults.empty());
    EXPECT_EQ(verified->head.hash, t.log->head().hash);
}

TEST(AuditExport, LeavesTheTailOfARunningAgentAsItIs) {
    WrittenLog t;
    t.note(2);
    const auto tail = t.folder.path() / "audit.tail";
    const auto size = std::filesystem::file_size(tail);
    std::ofstream(tail, std::ios::app | std::ios::binary) << "torn";
    EXPECT_EQ(t.view()->last_row(), 2);
    EXPECT_EQ(std::filesystem::file_size(tail), size + 4);
    std::filesystem::remove(tail);
    EXPECT_EQ(t.view()->last_row(), 0);
    EXPECT_FALSE(std::filesystem::exists(tail)) << "looking must not make one";
}

TEST(AuditExport, ATailThatDoesNotContinueTheDatabaseIsNotTakenForRows) {
    WrittenLog t;
    t.add("agent", "", "{}");
    t.note(2);
    t.tamper("UPDATE log SET hash = x'00' WHERE row = 1");
    EXPECT_EQ(t.view()->last_row(), 1);
}

TEST(AuditView, StaysAtOneMomentWhileTheAgentWritesOn) {
    WrittenLog t;
    t.add("agent", "", "{}");
    t.note(1);
    const auto view = t.view();
    t.add("consent", "o_2", "{}"); // folds the noted row, and signs a checkpoint beyond what the view knows
    EXPECT_EQ(view->last_row(), 2);
    const auto verified = audit::verify(*view, t.key);
    EXPECT_EQ(verified->rows, 2);
    EXPECT_TRUE(verified->faults.empty());
    EXPECT_EQ(*view->count_checkpoints(0, 100), 1);
    EXPECT_EQ(t.view()->last_row(), 3);
}

TEST(AuditExport, OfADamagedLogShowsTheDamage) {
    WrittenLog t;
    for (int i = 0; i < 4; ++i) t.add("started", "o_1", "{}");
    t.tamper("UPDATE log SET body = CAST(x'FF22' AS TEXT), prev = x'01' WHERE row = 2; DELETE FROM log WHERE row = 4;"
             "UPDATE log SET at = -5 WHERE row = 3");
    std::vector<json::object> lines;
    const auto seen = t.view();
    std::vector<std::string> raw;
    ASSERT_TRUE(audit::export_rows(*seen, *audit::rows_between(*seen, "", ""), {}, [&](std::string_view line) {
        raw.emplace_back(line);
        return done();
    }));
    ASSERT_EQ(raw.size(), 1u + 3u + 4u) << "the checkpoint of the row that is gone stands";
    EXPECT_NE(raw[2].find("\"body\":\"\xFF\\\"\",\"prev\":\"01\""), std::string::npos) << raw[2];
    EXPECT_NE(raw[3].find("\"at\":-5"), std::string::npos) << raw[3];
}

TEST(AuditBounds, AreRowsOrTimesAndInclusive) {
    WrittenLog t;
    for (int i = 0; i < 4; ++i) {
        t.add("started", "o_1", "{}");
        t.clock.time += std::chrono::hours(i == 1 ? -5 : 1); // a clock that was set back at row 3
    }
    const auto rows = [&](const std::string& since, const std::string& until) {
        std::vector<json::object> lines;
        (void)t.written(lines, since, until);
        std::vector<std::int64_t> all;
        for (const auto& line : lines)
            if (line.contains("row")) all.push_back(line.at("row").as_int64());
        return all;
    };
    EXPECT_THAT(rows("2", "3"), ElementsAre(2, 3));
    EXPECT_THAT(rows("2026-11-21T09:00:00Z", ""), ElementsAre(2, 3, 4)) << "what was written later is later, whatever its clock says";
    EXPECT_THAT(rows("", "2026-11-21T04:30:00Z"), ElementsAre(1, 2, 3));
    EXPECT_THAT(rows("3", "900"), ElementsAre(3, 4));
    std::vector<json::object> lines;
    EXPECT_EQ(t.written(lines, "5").error().code, Errc::audit_range_empty);
    EXPECT_EQ(t.written(lines, "2027-01-01T00:00:00Z").error().code, Errc::audit_range_empty);
    EXPECT_EQ(t.written(lines, "", "2020-01-01T00:00:00Z").error().code, Errc::audit_range_empty);
    for (const auto* wrong : {"0", "-3", "kemarin", "2026-11-21", "12x", "99999999999999999999"})
        EXPECT_EQ(t.written(lines, wrong).error().code, Errc::audit_bound_malformed) << wrong;
    EXPECT_TRUE(lines.empty());
}

TEST(AuditStatistics, CountsByKindApplicationDayAndRefusal) {
    WrittenLog t;
    const std::string who = R"("application":"e-Office","origin":"https://eoffice.example")";
    t.add("consent", "o_1", "{" + who + R"(,"format":"PAdES"})");
    t.add("signed", "o_1", R"({"item":0})");
    t.add("item-failed", "o_1", R"({"item":1,"error":{"code":"E-TOKEN-DICABUT"}})");
    t.add("end", "o_1", R"({"state":"failed","error":{"code":"E-TOKEN-DICABUT"}})");
    t.clock.time += std::chrono::hours(20);
    t.add("consent", "o_2", "{" + who + R"(,"format":"authentication"})");
    t.add("signed", "o_2", R"({"item":0})");
    t.add("end", "o_2", R"({"state":"done"})");
    t.add("refused", "o_3", "{" + who + R"(,"error":{"code":"E-ASAL-DITOLAK"}})");
    t.add("refused", "o_4", R"({"application":"Lain","origin":"https://lain.example","error":{"code":"E-ASAL-DITOLAK"}})");
    t.add("agent", "", "[]");
    const auto view = t.view();
    const auto history = *audit::History::open(*view, t.folder.path());
    const auto s = *audit::count(history, *history.between("", ""));
    EXPECT_EQ(s.rows, 10);
    EXPECT_EQ(s.unreadable, 1);
    EXPECT_EQ(s.kinds.at("signed"), 2);
    EXPECT_THAT(s.refusals, ElementsAre(Pair("E-ASAL-DITOLAK", 2), Pair("E-TOKEN-DICABUT", 1)));
    const auto& office = s.applications.at({"e-Office", "https://eoffice.example"});
    EXPECT_EQ(office.signatures, 1);
    EXPECT_EQ(office.logins, 1);
    EXPECT_EQ(office.refusals, 2);
    EXPECT_EQ(s.days.at("2026-11-21").signatures, 1);
    EXPECT_EQ(s.days.at("2026-11-22").refusals, 2);
    const auto later = *audit::count(history, *history.between("2", "2"));
    EXPECT_EQ(later.rows, 1);
    EXPECT_EQ(later.applications.at({"e-Office", "https://eoffice.example"}).signatures, 1) << "its consent is before the range";
    EXPECT_TRUE(later.refusals.empty());
}

TEST(AuditRows, HoldNoNikOfASubjectOrADocumentsName) {
    EXPECT_EQ(audit::without_nik("KTP 3375015708850002.pdf"), "KTP [NIK].pdf") << "a woman's day of birth has 40 more";
    EXPECT_EQ(audit::without_nik("serialNumber=3375011708850002,CN=Jana"), "serialNumber=[NIK],CN=Jana");
    EXPECT_EQ(audit::without_nik("3375011708850002"), "[NIK]");
    for (const auto* other : {"198001012005012003", "33750117088500021", "3375019908850002", "3375011713850002", "Surat 12", ""})
        EXPECT_EQ(audit::without_nik(other), other);
    WrittenLog t;
    audit::Journal journal(*t.log, "boot-a");
    auto certificate = std::make_shared<Certificate>();
    certificate->subject = "CN=Jana,serialNumber=3375011708850002";
    audit::Occasion occasion;
    occasion.operation = "o_1";
    occasion.certificate = certificate;
    std::vector<audit::SealedEvidence> sealed(1);
    sealed[0].shown.name = "KTP 3375015708850002.pdf";
    ASSERT_TRUE(t.log->commit(Durability::machine, [&] {
        journal.consent(occasion, sealed, {{}, "test"});
        journal.refused(occasion, std::vector{sealed[0].shown}, Errc::cancelled_by_application);
        return done();
    }));
    std::vector<json::object> lines;
    ASSERT_TRUE(t.written(lines));
    for (const auto& line : lines) EXPECT_EQ(json::serialize(line).find("337501"), std::string::npos) << line;
    EXPECT_NE(lines[1].at("body").as_string().find("KTP [NIK].pdf"), json::string::npos);
}

TEST(AuditView, SaysWhenThereIsNoLogOrItCannotBeRead) {
    ScratchFolder folder;
    EXPECT_EQ(audit::LogView::open(folder.path() / "audit.db").error().code, Errc::audit_absent);
    std::ofstream(folder.path() / "audit.db") << std::string(8192, 'x');
    EXPECT_EQ(audit::LogView::open(folder.path() / "audit.db").error().code, Errc::audit_unreadable);
}

} // namespace
} // namespace jk::test
