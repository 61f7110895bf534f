// Segments: the older part of the log in files, before and after any death, with nothing lost and nothing that state is read from taken away.
#include "agent/audit/checkpointed_rows.hpp"
#include "agent/audit/custody.hpp"
#include "agent/audit/history.hpp"
#include "agent/audit/journal.hpp"
#include "agent/audit/pin_tries.hpp"
#include "agent/audit/recovery.hpp"
#include "agent/audit/segments.hpp"
#include "agent/audit/signed_since.hpp"
#include "agent/audit/statistics.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

namespace jk::test {
namespace {

namespace fs = std::filesystem;
using store::Durability;

class SetClock final : public Clock {
public:
    WallTime now() const override { return m_now; }
    void set(WallTime now) { m_now = now; }

private:
    WallTime m_now = SystemClock().now();
};

struct Segmented {
    Segmented() { open(); }
    void open() {
        custody.reset();
        auto opened = audit::Custody::open(folder.path(), clock);
        if (!opened) throw std::runtime_error(opened.error().log_line());
        custody = std::move(*opened);
    }
    audit::Log& log() { return custody->log(); }
    void add(std::string_view kind, const std::string& operation = "", const std::string& body = "{}") {
        ASSERT_TRUE(log().commit(Durability::machine, [&] { return log().append(kind, operation, body), done(); }));
    }
    /// A document that was signed.
    void sign(const std::string& operation) {
        add("consent", operation,
            R"({"requestId":"r","application":"e-Office","origin":"https://eoffice.example","certificateSha256":"c1","token":{"serial":"S-1"},)"
            R"("items":[{"name":"surat","digest":"d1"}],"rejected":[],"boot":"b"})");
        add("started", operation, R"({"items":[0]})");
        add("signed", operation, R"({"item":0,"signatureSha256":"x"})");
        add("end", operation, R"({"state":"done"})");
    }
    audit::Segments segments() { return audit::Segments(log(), custody->key(), clock, folder.path()); }
    Outcome<std::optional<audit::Segment>> close() { return segments().close(facts()); }
    std::vector<std::string> faults() {
        std::vector<std::string> all;
        // In variables: a range-for ends a temporary Outcome before it has read its first element.
        const auto verified = audit::verify(custody->database().raw(), custody->key());
        const auto in_files = audit::verify_segments(custody->database().raw(), folder.path(), custody->key());
        for (const auto& fault : verified->faults) all.push_back(fault.text);
        for (const auto& fault : *in_files) all.push_back(fault.text);
        return all;
    }
    audit::ExportFacts facts() { return {"0.1.0", "pekalongan-98-2018", "uji", clock.now(), custody->key().public_key()}; }
    /// Up to the file; nothing says yet that it is a segment.
    Outcome<audit::Segment> write(std::function<bool()> stopped = [] { return false; }) {
        auto plan = **segments().plan(clock.now());
        return audit::write_segment(folder.path(), std::move(plan), facts(), custody->key(), stopped);
    }
    std::size_t signed_rows() {
        audit::WhichKeys keys;
        keys.serials = {"S-1"};
        return audit::signed_since(custody->database().raw(), {}, keys)->size();
    }
    std::unique_ptr<audit::LogView> view() { return *audit::LogView::open(folder.path() / "audit.db"); }
    std::int64_t rows() { return custody->database().raw().execAndGet("SELECT count(*) FROM log").getInt64(); }
    fs::path file(const audit::Segment& segment) const { return folder.path() / "segments" / segment.file; }

    ScratchFolder folder;
    SetClock clock;
    std::unique_ptr<audit::Custody> custody;
};

TEST(Segments, RowsLeaveTheDatabaseAndTheChainGoesOnOverThem) {
    Segmented t;
    for (int i = 0; i < 5; ++i) t.sign("o_" + std::to_string(i));
    const auto head = t.log().head();
    const auto closed = t.close();
    ASSERT_TRUE(closed && *closed) << closed.error().log_line();
    EXPECT_EQ((*closed)->first, 1);
    EXPECT_EQ((*closed)->last, head.row);
    EXPECT_EQ((*closed)->hash, head.hash);
    EXPECT_EQ(t.rows(), 1); // the row about the segment
    t.sign("o_after");
    EXPECT_TRUE(t.faults().empty()) << t.faults()[0];
    t.open();
    EXPECT_FALSE(t.custody->read_only());
    t.sign("o_later");
    const auto second = t.close();
    ASSERT_TRUE(second && *second);
    EXPECT_EQ((*second)->first, head.row + 1);
    EXPECT_TRUE(t.faults().empty()) << t.faults()[0];
    t.open();
    t.sign("o_last");
    EXPECT_TRUE(t.faults().empty());
    EXPECT_FALSE(t.custody->read_only());
    EXPECT_THROW(t.custody->database().raw().exec("DELETE FROM log"), SQLite::Exception); // still append-only
}

TEST(Segments, NamesWhatWasDoneToAFile) {
    Segmented t;
    t.sign("o_1");
    const auto closed = **t.close();
    const auto bytes = [&] {
        std::ifstream in(t.file(closed), std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(in), {});
    }();
    const auto with = [&](const std::string& content) {
        std::ofstream(t.file(closed), std::ios::binary | std::ios::trunc) << content;
        return t.faults().size();
    };
    auto changed = bytes;
    changed.replace(changed.find("surat"), 5, "SURAT");
    EXPECT_EQ(with(changed), 1u);
    EXPECT_EQ(with(bytes.substr(0, bytes.size() / 2)), 1u);
    EXPECT_EQ(with(""), 1u);
    EXPECT_EQ(with("x\n"), 1u);
    EXPECT_EQ(with(bytes + "\n"), 1u);
    EXPECT_EQ(with(bytes), 0u);
    fs::remove(t.file(closed));
    EXPECT_EQ(t.faults().size(), 1u);
}

TEST(Segments, AForgedRowAboutASegmentDoesNotHideRowsThatWereDeleted) {
    Segmented t;
    for (int i = 0; i < 3; ++i) t.sign("o_" + std::to_string(i));
    t.custody.reset();
    SQLite::Database database((t.folder.path() / "audit.db").string(), SQLite::OPEN_READWRITE);
    database.exec("DROP TRIGGER log_is_append_only_d; DROP TRIGGER log_is_append_only_u");
    SQLite::Statement hash(database, "SELECT lower(hex(hash)) FROM log WHERE row = 8");
    hash.executeStep();
    const auto body = R"({"first":1,"last":8,"sha256":")" + hash.getColumn(0).getString() +
                      R"(","file":"catatan-1-8.jsonl","fileSha256":"","until":"2026-11-21T00:00:00Z","certificates":[]})";
    hash.reset();
    SQLite::Statement forged(database, "UPDATE log SET kind = 'segment', body = ? WHERE row = 9");
    forged.bind(1, body);
    forged.exec();
    database.exec("DELETE FROM log WHERE row <= 8");
    const auto key = *store::DeviceKey::open(t.folder.path() / "device.key");
    EXPECT_FALSE(audit::verify(database, key)->faults.empty());                    // the row is not as it was written
    EXPECT_FALSE(audit::verify_segments(database, t.folder.path(), key)->empty()); // and there is no such file
}

TEST(Segments, WhatStateIsReadFromStays) {
    Segmented t;
    const TokenId token{"softhsm2", "S-1"};
    auto tries = *audit::PinTries::open(t.custody->database(), t.clock);
    t.sign("o_1");
    t.add("block", "k_1", R"({"id":"b_1","case":"k_1"})");
    t.add("provisioning", "p_1", R"({"step":"init"})"); // cut off, and still open
    t.add("a-kind-of-tomorrow", "", "{}");
    t.add("acknowledged", "", "{}");
    ASSERT_TRUE(t.log().commit(Durability::machine, [&] { return tries.count(token), done(); }));
    ASSERT_TRUE(*t.close());
    auto& database = t.custody->database().raw();
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM log WHERE kind IN ('block', 'provisioning', 'a-kind-of-tomorrow')").getInt(), 3);
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM log WHERE kind IN ('consent', 'signed')").getInt(), 0);
    EXPECT_EQ(tries.left(token), 4);
    std::size_t left_out = 1;
    EXPECT_EQ(audit::checkpointed_rows(t.log(), t.custody->key(), "acknowledged", left_out)->size(), 1u); // it counts only with its own checkpoint
    EXPECT_EQ(left_out, 0u);
    EXPECT_TRUE(t.faults().empty()) << t.faults()[0];
    t.sign("o_2");
    ASSERT_TRUE(*t.close());
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM log WHERE kind = 'block'").getInt(), 1);
    EXPECT_TRUE(t.faults().empty()) << t.faults()[0];
    database.exec("DROP TRIGGER log_is_append_only_u; UPDATE log SET body = '{}' WHERE kind = 'block'");
    EXPECT_EQ(t.faults().size(), 1u); // what stayed is judged, too
}

TEST(Segments, ALossThatWasDecidedStaysDecided) {
    Segmented t;
    t.sign("o_1");
    t.custody.reset();
    for (const char* part : {"", "-wal", "-shm"}) fs::remove(t.folder.path() / (std::string("audit.db") + part));
    t.open();
    ASSERT_TRUE(t.custody->read_only());
    audit::LossDecision decision;
    decision.loss = t.custody->loss()->id;
    decision.device = t.custody->device();
    ASSERT_TRUE(t.custody->decide(decision));
    t.sign("o_2");
    ASSERT_TRUE(*t.close());
    t.open();
    ASSERT_TRUE(t.custody->loss());
    EXPECT_FALSE(t.custody->read_only());
    EXPECT_TRUE(t.faults().empty()) << t.faults()[0];
}

TEST(Segments, NothingIsClosedWhileAnOperationIsOpen) {
    Segmented t;
    t.sign("o_1");
    t.add("consent", "o_2", R"({"items":[],"rejected":[],"boot":"b"})");
    EXPECT_FALSE(*t.close());
    audit::Journal journal(t.log(), "b");
    ASSERT_TRUE(audit::recover(journal, "b"));
    EXPECT_TRUE(*t.close());
    EXPECT_FALSE(*t.close()); // and there is nothing left to close
}

TEST(Segments, WhatWasSignedIsFoundInThem) {
    Segmented t;
    const auto before = t.clock.now();
    t.sign("o_1");
    const auto closed = **t.close();
    t.clock.set(t.clock.now() + std::chrono::hours(1));
    t.sign("o_2");
    audit::WhichKeys keys;
    keys.serials = {"S-1"};
    auto& database = t.custody->database().raw();
    EXPECT_EQ(audit::signed_since(database, before, keys)->size(), 2u);
    EXPECT_EQ(audit::signed_since(database, t.clock.now(), keys)->size(), 1u);
    EXPECT_EQ(*audit::certificates_on(database, "S-1"), std::vector<std::string>{"c1"});
    fs::remove(t.file(closed));
    EXPECT_EQ(audit::signed_since(database, before, keys).error().code, Errc::audit_unreadable); // said, and not left out
    EXPECT_EQ(audit::signed_since(database, t.clock.now(), keys)->size(), 1u);
}

TEST(Segments, AreDueByNumberAndByAgeAndNeverByThemselves) {
    Segmented t;
    t.sign("o_1");
    EXPECT_FALSE(*t.segments().due({}));
    EXPECT_FALSE(*t.segments().due({5, 30}));
    EXPECT_TRUE(*t.segments().due({4, 0}));
    t.clock.set(t.clock.now() + std::chrono::hours(24 * 31));
    EXPECT_TRUE(*t.segments().due({0, 30}));
    ASSERT_TRUE(*t.close());
    EXPECT_FALSE(*t.segments().due({4, 30}));
}

TEST(Segments, AreDeletedAfterTheirYearsOnlyAndARowSaysSo) {
    Segmented t;
    t.sign("o_1");
    const auto closed = **t.close();
    EXPECT_TRUE(t.segments().prune(5, "Keputusan 1/2026")->empty());
    t.clock.set(t.clock.now() + std::chrono::hours(24 * 366 * 6));
    t.sign("o_2");
    const auto younger = **t.close();
    ASSERT_EQ(t.segments().prune(5, "Keputusan 1/2026")->size(), 1u);
    EXPECT_FALSE(fs::exists(t.file(closed)));
    EXPECT_TRUE(fs::exists(t.file(younger)));
    EXPECT_TRUE(t.faults().empty()) << t.faults()[0];
    EXPECT_EQ(t.custody->database().raw().execAndGet("SELECT count(*) FROM log WHERE kind = 'segment-pruned'").getInt(), 1);
    EXPECT_TRUE(t.segments().prune(5, "Keputusan 1/2026")->empty());
}

TEST(Segments, AFullDiskTakesNothingOutOfTheDatabase) {
    Segmented t;
    for (int i = 0; i < 200; ++i) t.sign("o_" + std::to_string(i));
    const auto rows = t.rows();
    t.custody.reset();
    const pid_t pid = fork();
    if (pid == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        t.open();
        const rlimit little{64 << 10, 64 << 10};
        setrlimit(RLIMIT_FSIZE, &little);
        _exit(t.close() ? 1 : 0);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    t.open();
    EXPECT_FALSE(t.custody->read_only());
    EXPECT_EQ(t.rows(), rows);
    EXPECT_TRUE(t.faults().empty());
    ASSERT_TRUE(*t.close());
    EXPECT_TRUE(t.faults().empty());
}

TEST(Segments, ARowThatComesWhileTheFileIsWrittenKeepsEverythingInTheDatabase) {
    Segmented t;
    t.sign("o_1");
    const auto written = *t.write();
    ASSERT_TRUE(fs::exists(t.file(written)));
    t.sign("o_2");
    EXPECT_FALSE(*t.segments().adopt(written));
    EXPECT_FALSE(fs::exists(t.file(written)));
    EXPECT_FALSE(*t.segments().take_out(10));
    EXPECT_EQ(t.rows(), 8);
    EXPECT_TRUE(t.faults().empty());
    const auto closed = **t.close();
    EXPECT_EQ(closed.last, 8);
}

TEST(Segments, AFileThatIsStoppedOrOfAnotherLogIsNoSegment) {
    Segmented t;
    for (int i = 0; i < 200; ++i) t.sign("o_" + std::to_string(i));
    EXPECT_EQ(t.write([] { return true; }).error().code, Errc::segment_refused);
    auto plan = **t.segments().plan(t.clock.now());
    plan.segment.hash = sha256(bytes_of("another"));
    const auto file = t.folder.path() / "segments" / plan.segment.file;
    EXPECT_EQ(audit::write_segment(t.folder.path(), plan, t.facts(), t.custody->key()).error().code, Errc::segment_refused);
    EXPECT_FALSE(fs::exists(file)) << "it has no name before it was found whole";
    EXPECT_EQ(t.rows(), 800);
    EXPECT_TRUE(*t.close());
}

TEST(Segments, RowsOnTheirWayOutCountOnceAndADeathBetweenTwoStepsLosesNone) {
    Segmented t;
    for (int i = 0; i < 5; ++i) t.sign("o_" + std::to_string(i));
    ASSERT_EQ(t.signed_rows(), 5u);
    const auto written = *t.write();
    ASSERT_TRUE(*t.segments().adopt(written));
    for (bool more = true; more;) {
        t.open(); // as after a death
        EXPECT_FALSE(t.custody->read_only());
        EXPECT_TRUE(t.faults().empty()) << t.faults()[0];
        EXPECT_EQ(t.signed_rows(), 5u);
        const auto view = t.view();
        const auto history = *audit::History::open(*view, t.folder.path());
        EXPECT_EQ(audit::count(history, *history.between("", ""))->kinds.at("signed"), 5);
        audit::Journal journal(t.log(), "later");
        EXPECT_TRUE(audit::recover(journal, "later")->empty()) << "what had ended is not closed again";
        more = *t.segments().take_out(3);
    }
    EXPECT_EQ(t.rows(), 1);
    EXPECT_EQ(t.signed_rows(), 5u);
    EXPECT_THROW(t.custody->database().raw().exec("DELETE FROM log"), SQLite::Exception); // still append-only
    t.sign("o_after");
    EXPECT_TRUE(t.faults().empty());
}

TEST(History, GoesOverSegmentsAndOpensOnlyThoseInItsRange) {
    Segmented t;
    const auto hour = std::chrono::hours(1);
    const auto begin = t.clock.now();
    t.sign("o_1");
    const auto first = **t.close(); // rows 1 to 4; row 5 says so
    t.clock.set(begin + hour);
    t.sign("o_2");
    t.add("block", "k_1", R"({"id":"b_1","case":"k_1"})");
    const auto second = **t.close(); // rows 5 to 10
    t.clock.set(begin + 2 * hour);
    t.sign("o_3"); // rows 12 to 15
    const auto read = [&](const std::string& since, const std::string& until) {
        const auto view = t.view();
        const auto history = *audit::History::open(*view, t.folder.path());
        const auto range = history.between(since, until);
        std::vector<std::int64_t> rows;
        if (!range) return rows;
        const auto ok = history.rows(*range, [&](const audit::StoredRow& row) { return rows.push_back(row.row), done(); });
        if (!ok) rows = {-1};
        return rows;
    };
    const auto from_to = [](std::int64_t a, std::int64_t b) {
        std::vector<std::int64_t> rows;
        for (; a <= b; ++a) rows.push_back(a);
        return rows;
    };
    EXPECT_EQ(read("", ""), from_to(1, 15));
    EXPECT_EQ(read("3", "12"), from_to(3, 12));
    EXPECT_EQ(read(rfc3339(begin + hour - std::chrono::seconds(10)), ""), from_to(6, 15));
    EXPECT_EQ(read("", rfc3339(begin + hour + std::chrono::seconds(10))), from_to(1, 11));
    EXPECT_EQ(read(rfc3339(begin + 3 * hour), ""), from_to(1, 0));
    const auto view = t.view();
    const auto history = *audit::History::open(*view, t.folder.path());
    const auto counted = *audit::count(history, *history.between("8", ""));
    EXPECT_EQ(counted.rows, 8);
    EXPECT_EQ(counted.applications.at({"e-Office", "https://eoffice.example"}).signatures, 2) << "who asked stands before the range";

    std::ifstream in(t.file(first), std::ios::binary);
    std::string content(std::istreambuf_iterator<char>(in), {});
    content.replace(content.find("surat"), 5, "SURAT"); // still well-formed
    std::ofstream(t.file(first), std::ios::binary | std::ios::trunc) << content;
    EXPECT_EQ(read("1", "4"), from_to(-1, -1)) << "a file that somebody changed is not believed";
    EXPECT_EQ(read("5", ""), from_to(5, 15)) << "and not opened where the range does not reach into it";
    fs::remove(t.file(second));
    EXPECT_EQ(read("5", ""), from_to(-1, -1));
    EXPECT_EQ(read("11", ""), from_to(11, 15));
}

TEST(History, SaysWhatWasPrunedAndShowsWhatStayed) {
    Segmented t;
    t.sign("o_1");
    t.add("block", "k_1", R"({"id":"b_1","case":"k_1"})");
    ASSERT_TRUE(*t.close());
    t.clock.set(t.clock.now() + std::chrono::hours(24 * 366 * 6));
    ASSERT_EQ(t.segments().prune(5, "Keputusan 1/2026")->size(), 1u);
    const auto view = t.view();
    const auto history = *audit::History::open(*view, t.folder.path());
    const auto range = *history.between("", "");
    ASSERT_EQ(history.pruned(range).size(), 1u);
    EXPECT_EQ(history.pruned(range)[0].last, 5);
    EXPECT_TRUE(history.pruned({6, 7, false}).empty());
    const auto counted = *audit::count(history, range);
    EXPECT_EQ(counted.rows, 3); // the block, and the rows about the segment
}

} // namespace
} // namespace jk::test
