// The log and its key: a log that is gone, emptied or put back is noticed, kept as evidence, and holds every key until the RA decides.
#include "agent/audit/custody.hpp"
#include "agent/audit/loss_mark.hpp"
#include "agent/audit/pin_tries.hpp"
#include "agent/audit/verify.hpp"
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

struct LogFolder {
    Outcome<std::unique_ptr<audit::Custody>> try_open(std::vector<audit::Witness> others = {}) {
        custody.reset();
        return audit::Custody::open(folder.path(), clock, std::move(others));
    }
    audit::Custody& open(std::vector<audit::Witness> others = {}) {
        auto opened = try_open(std::move(others));
        if (!opened) throw std::runtime_error(opened.error().log_line());
        custody = std::move(*opened);
        return *custody;
    }
    void write(int rows) {
        ASSERT_TRUE(custody->log().commit(Durability::machine, [&] {
            for (int i = 0; i < rows; ++i) custody->log().append("started", "o_1", R"({"items":[]})");
            return done();
        }));
    }
    /// A log of twelve rows, closed.
    audit::Head written() {
        open();
        write(12);
        const auto head = custody->log().head();
        custody.reset();
        return head;
    }
    void remove(const std::string& name) {
        for (const char* part : {"", "-wal", "-shm"}) fs::remove(folder.path() / (name + part));
    }
    std::string found() { return open().read_only() ? custody->loss()->found : "whole"; }
    std::vector<fs::path> aside() {
        std::vector<fs::path> all;
        for (const auto& entry : fs::directory_iterator(folder.path()))
            if (entry.is_directory() && entry.path().filename().string().starts_with("audit.lost-")) all.push_back(entry.path());
        return all;
    }
    audit::LossDecision decision() {
        audit::LossDecision d;
        d.loss = custody->loss()->id;
        d.device = custody->device();
        d.document = sha256(bytes_of("keputusan"));
        return d;
    }
    fs::path file(const std::string& name) const { return folder.path() / name; }

    ScratchFolder folder;
    SystemClock clock;
    std::unique_ptr<audit::Custody> custody;
};

TEST(Custody, ANewDeviceHasLostNothing) {
    LogFolder t;
    EXPECT_EQ(t.found(), "whole");
    t.write(3);
    EXPECT_EQ(t.found(), "whole");
    EXPECT_EQ(t.custody->log().head().row, 3);
    EXPECT_TRUE(t.aside().empty());
}

TEST(Custody, ADeathBeforeTheFirstRowIsNoLoss) {
    LogFolder t;
    t.open();
    EXPECT_EQ(t.found(), "whole"); // key, birth and an empty database
    t.remove("audit.db");
    EXPECT_EQ(t.found(), "whole"); // key and birth only
}

TEST(Custody, ADatabaseThatIsGoneIsALossAndTheNewLogBeginsWithIt) {
    LogFolder t;
    const auto head = t.written();
    t.remove("audit.db");
    EXPECT_EQ(t.found(), "absent");
    EXPECT_EQ(t.custody->loss()->known.row, head.row);
    EXPECT_EQ(t.custody->loss()->known.hash, head.hash);
    EXPECT_EQ(t.custody->database().raw().execAndGet("SELECT kind FROM log WHERE row = 1").getString(), "log-lost");
    EXPECT_TRUE(audit::verify(t.custody->database().raw(), t.custody->key())->faults.empty());
    const auto id = t.custody->loss()->id;
    t.write(5);
    EXPECT_EQ(t.found(), "absent"); // and stays so
    EXPECT_EQ(t.custody->loss()->id, id);
    EXPECT_EQ(t.aside().size(), 1u);
}

TEST(Custody, AnEmptiedDatabaseIsALossAndWhatIsLeftOfItIsKept) {
    for (const char* how : {"truncated", "rows"}) {
        LogFolder t;
        const auto head = t.written();
        if (std::string(how) == "truncated") {
            t.remove("audit.db");
            std::ofstream(t.file("audit.db")) << "";
        } else {
            SQLite::Database database(t.file("audit.db").string(), SQLite::OPEN_READWRITE);
            database.exec("DROP TRIGGER log_is_append_only_d; DELETE FROM log; DELETE FROM checkpoint");
        }
        EXPECT_EQ(t.found(), "empty") << how;
        EXPECT_EQ(t.custody->loss()->known.row, head.row) << how;
        EXPECT_TRUE(fs::exists(t.aside().at(0) / "audit.db")) << how;
    }
}

TEST(Custody, AnOlderCopyIsALossAndGivesNoPinTryBack) {
    LogFolder t;
    t.open();
    const TokenId token{"softhsm2", "1234"};
    auto tries = *audit::PinTries::open(t.custody->database(), t.clock);
    t.write(3);
    ASSERT_TRUE(t.custody->log().commit(Durability::machine, [&] { return tries.count(token), tries.count(token), done(); }));
    t.custody.reset();
    fs::copy_file(t.file("audit.db"), t.file("copy"));
    t.open();
    t.write(4);
    t.custody.reset();
    t.remove("audit.db");
    fs::rename(t.file("copy"), t.file("audit.db"));
    EXPECT_EQ(t.found(), "shorter");
    EXPECT_EQ(t.custody->loss()->known.row, 7);
    EXPECT_EQ(audit::PinTries::open(t.custody->database(), t.clock)->left(token), 3);
}

TEST(Custody, AnotherLogOfTheSameLengthIsALoss) {
    LogFolder t, other;
    t.written();
    fs::copy_file(t.file("device.key"), other.file("device.key"));
    std::ofstream(other.file("audit.head"), std::ios::binary) << std::string(104, '\0');
    other.written();
    t.remove("audit.db");
    fs::copy_file(other.file("audit.db"), t.file("audit.db"));
    EXPECT_EQ(t.found(), "replaced");
}

TEST(Custody, TheLogOfAnotherKeyAndADamagedOneAreLosses) {
    LogFolder t, other;
    t.written();
    other.written();
    t.remove("audit.db");
    fs::copy_file(other.file("audit.db"), t.file("audit.db"));
    EXPECT_EQ(t.found(), "of another key");

    LogFolder damaged;
    damaged.written();
    damaged.remove("audit.db");
    std::ofstream(damaged.file("audit.db"), std::ios::binary) << std::string(8192, 'x');
    EXPECT_EQ(damaged.found(), "damaged");
}

TEST(Custody, AKeyWhoseFileIsGoneDoesNotBringANewOneForTheOldLog) {
    LogFolder t;
    t.written();
    fs::remove(t.file("device.key"));
    EXPECT_EQ(t.found(), "of another key");
}

TEST(Custody, TheDeviceKeyAloneTellsThatThereWasALog) {
    LogFolder t;
    t.written();
    t.remove("audit.db");
    fs::remove(t.file("audit.head"));
    fs::remove(t.file("audit.tail"));
    EXPECT_EQ(t.found(), "absent");
    EXPECT_EQ(t.custody->loss()->known.row, 0);
}

TEST(Custody, WhatAnotherFileRemembersCountsWhenTheHeadFileWentWithTheCopy) {
    LogFolder t;
    const auto head = t.written();
    fs::remove(t.file("audit.head"));
    {
        SQLite::Database database(t.file("audit.db").string(), SQLite::OPEN_READWRITE);
        database.exec("DROP TRIGGER log_is_append_only_d; DELETE FROM log WHERE row > 5; DELETE FROM checkpoint");
    }
    const std::vector<audit::Witness> witnesses{{"reports.db", head}};
    t.open(witnesses);
    ASSERT_TRUE(t.custody->read_only());
    EXPECT_EQ(t.custody->loss()->found, "shorter");
    // The witness says the same for ever; it is one loss.
    const auto id = t.custody->loss()->id;
    EXPECT_EQ(t.open(witnesses).loss()->id, id);
    ASSERT_TRUE(t.custody->decide(t.decision()));
    EXPECT_FALSE(t.open(witnesses).read_only());
}

TEST(Custody, RowsInTheTailAreEvidenceAndAreNotThrownAway) {
    LogFolder t;
    t.open();
    t.write(2);
    ASSERT_TRUE(t.custody->log().note([&] { t.custody->log().append("signed", "o_1", "{}"); }));
    t.custody.reset();
    const auto size = fs::file_size(t.file("audit.tail"));
    ASSERT_GT(size, 0u);
    t.remove("audit.db");
    fs::remove(t.file("audit.head"));
    EXPECT_EQ(t.found(), "absent");
    EXPECT_EQ(fs::file_size(t.aside().at(0) / "audit.tail"), size);
}

TEST(Custody, ATailThatDoesNotJoinOnAfterAPowerCutIsKeptBeside) {
    LogFolder t;
    t.open();
    t.write(2);
    ASSERT_TRUE(t.custody->log().note([&] { t.custody->log().append("started", "o_1", "{}"); }));
    ASSERT_TRUE(t.custody->log().fold());
    ASSERT_TRUE(t.custody->log().note([&] { t.custody->log().append("signed", "o_1", "{}"); }));
    t.custody.reset();
    { // the fold did not reach the disk, the tail did
        SQLite::Database database(t.file("audit.db").string(), SQLite::OPEN_READWRITE);
        database.exec("DROP TRIGGER log_is_append_only_d; DELETE FROM log WHERE row = 3");
    }
    EXPECT_EQ(t.found(), "whole");
    int kept = 0;
    for (const auto& entry : fs::directory_iterator(t.folder.path()))
        kept += entry.path().filename().string().starts_with("audit.tail.left-") ? 1 : 0;
    EXPECT_EQ(kept, 1);
    t.write(1);
    EXPECT_TRUE(audit::verify(t.custody->database().raw(), t.custody->key())->faults.empty());
}

TEST(Custody, OnlyADecisionAboutThisLossOfThisDeviceOpensTheKeysAgain) {
    LogFolder t;
    t.written();
    t.remove("audit.db");
    t.open();
    auto other = t.decision();
    other.device = std::string(64, 'a');
    EXPECT_EQ(t.custody->decide(other).error().code, Errc::ra_decision_refused);
    other = t.decision();
    other.loss = "h_lain";
    EXPECT_EQ(t.custody->decide(other).error().code, Errc::ra_decision_refused);
    const auto decision = t.decision();
    ASSERT_TRUE(t.custody->decide(decision));
    EXPECT_FALSE(t.custody->read_only());
    const auto rows = t.custody->log().head().row;
    EXPECT_TRUE(t.custody->decide(decision)); // once more changes nothing
    EXPECT_EQ(t.custody->log().head().row, rows);
    EXPECT_FALSE(t.open().read_only());

    t.remove("audit.db"); // the next loss is another one: the old decision does not fit it
    t.open();
    ASSERT_TRUE(t.custody->read_only());
    EXPECT_EQ(t.custody->decide(decision).error().code, Errc::ra_decision_refused);
    EXPECT_TRUE(t.custody->read_only());
    EXPECT_EQ(t.aside().size(), 2u);
}

TEST(Custody, AMarkThatNamesAnEarlierLossDoesNotBringItsDecisionBack) {
    LogFolder t;
    t.written();
    t.remove("audit.db");
    t.open();
    const auto decision = t.decision();
    const auto body = t.custody->database().raw().execAndGet("SELECT body FROM log WHERE row = 1").getString();
    ASSERT_TRUE(t.custody->decide(decision));
    for (const bool with_the_key : {false, true}) {
        t.custody.reset();
        t.remove("audit.db");
        if (with_the_key) { // whoever has the user's rights may have it
            ASSERT_TRUE(audit::write_loss_mark(t.file("audit.lost"), body, *store::DeviceKey::open(t.file("device.key"))));
        } else {
            std::ofstream(t.file("audit.lost")) << body;
        }
        t.open();
        ASSERT_TRUE(t.custody->read_only()) << with_the_key;
        EXPECT_NE(t.custody->loss()->id, decision.loss);
        EXPECT_EQ(t.custody->decide(decision).error().code, Errc::ra_decision_refused);
        EXPECT_TRUE(t.open().read_only());
        EXPECT_FALSE(fs::exists(t.file("audit.lost")));
    }
}

TEST(Custody, AMarkOfSomebodyElseTakesNoLogAway) {
    LogFolder t;
    const auto head = t.written();
    std::ofstream(t.file("audit.lost")) << R"({"loss":"h_1","setAside":"audit.lost-1"})";
    EXPECT_EQ(t.found(), "whole");
    EXPECT_EQ(t.custody->log().head().row, head.row);
}

TEST(Custody, WithoutADecisionThereIsNothingToDecide) {
    LogFolder t;
    t.open();
    audit::LossDecision decision;
    decision.device = t.custody->device();
    EXPECT_EQ(t.custody->decide(decision).error().code, Errc::ra_decision_refused);
}

TEST(Custody, AFullDiskIsNoLossAndTakesNothingAway) {
    LogFolder t;
    t.written();
    t.remove("audit.db");
    const pid_t pid = fork();
    if (pid == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit nothing{16, 16};
        setrlimit(RLIMIT_FSIZE, &nothing);
        auto opened = t.try_open();
        _exit(!opened && opened.error().code == Errc::audit_unavailable ? 0 : 1);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EXPECT_EQ(t.found(), "absent");
    EXPECT_EQ(t.custody->loss()->known.row, 12);
}

} // namespace
} // namespace jk::test
