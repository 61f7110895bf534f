// The log in segments, end to end: closed by the agent or by hand, killed at each step, judged by the script that shares nothing with us.
#include "tests/support/running_agent.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <thread>

namespace jk::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct Office {
    void end() {
        t.stop_prompter();
        t.agent().signal(SIGTERM);
        t.agent().wait(10'000);
    }
    void begin() {
        t.start_agent();
        t.start_prompter({"yes"});
    }
    void sign(int times = 1) {
        for (int i = 0; i < times; ++i) ASSERT_EQ(t.sign_document(letter("undangan-rapat.pdf")).at("state").as_string(), "done");
    }
    void retention(const std::string& yaml) { std::ofstream(t.site().configuration() / "retention.yaml") << yaml; }
    std::vector<fs::path> segments() const {
        std::vector<fs::path> all;
        std::error_code ec;
        for (const auto& entry : fs::directory_iterator(t.site().state() / "segments", ec)) all.push_back(entry.path());
        std::ranges::sort(all);
        return all;
    }
    Ran judged(const std::vector<fs::path>& files) {
        std::vector<std::string> arguments{"/usr/bin/env", "python3", std::string(JURUKUNCI_SOURCE_DIR) + "/docs/protocol/verify_audit.py"};
        for (const auto& file : files) arguments.push_back(file.string());
        return run_program(arguments, {}, t.folder());
    }
    fs::path exported() {
        const auto file = t.folder() / "rest.jsonl";
        EXPECT_EQ(t.cli({"audit", "export", "-o", file.string(), "--replace"}).exit_code, 0);
        return file;
    }
    json::object verified() {
        const auto ran = t.cli({"audit", "verify", "--json"});
        boost::system::error_code ec;
        const auto value = json::parse(ran.output, ec);
        return !ec && value.is_object() ? value.as_object() : json::object{{"intact", false}, {"output", ran.output}};
    }
    RunningAgent t;
};

TEST(LogSegments, AreClosedAtTheStartAndAnAuditorReadsThemInARow) {
    Office o;
    for (int round = 0; round < 2; ++round) {
        o.sign(20);
        o.end();
        o.retention("segment_rows: 100\n");
        o.begin();
        ASSERT_EQ(o.segments().size(), static_cast<std::size_t>(round + 1));
    }
    o.sign();
    const auto result = o.verified();
    EXPECT_TRUE(result.at("intact").as_bool()) << json::serialize(result);
    EXPECT_EQ(result.at("segments").as_int64(), 2);
    auto files = o.segments();
    std::ranges::sort(files, {}, [](const fs::path& file) { return std::stol(file.filename().string().substr(8)); });
    files.push_back(o.exported());
    const auto whole = o.judged(files);
    EXPECT_EQ(whole.exit_code, 0) << whole.output;
    const auto gap = o.judged({files[0], files[2]});
    EXPECT_EQ(gap.exit_code, 1);
    EXPECT_THAT(gap.output, HasSubstr("the one before ends with row"));
}

TEST(LogSegments, AreClosedByThemselvesWhileTheAgentRunsAndAreStillToldOf) {
    Office o;
    o.end();
    o.retention("segment_rows: 100\n");
    o.begin();
    o.sign(25);
    const auto closed = [&] {
        const auto kinds = o.t.log_kinds();
        return std::ranges::find(kinds, "segment") != kinds.end();
    };
    for (int i = 0; i < 600 && !closed(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ASSERT_EQ(o.segments().size(), 1u);
    o.sign();
    const auto result = o.verified();
    EXPECT_TRUE(result.at("intact").as_bool()) << json::serialize(result);
    EXPECT_EQ(result.at("segments").as_int64(), 1);
    const auto stats = json::parse(o.t.cli({"audit", "stats", "--json"}).output).as_object();
    EXPECT_EQ(stats.at("kinds").as_object().at("signed").as_int64(), 26);
    const auto since = json::parse(o.t.cli({"audit", "since", "1", "--limit", "3", "--json"}).output).as_object();
    ASSERT_EQ(since.at("rows").as_array().size(), 3u);
    EXPECT_EQ(since.at("rows").as_array()[0].as_object().at("kind").as_string(), "agent");
    auto files = o.segments();
    files.push_back(o.exported());
    const auto whole = o.judged(files);
    EXPECT_EQ(whole.exit_code, 0) << whole.output;
}

TEST(LogSegments, AKillAtEachStepOfClosingLosesNoRow) {
    Office o;
    o.sign(3);
    o.end();
    const auto head = json::serialize(o.verified().at("head"));
    bool came_through = false;
    int killed = 0;
    for (int n = 1; n <= 80 && !came_through; ++n) {
        const auto ran = run_program({"/usr/bin/strace", "-f", "-o", "/dev/null", "-e", "trace=fsync,fdatasync,rename,mkdir,unlink,pwrite64", "-e",
                                      "inject=fsync,fdatasync,rename,mkdir,unlink,pwrite64:signal=SIGKILL:when=" + std::to_string(n),
                                      program("jurukunci"), "audit", "rotate"},
                                     o.t.site().environment(), o.t.folder());
        came_through = ran.exit_code == 0;
        killed += came_through ? 0 : 1;
        const auto result = o.verified();
        ASSERT_TRUE(result.at("intact").as_bool()) << "after the kill at step " << n << ": " << json::serialize(result);
        const bool closed = result.at("segments").as_int64() > 0;
        EXPECT_TRUE(closed || json::serialize(result.at("head")) == head) << n;
    }
    EXPECT_TRUE(came_through);
    EXPECT_GE(killed, 6); // or strace did nothing
    EXPECT_EQ(o.t.cli({"audit", "lost"}).exit_code, 0);
    EXPECT_EQ(o.segments().size(), 1u);
    o.begin();
    o.sign();
    auto files = o.segments();
    files.push_back(o.exported());
    const auto whole = o.judged(files);
    EXPECT_EQ(whole.exit_code, 0) << whole.output;
}

TEST(LogSegments, AreDeletedOnlyByCommandWithABasisAndNotWhileTheAgentRuns) {
    Office o;
    o.sign();
    EXPECT_THAT(o.t.cli({"audit", "rotate", "--json"}).output, HasSubstr("E-AGEN-SUDAH-JALAN"));
    o.end();
    ASSERT_EQ(o.t.cli({"audit", "rotate"}).exit_code, 0);
    EXPECT_THAT(o.t.cli({"audit", "prune", "--json"}).output, HasSubstr("E-SEGMEN-CATATAN-DITOLAK")); // the default keeps everything
    o.retention("keep_years: 5\n");
    EXPECT_THAT(o.t.cli({"audit", "prune", "--json"}).output, HasSubstr("E-KONFIGURASI-DITOLAK")); // without a basis
    o.retention("keep_years: 5\nbasis: \"Keputusan Kepala Dinas 1/2026\"\n");
    const auto ran = o.t.cli({"audit", "prune", "--json"});
    EXPECT_EQ(ran.exit_code, 0) << ran.output;
    EXPECT_THAT(ran.output, HasSubstr("\"pruned\":[]"));
    EXPECT_EQ(o.segments().size(), 1u);
}

} // namespace
} // namespace jk::test
