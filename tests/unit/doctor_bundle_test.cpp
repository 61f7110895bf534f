// The bundle must not be able to give a person away: everything personal is planted wherever the doctor looks, and then looked for.
#include "cli/doctor/bundle.hpp"
#include "cli/doctor/redaction.hpp"
#include "tests/support/prepared_machine.hpp"
#include "tests/support/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jk::doctor {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* planted[] = {"3375014107850002", "rahasia-9876", "Siti",     "Rahayu", "surat-keputusan",
                                   "4A4B0190",         "eoffice",      "penyusup", "jana"};

TEST(SupportBundle, NothingOfThePersonIsInIt) {
    const test::ScratchFolder root;
    test::PreparedMachine machine(root);
    const std::string everything = "Siti Rahayu 3375014107850002 rahasia-9876 surat-keputusan.pdf 4A4B0190 https://eoffice.example penyusup jana";
    machine.plug_in("1-2", "1050", "0407");
    machine.plug_in("1-3", "dead", "beef");
    for (const char* file : {"serial", "product", "manufacturer"}) machine.write(std::string("/sys/bus/usb/devices/1-2/") + file, everything);
    machine.write("/etc/os-release", "ID=\"debian\"\nVERSION_ID=\"12\"\nPRETTY_NAME=\"" + everything + "\"\n");
    machine.write("/proc/sys/kernel/osrelease", everything + "\n");
    machine.write("/etc/hostname", everything);
    const std::string library = "/home/jana/Siti Rahayu 3375014107850002/surat-keputusan.so";
    machine.write(library, everything);
    machine.users[1000] = "jana";
    for (const char* name : {"HOME", "USER", "LOGNAME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_SESSION_ID", "XDG_SESSION_TYPE", "SSH_CONNECTION"})
        machine.variables[name] = everything;

    BundleFacts facts;
    for (const auto& entry : catalogue()) { // every error there is, with every word there is, all of them telling
        Error error(entry.errc);
        error.detail = everything;
        for (const char* word :
             {"token", "path",   "file",   "reason", "holder", "device", "id",   "install", "session", "now",   "last",  "agent", "command",
              "days",  "module", "origin", "name",   "what",   "date",   "free", "found",   "needed",  "field", "fault", "ports"})
            error.with(word, everything);
        facts.findings.push_back({error});
    }
    facts.findings.push_back({Error(Errc::usb_device_unknown).with("id", "3375:0141 07850002")});
    facts.agent_codes = {everything, "E-TOKEN-TIDAK-ADA"};
    facts.devices = usb_devices(machine);
    facts.modules = {{everything, library}, {"Siti-Rahayu", "/home/jana/libsofthsm2.so"}};
    facts.command_version = everything;
    facts.agent_version = "3375014107850002";
    facts.environment = everything;
    facts.configuration = {{everything, 1}, {"applications", 3}};
    facts.log_rows = {{everything, 2}, {"consent", 4}};

    const auto archive = bundle(machine, facts);
    const std::string text(archive.begin(), archive.end());
    for (const char* word : planted) EXPECT_THAT(text, Not(HasSubstr(word)));
    EXPECT_THAT(text, HasSubstr("1050:0407")) << "and what helps is there";
    EXPECT_THAT(text, HasSubstr("dead:beef"));
    EXPECT_THAT(text, HasSubstr("libsofthsm2.so"));
    EXPECT_THAT(text, HasSubstr("E-TOKEN-TIDAK-ADA"));
    EXPECT_THAT(text, HasSubstr("\"consent\":4"));
    EXPECT_THAT(text, HasSubstr("\"applications\":3"));
    EXPECT_THAT(text, HasSubstr("\"systemVersion\":\"12\""));
}

TEST(SupportBundle, TarReadsItAndFindsEveryFile) {
    const test::ScratchFolder scratch;
    const test::PreparedMachine machine(scratch);
    const auto archive = bundle(machine, {});
    const auto file = scratch.path() / "bundle.tar";
    std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(archive.data()), static_cast<std::streamsize>(archive.size()));
    const auto listed = test::run_program({"tar", "-tvf", file.string()}, {}, scratch.path());
    EXPECT_EQ(listed.exit_code, 0) << listed.output;
    for (const char* name :
         {"README.txt", "versions.json", "findings.json", "usb.json", "modules.json", "configuration.json", "session.json", "log.json"})
        EXPECT_THAT(listed.output, HasSubstr(std::string("jurukunci-doctor/") + name));
    EXPECT_THAT(listed.output, HasSubstr("2026-11-21"));
    const auto extracted = test::run_program({"tar", "-xf", file.string(), "-C", scratch.path().string()}, {}, scratch.path());
    EXPECT_EQ(extracted.exit_code, 0) << extracted.output;
    EXPECT_EQ(machine.text("/jurukunci-doctor/log.json"), "{}\n");
}

TEST(SupportBundle, WordsPassOnlyWhereTheyAreOurs) {
    EXPECT_EQ(own_word("window-opened"), "window-opened");
    for (const char* other : {"", "Siti", "a b", "a1", "-a", "a--b", "consent\n"}) EXPECT_EQ(own_word(other), "?") << other;
    EXPECT_EQ(version_word("6.1.0-28-amd64"), "6.1.0-28-amd64");
    for (const char* other : {"", "a b", "1234567890", "x/y"}) EXPECT_EQ(version_word(other), "?") << other;
    EXPECT_EQ(known_library("/opt/x/libeToken.so.10.8"), "libeToken.so");
    EXPECT_EQ(known_library("/opt/siti.so"), "another library");
}

} // namespace
} // namespace jk::doctor
