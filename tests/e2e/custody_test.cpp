// An agent whose log is gone: it reads and reports, uses no key, and comes back by the RA's word only. Real agent, SoftHSM2, an RA with a key.
#include "tests/support/ra_office.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jk::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

json::object object_in(const Ran& ran) {
    const auto line = ran.output.find("{\"");
    boost::system::error_code ec;
    const auto value = json::parse(line == std::string::npos ? "" : ran.output.substr(line), ec);
    EXPECT_FALSE(ec) << ran.output;
    return value.is_object() ? value.as_object() : json::object();
}

struct Machine {
    Machine() : office(t) { office.restart_agent(); }
    void end() {
        t.stop_prompter();
        t.agent().signal(SIGTERM);
        t.agent().wait(10'000);
    }
    void lose_log() {
        end();
        for (const char* part : {"", "-wal", "-shm"}) fs::remove(t.site().state() / (std::string("audit.db") + part));
    }
    void begin() {
        t.start_agent();
        t.start_prompter({"yes"});
    }
    json::object sign() { return t.sign_document(letter("undangan-rapat.pdf")); }
    std::string error() {
        const auto ended = sign();
        const auto* error = ended.if_contains("error");
        return error != nullptr && error->is_object() ? json::serialize(*error) : std::string(ended.at("state").as_string());
    }
    json::object loss() { return object_in(t.cli({"audit", "lost", "--json"})); }
    Ran decide(const json::object& text) {
        const auto file = t.folder() / "keputusan.p7";
        const auto cms = office.desk().sign(json::serialize(text));
        std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(cms.data()), static_cast<std::streamsize>(cms.size()));
        return t.cli({"report", "decision", file.string(), "--json"});
    }
    json::object decision() {
        const auto lost = loss();
        return {{"type", "jurukunci-ra-decision"}, {"decision", "log-lost"},  {"loss", lost.at("loss").at("id")},
                {"device", lost.at("device")},     {"environment", "uji"},    {"number", "RA/2/2026"},
                {"date", "2026-11-22T03:00:00Z"},  {"officer", "Petugas RA"}, {"reason", "komputer dipasang ulang"}};
    }

    RunningAgent t;
    RaOffice office;
};

TEST(LostLog, Row12_6_AnAgentWithoutItsLogReadsAndReportsButUsesNoKeyUntilTheRaDecides) {
    Machine m;
    m.t.start_prompter({"yes"});
    ASSERT_EQ(m.sign().at("state").as_string(), "done");
    m.lose_log();
    m.begin();

    const auto asked = m.t.shown().size();
    const auto refused = m.error();
    EXPECT_THAT(refused, HasSubstr("E-LOG-HILANG"));
    EXPECT_THAT(refused, HasSubstr("Pasal 19 huruf f")); // Pekalongan's, and no other city's
    EXPECT_EQ(m.t.shown().size(), asked) << "nobody is asked";
    const auto status = m.t.request("GET", "/v1/status").json();
    EXPECT_EQ(status.at("tokens").as_array().size(), 1u);
    EXPECT_THAT(json::serialize(status.at("warnings")), HasSubstr("E-LOG-HILANG"));
    EXPECT_EQ(m.t.request("GET", "/v1/certificates").status, 200);
    EXPECT_THAT(m.t.cli({"token", "destroy", "--reason", "mutasi", "--officer", "x", "--witness", "x", "--minutes", "x", "--json"}).output,
                HasSubstr("E-LOG-HILANG"));
    const auto reported = m.t.cli({"report", "new", "--json", "--category", "kehilangan_kunci_privat", "--serial", "LAIN"});
    ASSERT_EQ(reported.exit_code, 0) << reported.output;
    EXPECT_TRUE(object_in(reported).at("report").at("signedSince").is_null()) << "nobody knows";

    auto wrong = m.decision();
    wrong["device"] = std::string(64, '0');
    EXPECT_THAT(m.decide(wrong).output, HasSubstr("E-KEPUTUSAN-RA-DITOLAK"));
    EXPECT_THAT(m.error(), HasSubstr("E-LOG-HILANG"));
    const auto decision = m.decision();
    const auto decided = m.decide(decision);
    ASSERT_EQ(decided.exit_code, 0) << decided.output;
    EXPECT_EQ(m.error(), "done");
    const auto later = m.t.cli({"report", "new", "--json", "--category", "kehilangan_kunci_privat", "--serial", "LAIN"});
    EXPECT_TRUE(object_in(later).at("report").at("signedSince").as_array().empty()) << "of this time the new log knows";
    const auto older = m.t.cli({"report", "new", "--json", "--category", "kehilangan_kunci_privat", "--serial", "LAIN", "--last-safe", "2026-01-01"});
    EXPECT_TRUE(object_in(older).at("report").at("signedSince").is_null()) << "the log of that time is gone: " << older.output;
    EXPECT_EQ(m.t.cli({"audit", "verify"}).exit_code, 0);
    EXPECT_EQ(m.t.cli({"audit", "lost"}).exit_code, 0);

    m.lose_log(); // the next loss wants a decision of its own
    m.begin();
    EXPECT_THAT(m.decide(decision).output, HasSubstr("E-KEPUTUSAN-RA-DITOLAK"));
    EXPECT_THAT(m.error(), HasSubstr("E-LOG-HILANG"));
}

TEST(LostLog, ReportsWorkWhileNoAgentRunsAndTheLossIsTheSameOneAfterwards) {
    Machine m;
    m.lose_log();
    const auto ran = m.t.cli({"report", "new", "--json", "--category", "kebocoran_kunci_privat", "--serial", "S-1"});
    ASSERT_EQ(ran.exit_code, 0) << ran.output;
    const auto lost = m.loss();
    ASSERT_TRUE(lost.at("loss").is_object());
    const auto decided = m.decide(m.decision()); // also without an agent
    ASSERT_EQ(decided.exit_code, 0) << decided.output;
    m.begin();
    EXPECT_EQ(m.loss().at("loss").at("id"), lost.at("loss").at("id"));
    EXPECT_EQ(m.error(), "done");
}

TEST(LostLog, BlocksStandInTheNewLogSoThatNeitherFileAloneCanForgetThem) {
    Machine m;
    ASSERT_EQ(m.t.cli({"report", "new", "--category", "kebocoran_kunci_privat", "--serial", "S-early"}).exit_code, 0);
    m.lose_log();
    m.begin();
    ASSERT_EQ(m.decide(m.decision()).exit_code, 0);
    EXPECT_THAT(m.t.cli({"audit", "since", "1", "--json"}).output, HasSubstr("S-early"));
    m.end();
    for (const char* part : {"", "-wal", "-shm"}) fs::remove(m.t.site().state() / (std::string("reports.db") + part));
    m.begin();
    EXPECT_THAT(m.error(), HasSubstr("E-CATATAN-LAPORAN-RUSAK"));
}

TEST(LostLog, AKillAtEachStepOfBeginningAnewLeavesOneLossAndAllOfTheEvidence) {
    Machine m;
    m.lose_log();
    // What an older copy would be: something to keep.
    const auto state = m.t.site().state();
    std::ofstream(state / "audit.db", std::ios::binary) << std::string(5000, 'x');
    bool came_through = false;
    int killed = 0;
    for (int n = 1; n <= 60 && !came_through; ++n) {
        const auto ran = run_program({"/usr/bin/strace", "-f", "-o", "/dev/null", "-e", "trace=fsync,fdatasync,rename,mkdir,unlink", "-e",
                                      "inject=fsync,fdatasync,rename,mkdir,unlink:signal=SIGKILL:when=" + std::to_string(n), program("jurukunci"),
                                      "report", "list"},
                                     m.t.site().environment(), m.t.folder());
        came_through = ran.exit_code == 0;
        killed += came_through ? 0 : 1;
    }
    EXPECT_TRUE(came_through);
    EXPECT_GE(killed, 5); // or strace did nothing
    const auto lost = m.loss();
    ASSERT_TRUE(lost.at("loss").is_object());
    EXPECT_GT(lost.at("loss").at("known").at("row").as_int64(), 0);
    int folders = 0, evidence = 0;
    for (const auto& entry : fs::directory_iterator(state)) {
        if (!entry.path().filename().string().starts_with("audit.lost-")) continue;
        ++folders;
        for (const auto& file : fs::directory_iterator(entry.path())) evidence += fs::file_size(file.path()) == 5000 ? 1 : 0;
    }
    EXPECT_EQ(folders, 1);
    EXPECT_EQ(evidence, 1);
    m.begin();
    EXPECT_THAT(m.error(), HasSubstr("E-LOG-HILANG"));
    EXPECT_EQ(m.t.cli({"audit", "verify"}).exit_code, 0);
}

} // namespace
} // namespace jk::test
