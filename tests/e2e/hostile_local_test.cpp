// What other users and other programs of this computer try: the port, the files, the memory, the log. Numbers are those of
// docs/security-checklist.md.
#include "tests/support/hand_prompter.hpp"
#include "tests/support/judges.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/raw_page.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <regex>
#include <sstream>
#include <thread>

namespace jk::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

const std::string as_nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups ";

std::string hello_by_shell(unsigned short port) {
    return "bash -c 'exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(port) +
           " && printf \"GET /v1/hello HTTP/1.1\\r\\nHost: 127.0.0.1:" + std::to_string(port) +
           "\\r\\nOrigin: https://eoffice.example\\r\\nConnection: close\\r\\n\\r\\n\" >&3 && timeout 5 cat <&3'";
}

// ── who is at the other end ──

/// The agent of a user without any privileges, as it is in life. Needs root to become one.
class NobodysAgent {
public:
    NobodysAgent() : site(TestSite::create(m_folder.path() / "site")) {
        for (const char* name : {"jurukuncid", "jurukunci-watch", "jurukunci-worker", "jurukunci-document",
                                 "jurukunci-test-prompter"}) // the build may be closed to others
            fs::copy_file(program(name), m_folder.path() / name);
        run_command("chown -R 65534:65534 " + quoted(m_folder.path()));
        agent.emplace(start({"jurukuncid", "--port", "0"}, "agent.log"));
        if (!agent->says("listens on 127.0.0.1:")) throw std::runtime_error(agent->output());
        std::ifstream(site.folder() / "run/jurukunci/port") >> port;
    }
    Process start(std::vector<std::string> arguments, const std::string& log) const {
        arguments.front() = (m_folder.path() / arguments.front()).string();
        arguments.insert(arguments.begin(), {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
        return Process::start(arguments, site.environment(), m_folder.path() / log);
    }

private:
    ScratchFolder m_folder;

public:
    TestSite site;
    std::optional<Process> agent;
    unsigned short port = 0;
};

TEST(Peers, RootIsResetWhereTheAgentIsAnotherUsers) {
    if (geteuid() != 0) GTEST_FAIL() << "this test changes the user with setpriv and must run as root";
    const NobodysAgent t;
    const auto root = run_command(hello_by_shell(t.port));
    EXPECT_EQ(root.text.find("HTTP/1.1"), std::string::npos) << root.text;
    EXPECT_TRUE(t.agent->says("E-BUKAN-SESI-PEMILIK"));
    EXPECT_NE(run_command(as_nobody + hello_by_shell(t.port)).text.find("HTTP/1.1 200"), std::string::npos) << "its owner's own request works";
    // The control door: root could open the folder, and is not the owner there either. A frame of {"call":"status"}, as docs/protocol says.
    const auto ask_control = [&](const std::string& as) {
        return run_command(
                   as + "/usr/bin/python3 -c 'import socket, struct; s = socket.socket(socket.AF_UNIX); s.connect(\"" +
                   t.site.control_socket().string() +
                   "\"); body = b\"{\\\"call\\\":\\\"status\\\"}\"; s.sendall(struct.pack(\"<II\", len(body), 0) + body); print(s.recv(4096))'")
            .text;
    };
    EXPECT_NE(ask_control(as_nobody).find("prompter"), std::string::npos) << ask_control(as_nobody);
    EXPECT_EQ(ask_control("").find("prompter"), std::string::npos) << ask_control("");
}

TEST(Peers, AnotherUserReachesNoneOfTheLocalSocketsAndFiles) {
    if (geteuid() != 0) GTEST_FAIL() << "this test changes the user with setpriv and must run as root";
    RawPage t({}, {});
    t.upload(letter("nota-dinas.pdf"));
    // The test's own folders are opened, so that only the agent's own modes are left to keep others out.
    for (const auto& path : {t.folder(), t.site().folder(), t.site().folder() / "run", t.site().folder() / "state"}) chmod(path.c_str(), 0755);
    for (const auto& path : {t.site().folder() / "run/jurukunci", t.site().state(), t.site().folder() / "state/jurukunci"}) {
        struct stat status {};
        ASSERT_EQ(stat(path.c_str(), &status), 0) << path;
        EXPECT_EQ(status.st_mode & 0777, 0700u) << path;
        EXPECT_NE(run_command(as_nobody + "ls " + quoted(path)).exit_code, 0) << path;
    }
    EXPECT_NE(run_command(as_nobody + "/usr/bin/python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"" +
                          t.site().control_socket().string() + "\")'")
                  .exit_code,
              0);
    EXPECT_EQ(run_command(as_nobody + "ls " + quoted(t.site().folder())).exit_code, 0) << "the attack itself works";
}

// ── the ports ──

/// A network of its own for the calling process, with only a loopback; the old one comes back with the end. Needs root.
class PrivateNetwork {
public:
    PrivateNetwork() : m_before(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)) {
        ok = unshare(CLONE_NEWNET) == 0;
        const UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        ifreq request{};
        std::strncpy(request.ifr_name, "lo", sizeof request.ifr_name - 1);
        request.ifr_flags = IFF_UP | IFF_RUNNING;
        ok = ok && ioctl(fd.get(), SIOCSIFFLAGS, &request) == 0;
    }
    ~PrivateNetwork() { (void)!setns(m_before.get(), CLONE_NEWNET); }
    bool ok = false;

private:
    UniqueFd m_before;
};

struct Place {
    int family;
    bool any = false; ///< every address instead of loopback
};

/// A listening socket, or nothing where the kernel refuses it.
UniqueFd listen_at(const Place& place, unsigned short port, bool share) {
    UniqueFd fd(socket(place.family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (share) setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    sockaddr_storage storage{};
    socklen_t size = 0;
    if (place.family == AF_INET6) {
        auto& address = reinterpret_cast<sockaddr_in6&>(storage);
        address.sin6_family = AF_INET6;
        address.sin6_port = htons(port);
        if (!place.any) address.sin6_addr = in6addr_loopback;
        size = sizeof address;
        if (!place.any) setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    } else {
        auto& address = reinterpret_cast<sockaddr_in&>(storage);
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(place.any ? INADDR_ANY : INADDR_LOOPBACK);
        size = sizeof address;
    }
    if (bind(fd.get(), reinterpret_cast<sockaddr*>(&storage), size) != 0 || listen(fd.get(), 1) != 0) return UniqueFd();
    return fd;
}

constexpr Place places[] = {{AF_INET}, {AF_INET6}, {AF_INET, true}, {AF_INET6, true}};

TEST(Squatters, OnOneAddressOfAPortMakeTheAgentTakeTheNextOne) {
    if (geteuid() != 0) GTEST_FAIL() << "this test makes a network of its own and must run as root";
    for (const auto& place : places) {
        const PrivateNetwork network;
        ASSERT_TRUE(network.ok);
        const auto squatter = listen_at(place, 17845, false);
        ASSERT_TRUE(squatter);
        const ScratchFolder folder;
        const auto site = TestSite::create(folder.path() / "site");
        auto agent = Process::start({program("jurukuncid")}, site.environment(), folder.path() / "agent.log");
        ASSERT_TRUE(agent.says("listens on 127.0.0.1:17846")) << agent.output();
        const auto answer = run_command(hello_by_shell(17846));
        EXPECT_NE(answer.text.find("HTTP/1.1 200"), std::string::npos) << answer.text;
    }
}

TEST(Squatters, OnAllFivePortsEndTheStartAndAreNamed) {
    if (geteuid() != 0) GTEST_FAIL() << "this test makes a network of its own and must run as root";
    for (const auto& place : places) {
        const PrivateNetwork network;
        ASSERT_TRUE(network.ok);
        std::vector<UniqueFd> squatters;
        for (unsigned short port = 17845; port <= 17849; ++port) squatters.push_back(listen_at(place, port, false));
        for (const auto& squatter : squatters) ASSERT_TRUE(squatter);
        const ScratchFolder folder;
        const auto site = TestSite::create(folder.path() / "site");
        const auto ran = run_program({program("jurukuncid")}, site.environment(), folder.path());
        EXPECT_EQ(ran.exit_code, 5) << ran.output;
        EXPECT_NE(ran.output.find("E-PORT-TERPAKAI"), std::string::npos) << ran.output;
        EXPECT_NE(ran.output.find("17845–17849"), std::string::npos) << ran.output;
        EXPECT_NE(ran.output.find("(pid " + std::to_string(getpid())), std::string::npos) << ran.output;
    }
}

TEST(Squatters, CannotShareAPortThatTheAgentHas) {
    if (geteuid() != 0) GTEST_FAIL() << "this test makes a network of its own and must run as root";
    const PrivateNetwork network;
    ASSERT_TRUE(network.ok);
    RawPage t({}, {});
    for (const auto& place : places)
        for (const bool share : {false, true}) EXPECT_FALSE(listen_at(place, t.port(), share)) << place.family << place.any << share;
    EXPECT_TRUE(t.is_well());
}

// ── memory ──

/// Everything a program of the same user without privileges can try against `pid`; what each attempt gave, 0 for success.
json::object attacks_on(int pid) {
    static const std::string script = R"PY(
import ctypes, errno, json, os, sys
pid = int(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
out = {}
def opened(name, how):
    try: os.close(os.open(f"/proc/{pid}/{name}", how)); return 0
    except OSError as e: return e.errno
def called(result): return 0 if result >= 0 else ctypes.get_errno()
out["mem"] = opened("mem", os.O_RDWR)
out["maps"] = opened("maps", os.O_RDONLY)
out["environ"] = opened("environ", os.O_RDONLY)
try: out["fd"] = 0 if os.listdir(f"/proc/{pid}/fd") else -1
except OSError as e: out["fd"] = e.errno
ctypes.set_errno(0)
class iovec(ctypes.Structure): _fields_ = [("base", ctypes.c_void_p), ("len", ctypes.c_size_t)]
buffer = ctypes.create_string_buffer(16)
local = iovec(ctypes.addressof(buffer), 16); remote = iovec(0x1000, 16)
result = libc.process_vm_readv(pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0)
out["process_vm_readv"] = 0 if result >= 0 or ctypes.get_errno() == errno.EFAULT else ctypes.get_errno()
pidfd = os.pidfd_open(pid)
out["pidfd_getfd"] = called(libc.syscall(438, pidfd, 0, 0))
ctypes.set_errno(0)
out["ptrace"] = called(libc.ptrace(16, pid, None, None)) # PTRACE_ATTACH
if out["ptrace"] == 0:
    os.waitpid(pid, 0x40000000); libc.ptrace(17, pid, None, None)
print(json.dumps(out))
)PY";
    const ScratchFolder folder;
    std::ofstream(folder.path() / "attack.py") << script;
    chmod(folder.path().c_str(), 0755);
    const auto said = run_command(as_nobody + "/usr/bin/python3 " + quoted(folder.path() / "attack.py") + " " + std::to_string(pid));
    boost::system::error_code ec;
    const auto value = json::parse(said.text, ec);
    if (ec) throw std::runtime_error("the attack did not run: " + said.text);
    return value.as_object();
}

TEST(Memory, OfNoneOfOurProcessesCanBeReadByAProgramOfTheSameUser) {
#ifdef JURUKUNCI_SANITIZED
    GTEST_SKIP() << "sanitizer builds stay dumpable; the other builds test this";
#endif
    if (geteuid() != 0) GTEST_FAIL() << "this test becomes another user with setpriv and must run as root";
    const NobodysAgent t;
    const auto prompter = t.start({"jurukunci-test-prompter", "--pin-file", t.site.pin_file().string(), "yes"}, "prompter.log");
    ASSERT_TRUE(prompter.says("registered")) << prompter.output();
    const auto found = [&] { return descendants(t.agent->pid()); };
    for (int i = 0; i < 500 && found().size() < 5; ++i) std::this_thread::sleep_for(10ms);
    auto pids = found();
    EXPECT_GE(pids.size(), 5u) << "launcher, worker, document program and two lives that wait";
    pids.push_back(t.agent->pid());
    pids.push_back(prompter.pid());
    for (const int pid : pids)
        for (const auto& [attack, fault] : attacks_on(pid))
            EXPECT_TRUE(fault.as_int64() == EPERM || fault.as_int64() == EACCES) << name_of_process(pid) << " " << attack << " " << fault;
    // The same attacks on a process of that user which protects nothing.
    const ScratchFolder folder;
    auto plain = Process::start({"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sleep", "60"}, {}, folder.path() / "log");
    while (name_of_process(plain.pid()) != "sleep") std::this_thread::sleep_for(5ms);
    for (const auto& [attack, fault] : attacks_on(plain.pid())) EXPECT_EQ(fault.as_int64(), 0) << attack;
}

TEST(Memory, NoCoreIsLeftOfAnyOfOurProcesses) {
#ifdef JURUKUNCI_SANITIZED
    GTEST_SKIP() << "a sanitizer answers SIGSEGV itself; the other builds test this";
#endif
    const ScratchFolder folder;
    const auto site = TestSite::create(folder.path() / "site");
    // Started as a shell of somebody who wants cores would start it. True when a core was written.
    const auto start = [&](const std::vector<std::string>& arguments) {
        const pid_t pid = fork();
        if (pid != 0) return pid;
        const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
        setrlimit(RLIMIT_CORE, &all);
        (void)!chdir(folder.path().c_str());
        for (const auto& entry : site.environment()) putenv(strdup(entry.c_str()));
        const int log = open("agent.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        dup2(log, 1);
        dup2(log, 2);
        std::vector<char*> argv;
        for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
        argv.push_back(nullptr);
        execvp(argv[0], argv.data());
        _exit(127);
    };
    const auto dumped = [](pid_t pid) {
        kill(pid, SIGSEGV);
        int status = 0;
        waitpid(pid, &status, 0);
        EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV) << status;
        return WCOREDUMP(status) != 0;
    };
    const auto plain = start({"sleep", "60"});
    while (name_of_process(plain) != "sleep") std::this_thread::sleep_for(5ms);
    ASSERT_TRUE(dumped(plain)) << "this system writes no cores at all, so that this test would show nothing (/proc/sys/kernel/core_pattern)";
    for (const auto& entry : fs::directory_iterator(folder.path()))
        if (entry.path().filename().string().starts_with("core")) fs::remove(entry.path());

    const auto agent = start({program("jurukuncid"), "--port", "0"});
    const auto children = [&] {
        auto all = descendants(agent);
        return all.size() >= 3 ? all : std::vector<int>();
    };
    for (int i = 0; i < 500 && children().empty(); ++i) std::this_thread::sleep_for(10ms);
    const auto found = children();
    ASSERT_GE(found.size(), 3u) << "launcher, worker, document program";
    for (auto pid = found.rbegin(); pid != found.rend(); ++pid) kill(*pid, SIGSEGV);
    EXPECT_FALSE(dumped(agent));
    for (const int pid : found)
        for (int i = 0; i < 200 && kill(pid, 0) == 0; ++i) std::this_thread::sleep_for(10ms);
    for (const auto& entry : fs::directory_iterator(folder.path()))
        EXPECT_FALSE(entry.path().filename().string().starts_with("core")) << entry.path();
}

// ── the log ──

TEST(Logs, HoldOneLineForEachEventWhateverItIsCalled) {
    SiteWish wish;
    wish.token.label = "Jana\nFAKE token";
    wish.raw_hashes = true;
    RawPage t(wish);
    const std::string forged = "x\r\n2026-01-01T00:00:00.000Z info FAKE {\"signed\":true}";
    t.raw("GET /v1/\xe2\x80\xae"
          "FAKE%0d%0aFAKE\xc2\x85 HTTP/1.1\r\nHost: " +
          t.host() +
          "\r\nOrigin: https://evil.example\xe2\x80\xa8"
          "FAKE\r\n\r\n");
    t.raw("GET /v1/hello HTTP/1.1\r\nHost: FAKE\xc2\x9b"
          "2J\r\nOrigin: a\r\n\r\n");
    t.raw(t.head("GET /v1/hello", "X-A: b\tFAKE\r\nSec-Fetch-Mode: FAKE\xe2\x80\xa9\r\n") + "\r\n");
    json::array items{json::object{{"name", forged}, {"documentId", t.upload(letter("nota-dinas.pdf"))}}};
    t.sign(t.sign_request(items));
    items[0].as_object()["documentId"] = "d_\nFAKE";
    t.post_json("/v1/signatures", json::serialize(t.sign_request(items)));
    t.post_json("/v1/signatures", json::serialize(json::object{{"x\nFAKE", 1}}));
    const auto odd = t.folder() / "FAKE\nFAKE.pdf";
    fs::copy_file(letter("nota-dinas.pdf"), odd);
    t.cli({"sign", odd.string(), "-o", (t.folder() / "out.pdf").string()});
    HandPrompter::say_once(t, "\nFAKE");
    t.agent().signal(SIGTERM);
    ASSERT_EQ(t.agent().wait(10'000), 0);
    std::istringstream log(t.agent().output());
    static const std::regex form(R"(^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\S+ (trace|debug|info|warning|error|critical) .*)");
    int lines = 0;
    for (std::string line; std::getline(log, line); ++lines) {
        EXPECT_TRUE(std::regex_match(line, form)) << "a line that we did not begin: " << line;
        for (const char c : line) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) << line;
        for (const char* hidden : {"\xe2\x80\xae", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xc2\x85", "\xc2\x9b"})
            EXPECT_EQ(line.find(hidden), std::string::npos) << line;
    }
    EXPECT_GT(lines, 5);
    EXPECT_NE(t.agent().output().find("FAKE"), std::string::npos) << "the events themselves are told";
    // Where the agent cannot start it says why in the same way.
    const ScratchFolder folder;
    const auto odd_folder = folder.path() / "etc\nFAKE";
    fs::create_directories(odd_folder);
    const auto ran = run_program(
        {program("jurukuncid"), "--port", "0"},
        {"JURUKUNCI_SYSCONFDIR=" + odd_folder.string(), "XDG_STATE_HOME=" + folder.path().string(), "XDG_RUNTIME_DIR=" + folder.path().string()},
        folder.path());
    EXPECT_EQ(ran.exit_code, 5);
    EXPECT_EQ(ran.output.find("\nFAKE"), std::string::npos) << ran.output;
}

// ── files in the way ──

/// Starts the agent on `site` once; its exit code and what it said. An agent that starts is ended.
Ran start_once(const TestSite& site, const fs::path& scratch, const std::vector<std::string>& more = {}) {
    auto environment = site.environment();
    environment.insert(environment.end(), more.begin(), more.end());
    static int number = 0;
    auto agent = Process::start({program("jurukuncid"), "--port", "0"}, environment, scratch / ("start-" + std::to_string(++number) + ".log"));
    for (int i = 0; i < 1000; ++i) {
        if (const auto code = agent.wait(10)) return {*code, agent.output()};
        if (agent.output().find("listens on") != std::string::npos) break;
    }
    agent.signal(SIGTERM);
    agent.wait(10'000);
    return {0, agent.output()};
}

TEST(Symlinks, InTheAgentsFoldersAreRefusedAndNeverFollowed) {
    const ScratchFolder folder;
    const auto site = TestSite::create(folder.path() / "site");
    ASSERT_EQ(start_once(site, folder.path()).exit_code, 0);
    const auto victim = folder.path() / "victim";
    const auto state = site.folder() / "state/jurukunci", runtime = site.folder() / "run/jurukunci";
    for (const auto& path : {state / "uji/lock", state / "uji/audit.db", state / "uji/device.key", runtime / "lock"}) {
        std::ofstream(victim) << "untouched";
        chmod(victim.c_str(), 0600);
        fs::rename(path, folder.path() / "aside");
        fs::create_symlink(victim, path);
        const auto ran = start_once(site, folder.path());
        EXPECT_EQ(ran.exit_code, 5) << path << ran.output;
        std::ifstream in(victim);
        std::string text;
        std::getline(in, text);
        EXPECT_EQ(text, "untouched") << path;
        fs::remove(path);
        fs::rename(folder.path() / "aside", path);
        ASSERT_EQ(start_once(site, folder.path()).exit_code, 0) << path;
    }
    for (const auto& path : {state, state / "uji", runtime}) {
        fs::rename(path, folder.path() / "aside");
        fs::create_directory_symlink(folder.path() / "aside", path);
        const auto ran = start_once(site, folder.path());
        EXPECT_EQ(ran.exit_code, 5) << path << ran.output;
        EXPECT_NE(ran.output.find("is not a folder"), std::string::npos) << ran.output;
        fs::remove(path);
        fs::rename(folder.path() / "aside", path);
    }
    // What the agent writes anew takes the place of a link, it does not go where it points.
    for (const auto& path : {runtime / "port", runtime / "control.sock"}) {
        std::ofstream(victim) << "untouched";
        fs::remove(path);
        fs::create_symlink(victim, path);
        auto agent = Process::start({program("jurukuncid"), "--port", "0"}, site.environment(), folder.path() / "agent.log");
        for (int i = 0; i < 500 && fs::is_symlink(path); ++i) std::this_thread::sleep_for(10ms);
        EXPECT_FALSE(fs::is_symlink(path)) << path;
        std::ifstream in(victim);
        std::string text;
        std::getline(in, text);
        EXPECT_EQ(text, "untouched") << path;
        agent.signal(SIGTERM);
        agent.wait(10'000);
    }
    EXPECT_EQ(start_once(site, folder.path()).exit_code, 0);
}

TEST(Configuration, OfOthersOrOpenToOthersStopsTheStart) {
    if (geteuid() != 0) GTEST_FAIL() << "this test gives files to another user and must run as root";
    const ScratchFolder folder;
    const auto site = TestSite::create(folder.path() / "site");
    const auto etc = site.configuration();
    ASSERT_EQ(start_once(site, folder.path()).exit_code, 0);
    for (const auto& path :
         {etc, etc / "profile.yaml", etc / "pekalongan-98-2018.yaml", etc / "anchors", etc / "anchors/root.pem", etc / "modules.d"}) {
        struct stat before {};
        ASSERT_EQ(stat(path.c_str(), &before), 0) << path;
        for (const mode_t more : {020u, 002u}) {
            chmod(path.c_str(), (before.st_mode & 0777) | more);
            const auto ran = start_once(site, folder.path());
            EXPECT_EQ(ran.exit_code, 5) << path << ran.output;
            EXPECT_NE(ran.output.find("is writable by others"), std::string::npos) << ran.output;
        }
        chmod(path.c_str(), before.st_mode & 0777);
        ASSERT_EQ(chown(path.c_str(), 65534, 0), 0);
        const auto ran = start_once(site, folder.path());
        EXPECT_EQ(ran.exit_code, 5) << path << ran.output;
        EXPECT_NE(ran.output.find("belongs to uid 65534"), std::string::npos) << ran.output;
        ASSERT_EQ(chown(path.c_str(), 0, 0), 0);
    }
    fs::rename(etc / "profile.yaml", etc / "true.yaml");
    fs::create_symlink("true.yaml", etc / "profile.yaml");
    EXPECT_EQ(start_once(site, folder.path()).exit_code, 5) << "a link may lead anywhere tomorrow";
}

TEST(Configuration, InTheUsersOwnFoldersAddsNoOrigin) {
    const ScratchFolder home;
    SiteWish wider;
    wider.applications = {{"https://eoffice.example"}, {"https://evil.example"}};
    const auto other = TestSite::create(home.path() / "other", wider);
    fs::create_directories(home.path() / ".config");
    for (const char* place : {".config/jurukunci", "jurukunci", ".jurukunci"})
        fs::copy(other.configuration(), home.path() / place, fs::copy_options::recursive);
    const auto site = TestSite::create(home.path() / "site");
    auto environment = site.environment();
    for (const auto& entry :
         {"HOME=" + home.path().string(), "XDG_CONFIG_HOME=" + (home.path() / ".config").string(), "XDG_CONFIG_DIRS=" + home.path().string()})
        environment.push_back(entry);
    auto agent = Process::start({program("jurukuncid"), "--port", "0"}, environment, home.path() / "agent.log");
    ASSERT_TRUE(agent.says("listens on")) << agent.output();
    unsigned short port = 0;
    std::ifstream(site.folder() / "run/jurukunci/port") >> port;
    const auto status = [&](const std::string& origin) {
        RawConnection connection(port);
        connection.send("GET /v1/hello HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\nOrigin: " + origin + "\r\n\r\n");
        return connection.receive(5).status;
    };
    EXPECT_EQ(status("https://eoffice.example"), 200);
    EXPECT_EQ(status("https://evil.example"), 403);
}

TEST(Configuration, ThatIsInstalledCannotBeExchangedByAVariable) {
    if (geteuid() != 0) GTEST_FAIL() << "this test hides /etc from itself and must run as root";
    const ScratchFolder folder;
    const auto site = TestSite::create(folder.path() / "site");
    std::string command = "env";
    for (const auto& entry : site.environment()) command += " " + quoted(fs::path(entry));
    // An /etc of its own, with a profile that cannot be read: the error names the folder that counted.
    const auto ran = run_command(
        "unshare -m sh -c 'mount -t tmpfs none /etc && mkdir /etc/jurukunci && echo \"environment: none\" > /etc/jurukunci/profile.yaml && " +
        command + " " + program("jurukuncid") + " --port 0'");
    EXPECT_EQ(ran.exit_code, 5) << ran.text;
    EXPECT_NE(ran.text.find("environment must be uji or produksi"), std::string::npos) << ran.text;
}

TEST(ModulePaths, ComeFromTheConfigurationOnlyAndNotFromWhatOthersCanExchange) {
    if (geteuid() != 0) GTEST_FAIL() << "this test gives files to another user and must run as root";
    const ScratchFolder folder;
    const auto site = TestSite::create(folder.path() / "site");
    const auto library = folder.path() / "lib/module.so";
    fs::create_directories(library.parent_path());
    const auto reset = [&] {
        fs::remove(library);
        fs::copy_file(JURUKUNCI_UNRULY_MODULE, library);
        chmod(library.c_str(), 0755);
        chmod(library.parent_path().c_str(), 0755);
        (void)!chown(library.c_str(), 0, 0);
    };
    // True when the module was loaded: it writes to its log from the first call on.
    const auto loads = [&](const std::string& path, mode_t mode = 0600, uid_t owner = 0) {
        fs::remove(site.unruly_log());
        const auto file = site.configuration() / "modules.d/softhsm.yaml";
        std::ofstream(file) << "name: softhsm\npath: \"" << path << "\"\nenvironment:\n  SOFTHSM2_CONF: " << site.token().conf()
                            << "\n  UNRULY_LOG: " << site.unruly_log().string() << "\n";
        chmod(file.c_str(), mode);
        EXPECT_EQ(chown(file.c_str(), owner, 0), 0);
        fs::remove(folder.path() / "agent.log"); // or the words of the agent before would be taken for this one's
        auto agent = Process::start({program("jurukuncid"), "--port", "0"}, site.environment(), folder.path() / "agent.log");
        EXPECT_TRUE(agent.says("listens on")) << agent.output();
        (void)run_program({program("jurukunci"), "status"}, site.environment(), folder.path()); // answered after the tokens were looked for
        agent.signal(SIGTERM);
        agent.wait(10'000);
        return fs::exists(site.unruly_log());
    };
    reset();
    EXPECT_TRUE(loads(library.string())) << "as it should be";
    EXPECT_FALSE(loads(library.string(), 0620)) << "a file of modules.d that others may write";
    EXPECT_FALSE(loads(library.string(), 0602));
    EXPECT_FALSE(loads(library.string(), 0600, 65534)) << "another user's file of modules.d";
    chmod(library.c_str(), 0775);
    EXPECT_FALSE(loads(library.string())) << "group-writable";
    reset();
    (void)!chown(library.c_str(), 65534, 0);
    EXPECT_FALSE(loads(library.string())) << "another user's";
    reset();
    chmod(library.parent_path().c_str(), 0777);
    EXPECT_FALSE(loads(library.string())) << "in a folder where anybody can put another one";
    fs::create_symlink(library, folder.path() / "link.so");
    EXPECT_FALSE(loads((folder.path() / "link.so").string())) << "a link into it";
    reset();
    EXPECT_FALSE(loads("lib/module.so")) << "relative";
    EXPECT_FALSE(loads((folder.path() / "nothing.so").string()));
    // No request names one.
    RawPage t({}, {});
    const auto document = t.upload(letter("nota-dinas.pdf"));
    for (const std::string field : {"module", "library", "path", "modulePath"}) {
        json::array items{json::object{{"name", "a"}, {"documentId", document}}};
        auto request = t.sign_request(items);
        request[field] = library.string();
        EXPECT_EQ(t.post_json("/v1/signatures", json::serialize(request)).error_code(), "E-KOLOM-TIDAK-DIKENAL") << field;
    }
}

} // namespace
} // namespace jk::test
