// Reports when the power goes, the disk is full, or files are not what they were: no report that was confirmed is lost, and no block.
#include "tests/support/running_agent.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

namespace jk::test {
namespace {

using testing::HasSubstr;

/// A site whose agent has ended: the command line works on its files.
struct Machine {
    Machine() {
        agent.emplace();
        agent->stop_prompter();
        agent->agent().signal(SIGTERM);
        agent->agent().wait(10'000);
    }
    Ran under(const std::vector<std::string>& wrapper, const std::string& serial) {
        auto arguments = wrapper;
        for (const auto& word : {program("jurukunci"), std::string("report"), std::string("new"), std::string("--json"), std::string("--category"),
                                 std::string("kebocoran_kunci_privat"), std::string("--serial"), serial})
            arguments.push_back(word);
        return run_program(arguments, agent->site().environment(), agent->folder());
    }
    json::object list() {
        const auto ran = agent->cli({"report", "list", "--json"});
        EXPECT_EQ(ran.exit_code, 0) << ran.output;
        return in(ran);
    }
    /// The JSON of a run, whatever warnings stand before it.
    static json::object in(const Ran& ran) {
        const auto line = ran.output.find("{\"");
        boost::system::error_code ec;
        auto value = json::parse(line == std::string::npos ? "" : ran.output.substr(line), ec);
        EXPECT_FALSE(ec) << ran.output;
        return value.is_object() ? value.as_object() : json::object();
    }
    /// Serials that a report stands for with its block in force.
    std::vector<std::string> blocked() {
        std::vector<std::string> all;
        const auto listed = list();
        for (const auto& report : listed.at("reports").as_array())
            for (const auto& block : report.at("activeBlocks").as_array())
                if (block.at("by").as_string() == "token") all.emplace_back(block.at("value").as_string());
        return all;
    }
    std::optional<RunningAgent> agent;
};

TEST(ReportPowerCut, AKillAtEachWriteThatMustLastLosesNoConfirmedReport) {
    Machine machine;
    ASSERT_EQ(machine.under({}, "S-first").exit_code, 0);
    std::vector<std::string> confirmed{"S-first"};
    bool came_through = false;
    int killed = 0;
    for (int n = 1; n <= 60 && !came_through; ++n) {
        const auto serial = "S-" + std::to_string(n);
        const auto ran = machine.under({"/usr/bin/strace", "-f", "-o", "/dev/null", "-e", "trace=fsync,fdatasync,rename", "-e",
                                        "inject=fsync,fdatasync,rename:signal=SIGKILL:when=" + std::to_string(n)},
                                       serial);
        came_through = ran.exit_code == 0;
        if (came_through)
            confirmed.push_back(serial);
        else
            ++killed;
        const auto blocked = machine.blocked();
        for (const auto& known : confirmed) EXPECT_THAT(blocked, testing::Contains(known)) << "after the kill at step " << n;
        EXPECT_TRUE(machine.list().at("damage").as_array().empty()) << "a kill is no damage; step " << n;
    }
    EXPECT_TRUE(came_through);
    EXPECT_GE(killed, 3); // or strace did nothing
    machine.agent->start_agent();
    EXPECT_EQ(machine.blocked().size(), machine.list().at("reports").as_array().size());
    EXPECT_EQ(machine.agent->cli({"audit", "verify"}).exit_code, 0);
}

TEST(ReportPowerCut, AFullDiskIsToldAndTheEarlierBlockStands) {
    Machine machine;
    ASSERT_EQ(machine.under({}, "S-early").exit_code, 0);
    const auto ran = machine.under({"/bin/sh", "-c", "trap '' XFSZ; ulimit -f 4; exec \"$@\"", "sh"}, "S-late");
    EXPECT_EQ(ran.exit_code, 5) << ran.output;
    EXPECT_THAT(machine.blocked(), testing::ElementsAre("S-early"));
    ASSERT_EQ(machine.under({}, "S-late").exit_code, 0);
    EXPECT_THAT(machine.blocked(), testing::ElementsAre("S-early", "S-late"));
}

TEST(ReportPowerCut, OnADiskWithoutAByteLeftTheReserveMakesRoomForTheReport) {
    Machine machine;
    const auto script = machine.agent->folder() / "full-disk.sh";
    std::ofstream(script) << R"sh(set -e
state=$1 jurukunci=$2
mount -t tmpfs -o size=6m,mode=0700 none "$state"
report() { "$jurukunci" report new --json --category kebocoran_kunci_privat --serial "$1"; }
report S-early > /dev/null
test "$(stat -c %s "$state/reports.reserve")" = 1048576
dd if=/dev/zero of="$state/filler" bs=4096 2> /dev/null || true
test "$(stat -f -c %a "$state")" = 0
report S-late > /dev/null
test ! -e "$state/reports.reserve"
"$jurukunci" report list --json
)sh";
    const char* apart = geteuid() == 0 ? "-m" : "-rm"; // whoever is not root is root in a namespace
    const auto ran =
        run_program({"/usr/bin/unshare", apart, "/bin/sh", script.string(), machine.agent->site().state().string(), program("jurukunci")},
                    machine.agent->site().environment(), machine.agent->folder());
    ASSERT_EQ(ran.exit_code, 0) << ran.output;
    EXPECT_THAT(ran.output, HasSubstr("S-early"));
    EXPECT_THAT(ran.output, HasSubstr("S-late"));
}

TEST(ReportPowerCut, ADamagedCasebookIsToldAndTheAgentStartsButSignsNothing) {
    Machine machine;
    ASSERT_EQ(machine.under({}, "S-early").exit_code, 0);
    const auto file = machine.agent->site().state() / "reports.db";
    for (const char* part : {"-wal", "-shm"}) std::filesystem::remove(file.string() + part);
    std::ofstream(file, std::ios::binary | std::ios::in | std::ios::out).write(std::string(4096, '\0').data(), 4096);
    machine.agent->start_agent();
    machine.agent->start_prompter({"yes"});
    const auto refused = machine.agent->sign_document(letter("undangan-rapat.pdf"));
    EXPECT_THAT(json::serialize(refused), HasSubstr("E-CATATAN-LAPORAN-RUSAK"));
    EXPECT_EQ(machine.list().at("damage").as_array().size(), 1u);
    EXPECT_EQ(machine.agent->cli({"report", "new", "--category", "kehilangan_kunci_privat", "--serial", "S-later"}).exit_code, 0);
}

TEST(ReportPowerCut, ALogThatCannotBeReadDoesNotKeepAReportOut) {
    Machine machine;
    const auto log = machine.agent->site().state() / "audit.db";
    for (const char* part : {"-wal", "-shm"}) std::filesystem::remove(log.string() + part);
    std::ofstream(log, std::ios::binary | std::ios::trunc) << std::string(8192, 'x');
    const auto ran = machine.under({}, "S-1");
    ASSERT_EQ(ran.exit_code, 0) << ran.output;
    EXPECT_TRUE(Machine::in(ran).at("report").at("signedSince").is_null()) << ran.output;
    EXPECT_THAT(machine.blocked(), testing::ElementsAre("S-1"));
}

} // namespace
} // namespace jk::test
