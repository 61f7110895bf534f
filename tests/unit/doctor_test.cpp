#include "cli/doctor/examinations.hpp"
#include "tests/support/prepared_machine.hpp"
#include "tests/support/two_languages.hpp"

#include <boost/json/parse.hpp>
#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace jk::doctor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Doctor : public testing::Test {
protected:
    test::ScratchFolder root;
    test::PreparedMachine machine{root};

    static std::vector<std::string> codes(const Findings& findings) {
        std::vector<std::string> all;
        for (const auto& finding : findings) all.push_back((finding.weight == Weight::fault ? "" : "(") + std::string(finding.error.entry().code));
        return all;
    }
    static std::string word(const Findings& findings, const std::string& name) {
        for (const auto& finding : findings)
            for (const auto& [key, value] : finding.error.words)
                if (key == name) return value;
        return "";
    }
    std::vector<std::string> usb(const std::vector<ConfiguredModule>& modules = {}) {
        return codes(examine_usb(machine, usb_devices(machine), modules));
    }
    static std::string elf(unsigned char elf_class, unsigned char machine_type, unsigned char data = ELFDATA2LSB) {
        std::string header(64, '\0');
        header.replace(0, 4, "\177ELF");
        header[EI_CLASS] = static_cast<char>(elf_class);
        header[EI_DATA] = static_cast<char>(data);
        header[data == ELFDATA2LSB ? 18 : 19] = static_cast<char>(machine_type);
        return header;
    }
    void listener(unsigned port, unsigned user, const std::string& inode, const std::string& state = "0A") {
        char line[200];
        std::snprintf(line, sizeof line, "   0: 0100007F:%04X 00000000:0000 %s 00000000:00000000 00:00000000 00000000  %u        0 %s 1 0 100 0\n",
                      port, state.c_str(), user, inode.c_str());
        tcp += line;
        machine.write("/proc/net/tcp", "  sl  local_address rem_address   st ...\n" + tcp);
    }
    std::string tcp;
};

TEST_F(Doctor, ATokenWithoutItsLibraryIsNamedWithWhatToInstall) {
    machine.plug_in("1-2", "1050", "0407");
    EXPECT_THAT(usb(), ElementsAre("E-PERANGKAT-PERLU-PENGGERAK"));
    const auto found = examine_usb(machine, usb_devices(machine), {});
    EXPECT_EQ(word(found, "id"), "1050:0407");
    EXPECT_EQ(word(found, "device"), "Yubico YubiKey OTP+FIDO+CCID");
    EXPECT_EQ(word(found, "install"), "apt install ykcs11");
    EXPECT_THAT(usb({{"softhsm", "/usr/lib/softhsm/libsofthsm2.so"}}), ElementsAre("E-PERANGKAT-PERLU-PENGGERAK"));
    EXPECT_THAT(usb({{"yubi", "/usr/lib/x86_64-linux-gnu/libykcs11.so.2"}}), IsEmpty());
    EXPECT_THAT(usb({{"opensc", "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"}}), IsEmpty());
}

TEST_F(Doctor, UnknownCardDevicesAreNamedByIdAndOtherDevicesAreNobodysBusiness) {
    machine.plug_in("1-3", "dead", "beef");
    machine.plug_in("1-4", "046d", "c31c", "03"); // a keyboard
    machine.plug_in("1-5", "058f", "9540");       // a reader that we know: any module may serve its card
    const auto found = examine_usb(machine, usb_devices(machine), {});
    EXPECT_THAT(codes(found), ElementsAre("(E-PERANGKAT-TIDAK-DIKENAL"));
    EXPECT_EQ(word(found, "id"), "dead:beef");
}

TEST_F(Doctor, NothingPluggedInIsSaid) { EXPECT_THAT(usb(), ElementsAre("(E-PERANGKAT-TIDAK-TERPASANG")); }

TEST_F(Doctor, ATokenThatThisUserMayNotOpenWantsTheUdevRules) {
    machine.plug_in("2-1", "0529", "0620");
    machine.closed = {"/dev/bus/usb/001/005"};
    EXPECT_THAT(usb({{"safenet", "/usr/lib/libeToken.so.10"}}), ElementsAre("(E-PERANGKAT-TIDAK-BOLEH-DIBUKA"));
}

TEST_F(Doctor, WhatIsNoNumberInSysfsIsNoDevice) {
    machine.plug_in("1-1", "10500", "0407");
    machine.plug_in("1-2", "10g0", "0407");
    machine.plug_in("1-3", "", "0407");
    machine.plug_in("1-4", "-050", "0407");
    EXPECT_TRUE(usb_devices(machine).empty());
}

TEST_F(Doctor, NoCardServiceMattersWhereACardDeviceIsPluggedIn) {
    EXPECT_THAT(codes(examine_card_service(machine, {})), ElementsAre("(E-LAYANAN-KARTU-TIDAK-JALAN"));
    machine.plug_in("1-5", "058f", "9540");
    EXPECT_THAT(codes(examine_card_service(machine, usb_devices(machine))), ElementsAre("E-LAYANAN-KARTU-TIDAK-JALAN"));
    machine.listening = {"/run/pcscd/pcscd.comm"};
    EXPECT_THAT(codes(examine_card_service(machine, usb_devices(machine))), IsEmpty());
}

TEST_F(Doctor, TheCardServiceRefusesASessionThatIsNotAtTheSeat) {
    machine.listening = {"/run/pcscd/pcscd.comm"};
    machine.write("/usr/share/polkit-1/actions/org.debian.pcsc-lite.policy", "<policyconfig/>");
    machine.variables = {{"XDG_SESSION_ID", "7"}};
    machine.write("/run/systemd/sessions/7", "ACTIVE=0\nREMOTE=0\n");
    const auto code = ElementsAre("E-LAYANAN-KARTU-MENOLAK-SESI");
    EXPECT_THAT(codes(examine_card_service(machine, {})), code);
    machine.write("/run/systemd/sessions/7", "ACTIVE=1\nREMOTE=0\n");
    EXPECT_THAT(codes(examine_card_service(machine, {})), IsEmpty());
    machine.write("/run/systemd/sessions/7", "ACTIVE=1\nREMOTE=1\n");
    EXPECT_THAT(codes(examine_card_service(machine, {})), code);
    machine.write("/etc/polkit-1/rules.d/50-kota.rules", "if (action.id == \"org.debian.pcsc-lite.access_card\") return polkit.Result.YES;");
    EXPECT_THAT(codes(examine_card_service(machine, {})), IsEmpty()) << "a rule of the administrator's decides";
}

TEST_F(Doctor, ALibraryForAnotherKindOfComputerIsSaidWithBothKinds) {
    machine.write("/proc/self/exe", elf(ELFCLASS64, EM_X86_64));
    machine.write("/lib/same.so", elf(ELFCLASS64, EM_X86_64));
    machine.write("/lib/old.so", elf(ELFCLASS32, EM_386));
    machine.write("/lib/text.so", "GROUP ( libfoo.so.1 ) and more than twenty bytes");
    machine.write("/lib/short.so", "\177ELF");
    const auto found = examine_modules(
        machine,
        {{"same", "/lib/same.so"}, {"old", "/lib/old.so"}, {"text", "/lib/text.so"}, {"short", "/lib/short.so"}, {"missing", "/lib/none.so"}});
    ASSERT_THAT(codes(found), ElementsAre("E-MODUL-SALAH-ARSITEKTUR", "E-MODUL-SALAH-ARSITEKTUR", "E-MODUL-SALAH-ARSITEKTUR"));
    EXPECT_EQ(word(found, "found"), "x86 (32)");
    EXPECT_EQ(word(found, "needed"), "x86-64 (64)");
    EXPECT_EQ(elf_kind(bytes_of(elf(ELFCLASS32, EM_ARM))), "ARM (32)");
    EXPECT_EQ(elf_kind(bytes_of(elf(ELFCLASS64, EM_AARCH64))), "AArch64 (64)");
    EXPECT_EQ(elf_kind(bytes_of(elf(ELFCLASS64, EM_S390, ELFDATA2MSB))), "ELF 22 (64)");
}

TEST_F(Doctor, AClockBehindTheLogWasSetBack) {
    EXPECT_THAT(codes(examine_clock(machine, std::nullopt)), IsEmpty());
    EXPECT_THAT(codes(examine_clock(machine, machine.time - std::chrono::hours(1))), IsEmpty());
    EXPECT_THAT(codes(examine_clock(machine, machine.time + std::chrono::minutes(4))), IsEmpty());
    const auto found = examine_clock(machine, machine.time + std::chrono::hours(30));
    EXPECT_THAT(codes(found), ElementsAre("E-JAM-MUNDUR"));
    EXPECT_EQ(word(found, "last"), "2026-11-22T14:00:00Z");
    machine.clock_state = ClockState::unsynchronised;
    EXPECT_THAT(codes(examine_clock(machine, std::nullopt)), ElementsAre("(E-JAM-TIDAK-SINKRON"));
    machine.clock_state = ClockState::unknown;
    EXPECT_THAT(codes(examine_clock(machine, std::nullopt)), IsEmpty());
}

TEST_F(Doctor, PortsAreAFaultOnlyWhenAllFiveAreHeldByOthers) {
    for (unsigned port = 17845; port < 17849; ++port) listener(port, 1000, "4000" + std::to_string(port));
    EXPECT_THAT(codes(examine_ports(machine, false)), IsEmpty()) << "one is free";
    listener(17849, 1001, "77", "01");
    EXPECT_THAT(codes(examine_ports(machine, false)), IsEmpty()) << "a connection is no listener";
    listener(17849, 1001, "78");
    std::filesystem::create_directories(machine.at("/proc/4711/fd"));
    machine.write("/proc/4711/comm", "penyusup\n");
    for (unsigned port = 17845; port < 17849; ++port)
        std::filesystem::create_symlink("socket:[4000" + std::to_string(port) + "]", machine.at("/proc/4711/fd/" + std::to_string(port)));
    const auto found = examine_ports(machine, false);
    EXPECT_THAT(codes(found), ElementsAre("E-PORT-TERPAKAI"));
    EXPECT_EQ(word(found, "holder"), "penyusup (pid 4711), lain") << "our own by name, another user's by the user";
    EXPECT_THAT(codes(examine_ports(machine, true)), IsEmpty());
}

TEST_F(Doctor, LinesOfTheTcpTableThatMakeNoSenseAreNoListeners) {
    machine.write("/proc/net/tcp",
                  "head\nx\n 0: 0100007F:45B5\n 0: :45B5 0 0A 0 0 0 ann 0 5\n 0: 0100007F:ZZ 0 0A 0 0 0 1000 0 5\n" + std::string(100'000, 'A'));
    EXPECT_THAT(codes(examine_ports(machine, false)), IsEmpty());
}

TEST_F(Doctor, ARemoteSessionIsANotice) {
    EXPECT_THAT(codes(examine_session(machine)), IsEmpty());
    EXPECT_EQ(seat_of(machine), Seat::unknown);
    machine.variables = {{"SSH_CONNECTION", "10.0.0.1 2 10.0.0.2 22"}};
    EXPECT_THAT(codes(examine_session(machine)), ElementsAre("(E-SESI-JARAK-JAUH"));
    machine.variables = {{"XDG_SESSION_ID", "c2"}, {"XDG_SESSION_TYPE", "x11"}};
    machine.write("/run/systemd/sessions/c2", "# private\nUID=1000\nACTIVE=1\nREMOTE=1\nTYPE=x11\n");
    EXPECT_THAT(codes(examine_session(machine)), ElementsAre("(E-SESI-JARAK-JAUH"));
    machine.variables["XDG_SESSION_ID"] = "../sessions/c2";
    EXPECT_EQ(seat_of(machine), Seat::unknown) << "an id is a name, not a path";
}

TEST_F(Doctor, TheSessionsFolderMustBeOursAndClosed) {
    EXPECT_THAT(codes(examine_storage(machine)), ElementsAre("E-FOLDER-SESI-TIDAK-LAYAK")) << "not set";
    machine.variables = {{"XDG_RUNTIME_DIR", "/run/user/1000"}, {"HOME", "/home/jana"}};
    EXPECT_THAT(codes(examine_storage(machine)), ElementsAre("E-FOLDER-SESI-TIDAK-LAYAK")) << "not there";
    const auto folder = machine.at("/run/user/1000");
    std::filesystem::create_directories(folder);
    machine.uid = ::getuid();
    ::chmod(folder.c_str(), 0755);
    EXPECT_EQ(word(examine_storage(machine), "reason"), "is open to others");
    ::chmod(folder.c_str(), 0700);
    EXPECT_THAT(codes(examine_storage(machine)), IsEmpty());
    machine.uid = 1001;
    EXPECT_THAT(codes(examine_storage(machine)), ElementsAre("E-FOLDER-SESI-TIDAK-LAYAK"));
}

TEST_F(Doctor, AFullDiskIsAFaultAndAnAlmostFullOneANotice) {
    machine.uid = ::getuid();
    std::filesystem::create_directories(machine.at("/run/user/0"));
    ::chmod(machine.at("/run/user/0").c_str(), 0700);
    machine.variables = {{"XDG_RUNTIME_DIR", "/run/user/0"}, {"HOME", "/home/jana"}};
    machine.free = 100u << 20;
    EXPECT_THAT(codes(examine_storage(machine)), ElementsAre("(E-DISK-HAMPIR-PENUH"));
    machine.free = 3u << 20;
    EXPECT_THAT(codes(examine_storage(machine)), ElementsAre("E-DISK-HAMPIR-PENUH"));
    EXPECT_EQ(word(examine_storage(machine), "free"), "3 MiB");
}

TEST_F(Doctor, WhatTheAgentSaysIsJudged) {
    AgentAnswers agent;
    agent.status = boost::json::parse(R"({"agent":{"version":"0.1.0"},"tokens":[{"label":"A","pinState":"ok"},{"label":"B","pinState":"locked"},
        {"label":"C","pinState":"not-set"},{"label":"D","pinState":"final-try"},7]})")
                       .as_object();
    agent.certificates = boost::json::parse(R"({"certificates":[{"usable":true,"notAfter":"2026-12-01T08:00:00Z"},
        {"usable":false,"notAfter":"2026-12-01T08:00:00Z"},{"usable":true,"notAfter":"2027-12-01T08:00:00Z"},{"usable":true,"notAfter":"?"},{}]})")
                             .as_object();
    EXPECT_THAT(codes(examine_versions(agent, "0.1.0")), IsEmpty());
    EXPECT_THAT(codes(examine_versions(agent, "0.2.0")), ElementsAre("E-VERSI-BERBEDA"));
    EXPECT_THAT(codes(examine_tokens(agent)), ElementsAre("E-PASSPHRASE-TERKUNCI", "E-PASSPHRASE-HARUS-DIGANTI", "(E-PASSPHRASE-TINGGAL-SATU"));
    const auto soon = examine_expiry(agent, machine.time);
    EXPECT_THAT(codes(soon), ElementsAre("(E-SERTIFIKAT-SEGERA-HABIS"));
    EXPECT_EQ(word(soon, "days"), "10");
    EXPECT_THAT(codes(examine_versions({}, "0.1.0")), IsEmpty()) << "an empty answer is judged without falling over it";
}

TEST_F(Doctor, EverySentenceIsFilledInBothLanguages) {
    machine.plug_in("1-2", "1050", "0407");
    machine.plug_in("1-3", "dead", "beef");
    machine.closed = {"/dev/bus/usb/001/005"};
    machine.free = 1;
    machine.clock_state = ClockState::unsynchronised;
    machine.variables = {{"SSH_CONNECTION", "x"}, {"HOME", "/h"}};
    machine.write("/proc/self/exe", elf(ELFCLASS64, EM_X86_64));
    machine.write("/lib/old.so", elf(ELFCLASS32, EM_386));
    machine.write("/lib/text.so", "GROUP ( libfoo.so.1 ) and more than twenty bytes");
    for (unsigned port = 17845; port <= 17849; ++port) listener(port, 1001, "4000" + std::to_string(port));
    const auto devices = usb_devices(machine);
    AgentAnswers agent;
    agent.status = boost::json::parse(R"({"agent":{"version":"0.1.0"},"tokens":[{"label":"A","pinState":"locked"},
        {"label":"B","pinState":"to-be-changed"},{"label":"C","pinState":"final-try"}]})")
                       .as_object();
    agent.certificates = boost::json::parse(R"({"certificates":[{"usable":true,"notAfter":"2026-12-01T08:00:00Z"}]})").as_object();
    Findings all;
    const auto add = [&](const Findings& more) { all.insert(all.end(), more.begin(), more.end()); };
    add(examine_usb(machine, devices, {}));
    add(examine_card_service(machine, devices));
    add(examine_modules(machine, {{"old", "/lib/old.so"}, {"text", "/lib/text.so"}}));
    add(examine_clock(machine, machine.time + std::chrono::hours(1)));
    add(examine_ports(machine, false));
    add(examine_session(machine));
    add(examine_versions(agent, "0.2.0"));
    add(examine_tokens(agent));
    add(examine_expiry(agent, machine.time));
    add(examine_storage(machine)); // not set
    machine.variables["XDG_RUNTIME_DIR"] = "/run/user/1000";
    add(examine_storage(machine)); // not there
    std::filesystem::create_directories(machine.at("/run/user/1000"));
    machine.uid = ::getuid() + 1;
    add(examine_storage(machine)); // another's
    machine.uid = ::getuid();
    ::chmod(machine.at("/run/user/1000").c_str(), 0755);
    add(examine_storage(machine)); // open to others
    machine.variables = {{"XDG_SESSION_ID", "7"}};
    machine.write("/run/systemd/sessions/7", "ACTIVE=0\nREMOTE=1\n");
    add(examine_session(machine));
    EXPECT_GE(all.size(), 22u);
    for (const auto& finding : all) {
        for (const auto language : {Language::indonesian, Language::english})
            for (const auto& text : {finding.error.sentence(language), finding.error.remedy(language)}) {
                EXPECT_FALSE(text.empty());
                EXPECT_EQ(text.find_first_of("{?"), std::string::npos) << text;
            }
        for (const auto& text : {finding.error.sentence(Language::indonesian), finding.error.remedy(Language::indonesian)})
            EXPECT_THAT(test::english_in(text), IsEmpty()) << text;
        EXPECT_NE(finding.error.sentence(Language::indonesian), finding.error.sentence(Language::english));
    }
}

TEST(ThisMachine, SaysWhatIsSo) {
    const ThisMachine machine;
    EXPECT_EQ(machine.user(), ::getuid());
    EXPECT_NE(elf_kind(bytes_of(machine.text("/proc/self/exe", 20).value_or(""))), "");
    EXPECT_GT(machine.free_bytes("/").value_or(0), 0u);
    EXPECT_FALSE(machine.free_bytes("/no/such/place").has_value());
    EXPECT_EQ(machine.text("/proc/self/exe", 20)->size(), 20u);
    EXPECT_FALSE(machine.text("/no/such/file").has_value());
    const test::ScratchFolder scratch;
    const auto path = scratch.path() / "s.sock";
    EXPECT_FALSE(machine.listens(path));
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_FALSE(machine.listens(path)) << "a socket's file alone is nobody";
    ASSERT_EQ(::listen(fd, 1), 0);
    EXPECT_TRUE(machine.listens(path));
    ::close(fd);
}

} // namespace
} // namespace jk::doctor
