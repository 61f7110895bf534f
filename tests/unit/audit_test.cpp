// The audit log: what is written stays as it was, and what was taken, changed or moved is named.
#include "agent/audit/journal.hpp"
#include "agent/audit/pin_tries.hpp"
#include "agent/audit/recovery.hpp"
#include "agent/audit/verify.hpp"
#include "agent/store/state_folder.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace jk::test {
namespace {

using audit::Fault;
using store::Durability;

struct LogFixture {
    LogFixture() { open(); }
    void open() {
        log.reset();
        database = *store::Database::open(folder.path() / "audit.db");
        key.emplace(*store::DeviceKey::open_or_create(folder.path() / "device.key"));
        log = *audit::Log::open(*database, *key, clock);
    }
    void write(int rows, Durability durability = Durability::machine) {
        ASSERT_TRUE(log->commit(durability, [&] {
            for (int i = 0; i < rows; ++i) log->append("started", "o_1", R"({"items":[)" + std::to_string(i) + "]}");
            return done();
        }));
    }
    /// As an attacker with the file would, triggers removed.
    void tamper(const std::string& sql) {
        SQLite::Database file((folder.path() / "audit.db").string(), SQLite::OPEN_READWRITE);
        file.exec("DROP TRIGGER log_is_append_only_u; DROP TRIGGER log_is_append_only_d;");
        file.exec(sql);
    }
    audit::Verification verify() { return *audit::verify(database->raw(), *key); }
    std::pair<std::int64_t, Fault::Kind> first_fault() {
        const auto result = verify();
        return result.faults.empty() ? std::pair{std::int64_t(0), Fault::Kind::changed} : std::pair{result.faults[0].row, result.faults[0].kind};
    }

    ScratchFolder folder;
    SystemClock clock;
    std::unique_ptr<store::Database> database;
    std::optional<store::DeviceKey> key;
    std::unique_ptr<audit::Log> log;
};

TEST(AuditLog, VerifiesWhenNothingWasTouched) {
    LogFixture t;
    t.write(20);
    t.open();
    t.write(5);
    const auto result = t.verify();
    EXPECT_EQ(result.rows, 25);
    EXPECT_TRUE(result.faults.empty()) << result.faults[0].text;
}

TEST(AuditLog, NamesAChangedRow) {
    LogFixture t;
    t.write(20);
    t.tamper("UPDATE log SET body = '{\"items\":[99]}' WHERE row = 7");
    EXPECT_EQ(t.first_fault(), std::pair(std::int64_t(7), Fault::Kind::changed));
}

TEST(AuditLog, NamesARemovedRow) {
    LogFixture t;
    t.write(20);
    t.tamper("DELETE FROM log WHERE row = 7");
    EXPECT_EQ(t.first_fault(), std::pair(std::int64_t(7), Fault::Kind::removed));
}

TEST(AuditLog, NamesARemovedRowEvenWhenTheRestIsRenumbered) {
    LogFixture t;
    t.write(20);
    t.tamper("DELETE FROM log WHERE row = 7; UPDATE log SET row = -row + 1 WHERE row > 7; UPDATE log SET row = -row WHERE row < 0; DELETE FROM "
             "checkpoint;");
    EXPECT_EQ(t.first_fault(), std::pair(std::int64_t(7), Fault::Kind::removed));
}

TEST(AuditLog, NamesReorderedRows) {
    LogFixture t;
    t.write(20);
    t.tamper("UPDATE log SET row = 1000 WHERE row = 7; UPDATE log SET row = 7 WHERE row = 9; UPDATE log SET row = 9 WHERE row = 1000;");
    EXPECT_EQ(t.first_fault(), std::pair(std::int64_t(7), Fault::Kind::reordered));
}

TEST(AuditLog, NoticesThatTheEndIsGone) {
    LogFixture t;
    t.write(20);
    t.tamper("DELETE FROM log WHERE row > 15");
    EXPECT_EQ(t.first_fault(), std::pair(std::int64_t(20), Fault::Kind::truncated));
    EXPECT_EQ(audit::Log::open(*t.database, *t.key, t.clock).error().code, Errc::audit_broken);
}

TEST(AuditLog, NoticesAHistoryThatWasWrittenAnewFromTheStart) {
    LogFixture t;
    t.write(10);
    // Everything is consistent, but the attacker has no device key for the checkpoint.
    SQLite::Database forged((t.folder.path() / "audit.db").string(), SQLite::OPEN_READWRITE);
    forged.exec("DROP TRIGGER log_is_append_only_u");
    auto previous = audit::genesis();
    for (int row = 1; row <= 10; ++row) {
        const auto hash = audit::row_hash(previous, {0, "started", "o_1", "{}"});
        SQLite::Statement update(forged, "UPDATE log SET at = 0, body = '{}', prev = ?, hash = ? WHERE row = ?");
        update.bind(1, previous.value().data(), 32);
        update.bind(2, hash.value().data(), 32);
        update.bind(3, row);
        update.exec();
        previous = hash;
    }
    EXPECT_EQ(t.first_fault(), std::pair(std::int64_t(10), Fault::Kind::checkpoint));
}

TEST(AuditLog, RefusesUpdatesAndDeletes) {
    LogFixture t;
    t.write(3);
    EXPECT_THROW(t.database->raw().exec("UPDATE log SET kind = 'x' WHERE row = 1"), SQLite::Exception);
    EXPECT_THROW(t.database->raw().exec("DELETE FROM log WHERE row = 1"), SQLite::Exception);
}

TEST(AuditLog, AFailedCommitLeavesNoRowAndNoGapInTheChain) {
    LogFixture t;
    t.write(3);
    const auto outcome = t.log->commit(Durability::machine, [&]() -> Outcome<void> {
        t.log->append("signed", "o_1", "{}");
        return Errc::audit_unavailable;
    });
    EXPECT_FALSE(outcome);
    t.write(2);
    const auto result = t.verify();
    EXPECT_EQ(result.rows, 5);
    EXPECT_TRUE(result.faults.empty());
}

TEST(AuditLog, AnExceptionInACommitIsAnErrorAndLeavesNoGapInTheChain) {
    LogFixture t;
    t.write(3);
    const auto outcome = t.log->commit(Durability::machine, [&]() -> Outcome<void> {
        t.log->append("signed", "o_1", "{}");
        throw std::runtime_error("no memory");
    });
    EXPECT_EQ(outcome.error().code, Errc::audit_unavailable);
    t.write(2);
    EXPECT_EQ(t.verify().rows, 5);
    EXPECT_TRUE(t.verify().faults.empty());
}

TEST(AuditLog, AFullDiskIsAnErrorAndNotASilence) {
    LogFixture t;
    t.write(3);
    t.database->raw().exec("PRAGMA max_page_count = 1"); // SQLite's own way to say SQLITE_FULL
    const auto outcome = t.log->commit(Durability::machine, [&] {
        for (int i = 0; i < 200; ++i) t.log->append("signed", "o_1", std::string(1000, 'x'));
        return done();
    });
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, Errc::audit_unavailable);
    EXPECT_EQ(t.log->head().row, 3);
}

struct Interrupted : LogFixture {
    audit::Occasion occasion() {
        audit::Occasion o;
        o.operation = "o_1";
        o.request_id = "req-1";
        o.fingerprint = "f-1";
        o.caller.origin = "https://eoffice.example";
        return o;
    }
    void consent(audit::Journal& journal) {
        std::vector<audit::SealedEvidence> sealed(5);
        for (int i = 0; i < 5; ++i) sealed[static_cast<std::size_t>(i)].shown.name = "surat " + std::to_string(i);
        ASSERT_TRUE(log->commit(Durability::machine, [&] {
            journal.consent(occasion(), sealed, {{4}, "test"});
            journal.started("o_1", std::vector<ItemIndex>{0, 1});
            journal.item_signed("o_1", 0, bytes_of("signature"));
            return done();
        }));
    }
    std::vector<audit::LeftAs> states(std::string_view boot_now) {
        audit::Journal journal(*log, std::string(boot_now));
        auto found = audit::recover(journal, boot_now);
        std::vector<audit::LeftAs> all;
        if (found && found->size() == 1)
            for (const auto& item : found->front().items) all.push_back(item.left_as);
        return all;
    }
};

using enum audit::LeftAs;

TEST(Recovery, AfterTheDeathOfTheProcessOnlyStartedItemsAreUnknown) {
    Interrupted t;
    audit::Journal journal(*t.log, "boot-a");
    t.consent(journal);
    t.open();
    EXPECT_EQ(t.states("boot-a"), (std::vector{signed_, unknown, not_reached, not_reached, rejected}));
}

TEST(Recovery, AfterTheDeathOfTheMachineEverythingUnsignedIsUnknown) {
    Interrupted t;
    audit::Journal journal(*t.log, "boot-a");
    t.consent(journal);
    t.open();
    EXPECT_EQ(t.states("boot-b"), (std::vector{signed_, unknown, unknown, unknown, rejected}));
}

TEST(Recovery, KnowsWhatThePersonTookOutAtTheSecondQuestionAndWhatThePageHadAsked) {
    Interrupted t;
    audit::Journal journal(*t.log, "boot-a");
    t.consent(journal);
    ASSERT_TRUE(t.log->commit(Durability::machine, [&] { return journal.consent_again("o_1", std::vector<ItemIndex>{2}), done(); }));
    auto found = audit::recover(journal, "boot-a");
    ASSERT_EQ(found->size(), 1u);
    EXPECT_EQ(found->front().items[2].left_as, rejected);
    EXPECT_EQ(found->front().items[3].left_as, not_reached);
    EXPECT_EQ(found->front().fingerprint, "f-1");
}

TEST(Recovery, ClosesWhatItFoundAndFindsItOnlyOnce) {
    Interrupted t;
    audit::Journal journal(*t.log, "boot-a");
    t.consent(journal);
    EXPECT_EQ(t.states("boot-a").size(), 5u);
    EXPECT_TRUE(t.states("boot-a").empty());
    EXPECT_TRUE(t.verify().faults.empty());
}

TEST(Recovery, CommittedRowsSurviveSigkill) {
    ScratchFolder folder;
    const pid_t pid = fork();
    if (pid == 0) {
        auto database = *store::Database::open(folder.path() / "audit.db");
        auto key = *store::DeviceKey::open_or_create(folder.path() / "device.key");
        SystemClock clock;
        auto log = *audit::Log::open(*database, key, clock);
        for (int i = 0; i < 100; ++i) (void)log->commit(Durability::process, [&] { return log->append("started", "o", "{}"), done(); });
        kill(getpid(), SIGKILL);
    }
    waitpid(pid, nullptr, 0);
    auto database = *store::Database::open(folder.path() / "audit.db");
    auto key = *store::DeviceKey::open_or_create(folder.path() / "device.key");
    const auto result = *audit::verify(database->raw(), key);
    EXPECT_EQ(result.rows, 100);
    EXPECT_TRUE(result.faults.empty());
}

TEST(AuditLog, NotedRowsAreInTheChainAndReachTheDatabaseWithTheNextCommit) {
    LogFixture t;
    t.write(3);
    ASSERT_TRUE(t.log->note([&] { t.log->append("use", "o_1", "{}"); }));
    EXPECT_EQ(t.log->head().row, 4);
    EXPECT_EQ(t.verify().rows, 3);
    t.write(2);
    EXPECT_EQ(t.verify().rows, 6);
    ASSERT_TRUE(t.log->note([&] { t.log->append("use", "o_1", "{}"); }));
    ASSERT_TRUE(t.log->fold());
    EXPECT_EQ(t.verify().rows, 7);
    EXPECT_TRUE(t.verify().faults.empty());
    EXPECT_EQ(std::filesystem::file_size(t.folder.path() / "audit.tail"), 0u);
}

TEST(AuditLog, SaysOnceThatRowsWaitForTheDatabase) {
    LogFixture t;
    int said = 0;
    t.log->on_waiting([&] { ++said; });
    const auto note = [&] { ASSERT_TRUE(t.log->note([&] { t.log->append("use", "o_1", "{}"); })); };
    note();
    note();
    EXPECT_EQ(said, 1);
    ASSERT_TRUE(t.log->fold());
    note();
    EXPECT_EQ(said, 2);
    for (int i = 0; i < 2000; ++i) note(); // nobody folds: it does so by itself
    EXPECT_GT(t.verify().rows, 1000);
}

TEST(AuditLog, ACommitThatFailsKeepsWhatWasNoted) {
    LogFixture t;
    ASSERT_TRUE(t.log->note([&] { t.log->append("use", "o_1", "{}"); }));
    EXPECT_FALSE(t.log->commit(Durability::machine, []() -> Outcome<void> { return Errc::audit_unavailable; }));
    EXPECT_EQ(t.log->head().row, 1);
    t.write(1);
    EXPECT_EQ(t.verify().rows, 2);
    EXPECT_TRUE(t.verify().faults.empty());
}

TEST(Recovery, NotedRowsSurviveSigkillAndATornOneIsNoRow) {
    ScratchFolder folder;
    const auto file = folder.path() / "audit.db", tail = folder.path() / "audit.tail";
    const pid_t pid = fork();
    if (pid == 0) {
        auto database = *store::Database::open(file);
        auto key = *store::DeviceKey::open_or_create(folder.path() / "device.key");
        SystemClock clock;
        auto log = *audit::Log::open(*database, key, clock);
        for (int i = 0; i < 100; ++i) (void)log->note([&] { log->append("use", "o", "{}"); });
        kill(getpid(), SIGKILL);
    }
    waitpid(pid, nullptr, 0);
    std::filesystem::resize_file(tail, std::filesystem::file_size(tail) - 7);
    auto database = *store::Database::open(file);
    auto key = *store::DeviceKey::open_or_create(folder.path() / "device.key");
    SystemClock clock;
    auto log = *audit::Log::open(*database, key, clock);
    ASSERT_TRUE(log->note([&] { log->append("use", "o", "{}"); }));
    ASSERT_TRUE(log->fold());
    const auto result = *audit::verify(database->raw(), key);
    EXPECT_EQ(result.rows, 100); // 99 and the new one
    EXPECT_TRUE(result.faults.empty());
}

TEST(Recovery, RowsThatWereFoldedBeforeTheTailWasEmptiedAreNotThereTwice) {
    LogFixture t;
    ASSERT_TRUE(t.log->note([&] { t.log->append("use", "o_1", "{}"); }));
    const auto tail = t.folder.path() / "audit.tail";
    const auto copy = t.folder.path() / "copy";
    std::filesystem::copy_file(tail, copy);
    ASSERT_TRUE(t.log->fold());
    t.log.reset();
    std::filesystem::copy_file(copy, tail, std::filesystem::copy_options::overwrite_existing);
    t.open();
    t.write(1);
    EXPECT_EQ(t.verify().rows, 2);
    EXPECT_TRUE(t.verify().faults.empty());
}

TEST(AuditLog, WithoutRoomOnTheDiskNothingIsNoted) {
    ScratchFolder folder;
    const pid_t pid = fork();
    if (pid == 0) {
        auto database = *store::Database::open(folder.path() / "audit.db");
        auto key = *store::DeviceKey::open_or_create(folder.path() / "device.key");
        SystemClock clock;
        auto log = *audit::Log::open(*database, key, clock);
        signal(SIGXFSZ, SIG_IGN);
        const rlimit room{1000, 1000};
        setrlimit(RLIMIT_FSIZE, &room);
        int noted = 0;
        Outcome<void> last = done();
        while (last && noted < 100) {
            last = log->note([&] { log->append("use", "o", "{}"); });
            if (last) ++noted;
        }
        const bool right = !last && last.error().code == Errc::audit_unavailable && log->head().row == noted && noted > 0;
        _exit(right ? noted : 0);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    const int noted = WEXITSTATUS(status);
    ASSERT_GT(noted, 0);
    auto database = *store::Database::open(folder.path() / "audit.db");
    auto key = *store::DeviceKey::open_or_create(folder.path() / "device.key");
    SystemClock clock;
    ASSERT_TRUE(audit::Log::open(*database, key, clock));
    EXPECT_EQ(audit::verify(database->raw(), key)->rows, noted);
}

TEST(PinTries, CountAcrossRestartsAndAreForgottenAfterSuccess) {
    LogFixture t;
    const TokenId token{"softhsm", "1234"};
    auto tries = *audit::PinTries::open(*t.database, t.clock);
    EXPECT_EQ(tries.left(token), 5);
    ASSERT_TRUE(t.database->transaction(Durability::machine, [&] { return tries.count(token), tries.count(token), done(); }));
    t.open();
    auto again = *audit::PinTries::open(*t.database, t.clock);
    EXPECT_EQ(again.left(token), 3);
    EXPECT_EQ(again.left({"softhsm", "9999"}), 5);
    ASSERT_TRUE(t.database->transaction(Durability::process, [&] { return again.forget(token), done(); }));
    EXPECT_EQ(again.left(token), 5);
}

TEST(PinTries, PauseGrowsFromTheThirdWrongPinAndAClockSetBackDoesNotMakeItLonger) {
    using namespace std::chrono_literals;
    struct SetClock final : Clock {
        WallTime time = *parse_rfc3339("2026-11-21T00:30:00Z");
        WallTime now() const override { return time; }
    } clock;
    LogFixture t;
    const TokenId token{"softhsm", "1234"};
    auto tries = *audit::PinTries::open(*t.database, clock);
    const auto wrong = [&] { ASSERT_TRUE(t.database->transaction(Durability::machine, [&] { return tries.count(token), done(); })); };
    wrong();
    wrong();
    EXPECT_EQ(tries.pause(token), 0s);
    wrong();
    EXPECT_EQ(tries.pause(token), 30s);
    clock.time += 29s;
    EXPECT_EQ(tries.pause(token), 1s);
    clock.time += 1s;
    EXPECT_EQ(tries.pause(token), 0s);
    wrong();
    EXPECT_EQ(tries.pause(token), 60s);
    EXPECT_EQ(tries.pause({"softhsm", "9999"}), 0s);
    clock.time -= std::chrono::hours(24);
    EXPECT_EQ(tries.pause(token), 60s);
    clock.time += 60s;
    EXPECT_EQ(tries.pause(token), 0s);
    ASSERT_TRUE(t.database->transaction(Durability::process, [&] { return tries.forget(token), done(); }));
    wrong();
    EXPECT_EQ(tries.pause(token), 0s);
}

TEST(DeviceKey, ADamagedFileIsRefusedInsteadOfReplaced) {
    ScratchFolder folder;
    const auto file = folder.path() / "device.key";
    const auto first = *store::DeviceKey::open_or_create(file);
    EXPECT_EQ(store::DeviceKey::open_or_create(file)->public_key(), first.public_key());
    ASSERT_EQ(truncate(file.c_str(), 20), 0);
    EXPECT_EQ(store::DeviceKey::open_or_create(file).error().code, Errc::config_refused);
}

TEST(StateFolder, RefusesASymlinkAndOpensNothingToOthers) {
    ScratchFolder folder;
    std::filesystem::create_directory(folder.path() / "elsewhere");
    std::filesystem::create_directory_symlink(folder.path() / "elsewhere", folder.path() / "jurukunci");
    EXPECT_FALSE(store::make_private_folder(folder.path() / "jurukunci"));
    ASSERT_TRUE(store::make_private_folder(folder.path() / "mine"));
    EXPECT_EQ(std::filesystem::status(folder.path() / "mine").permissions(), std::filesystem::perms::owner_all);
}

} // namespace
} // namespace jk::test
