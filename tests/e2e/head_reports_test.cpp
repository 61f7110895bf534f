// The log's head at the RA: the real agent hands it in, the reference receiver keeps it, and a log that was cut or put back shows there.
#include "tests/support/ra_office.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jk::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* checkpoints = "checkpoints: {url: \"https://localhost:PORT/v1/checkpoints\", ca: endpoint-ca.pem, every_minutes: 1440}\n";

struct Watched {
    Watched() : office(t, checkpoints) { begin_again(); }
    void end() {
        t.stop_prompter();
        t.agent().signal(SIGTERM);
        t.agent().wait(10'000);
    }
    void begin_again() {
        end();
        t.start_agent();
        t.start_prompter({"yes"});
    }
    /// What the receiver has of the one device; empty while it has nothing.
    json::object head() const {
        std::error_code ec;
        for (const auto& entry : fs::directory_iterator(office.folder() / "heads", ec))
            if (entry.path().extension() == ".json") return json::parse(content_of(entry.path())).as_object();
        return {};
    }
    std::int64_t row() const {
        const auto h = head();
        return h.empty() ? 0 : h.at("row").as_int64();
    }
    bool reaches(std::int64_t row) const {
        for (int i = 0; i < 1000 && this->row() < row; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
        return this->row() >= row;
    }
    json::object told() {
        const auto status = json::parse(t.cli({"status", "--json"}).output).as_object();
        return status.at("agent").at("log").as_object();
    }
    /// As `status --json` tells it, once `good` likes it.
    template <class Good> json::object checkpoint(Good&& good) {
        json::object last;
        for (int i = 0; i < 400; ++i) {
            if (const auto log = told(); log.at("checkpoint").is_object()) last = log.at("checkpoint").as_object();
            if (!last.empty() && good(last)) break;
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        return last;
    }
    std::int64_t parcels(const std::string& where) {
        SQLite::Database database((t.site().state() / "reports.db").string(), SQLite::OPEN_READONLY, 2000);
        SQLite::Statement count(database, "SELECT count(*) FROM outbox WHERE destination = 'log-checkpoint' AND " + where);
        count.executeStep();
        return count.getColumn(0).getInt64();
    }
    fs::path file(const std::string& name) const { return t.site().state() / name; }

    RunningAgent t;
    RaOffice office;
};

TEST(HeadReports, TheHeadReachesTheRaAndItsReceiptIsKept) {
    Watched m;
    ASSERT_TRUE(m.reaches(1));
    const auto sent = m.checkpoint([](const auto& c) { return c.at("receipt").is_string(); });
    ASSERT_TRUE(sent.contains("receipt"));
    EXPECT_EQ(sent.at("receipt").as_string(), m.head().at("receipt").as_string());
    const auto row = m.row();
    ASSERT_EQ(m.t.sign_document(letter("undangan-rapat.pdf")).at("state").as_string(), "done");
    EXPECT_EQ(m.row(), row); // not again before its time
    m.begin_again();         // the agent's end is the end of the day
    EXPECT_TRUE(m.reaches(row + 5));
}

TEST(HeadReports, OnlyTheNewestWaitsWhileTheRaIsAway) {
    Watched m;
    ASSERT_TRUE(m.reaches(1));
    (void)m.checkpoint([](const auto& c) { return c.at("receipt").is_string(); });
    m.office.stop();
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(m.t.sign_document(letter("undangan-rapat.pdf")).at("state").as_string(), "done");
        m.begin_again();
        EXPECT_EQ(m.parcels("receipt IS NULL"), 1);
    }
    m.end();
    m.office.start();
    const auto head = json::parse(m.t.cli({"audit", "verify", "--json"}).output).as_object().at("head").at("row").as_int64();
    m.t.start_agent();
    EXPECT_TRUE(m.reaches(head)) << json::serialize(m.told()) << json::serialize(m.head());
}

TEST(HeadReports, AnOlderCopyOfEveryFileIsNoticedByTheRa) {
    Watched m;
    ASSERT_TRUE(m.reaches(1));
    m.end();
    const auto copy = m.t.folder() / "copy";
    fs::copy(m.t.site().state(), copy, fs::copy_options::recursive);
    m.t.start_agent();
    m.t.start_prompter({"yes"});
    ASSERT_EQ(m.t.sign_document(letter("undangan-rapat.pdf")).at("state").as_string(), "done");
    m.begin_again();
    const auto before = m.row();
    ASSERT_TRUE(m.reaches(before));
    for (int i = 0; i < 200 && m.row() <= before + 4; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const auto furthest = m.row();
    m.end();
    // A person with the rights of the user puts back everything, keys and witnesses too: here nothing can tell.
    fs::remove_all(m.t.site().state());
    fs::copy(copy, m.t.site().state(), fs::copy_options::recursive);
    m.t.start_agent();
    m.t.start_prompter({"yes"});
    m.begin_again();
    const auto sent = m.checkpoint([](const auto& c) { return !c.at("lastFault").as_string().empty(); });
    ASSERT_TRUE(sent.contains("lastFault"));
    EXPECT_THAT(std::string(sent.at("lastFault").as_string()), HasSubstr("E-LOG-MUNDUR"));
    EXPECT_EQ(m.row(), furthest);
    EXPECT_THAT(content_of(m.office.folder() / "flags.jsonl"), HasSubstr("went back"));
}

TEST(HeadReports, ANewChainIsTakenOnceTheRaHasDecidedAboutItsLoss) {
    Watched m;
    ASSERT_TRUE(m.reaches(1));
    m.end();
    for (const char* part : {"", "-wal", "-shm"}) fs::remove(m.file(std::string("audit.db") + part));
    m.t.start_agent();
    m.t.start_prompter({"yes"});
    const auto sent = m.checkpoint([](const auto& c) { return !c.at("lastFault").as_string().empty(); });
    EXPECT_THAT(std::string(sent.at("lastFault").as_string()), HasSubstr("E-LOG-MUNDUR"));
    EXPECT_THAT(content_of(m.office.folder() / "flags.jsonl"), HasSubstr("loss not decided"));
    const auto lost = json::parse(m.t.cli({"audit", "lost", "--json"}).output).as_object();
    const std::string id(lost.at("loss").at("id").as_string());
    fs::create_directories(m.office.folder() / "losses");
    std::ofstream(m.office.folder() / "losses" / id) << "decided\n";
    const json::object decision{{"type", "jurukunci-ra-decision"}, {"decision", "log-lost"},        {"loss", id},
                                {"device", lost.at("device")},     {"environment", "uji"},          {"number", "RA/3/2026"},
                                {"officer", "Petugas RA"},         {"date", "2026-11-22T03:00:00Z"}};
    const auto cms = m.office.desk().sign(json::serialize(decision));
    const auto brought = m.t.folder() / "keputusan.p7";
    std::ofstream(brought, std::ios::binary).write(reinterpret_cast<const char*>(cms.data()), static_cast<std::streamsize>(cms.size()));
    ASSERT_EQ(m.t.cli({"report", "decision", brought.string()}).exit_code, 0);
    m.begin_again();
    for (int i = 0; i < 400 && m.head().at("after").as_string() != id; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(m.head().at("after").as_string(), id) << json::serialize(m.told()) << content_of(m.office.folder() / "flags.jsonl");
}

} // namespace
} // namespace jk::test
