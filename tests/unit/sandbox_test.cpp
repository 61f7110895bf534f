// What agent, worker and a document's life can still do once they have put their filters on. Each attempt is a process of its own, because
// there is no way back.
#include "sandbox/filters.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace jk::sandbox {
namespace {

constexpr int not_confined = 255;

/// errno of an attempt by a process that has confined itself as agent or worker, 0 when it was let through.
template <class Confine, class Attempt> int fault_after(Confine confine, Attempt attempt) {
    const pid_t pid = fork();
    if (pid == 0) {
        if (!confine()) _exit(not_confined);
        _exit(attempt() == 0 ? 0 : errno);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : not_confined;
}

int execute() {
    char name[] = "/bin/true";
    char* const argv[] = {name, nullptr};
    return execv(name, argv);
}

int open_socket(int family) { return static_cast<int>(syscall(SYS_socket, family, SOCK_STREAM, 0)) < 0 ? -1 : 0; }

/// A socket that was open before, as an attacker inside would find them.
int connect_with(int fd) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    return connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to);
}

class Filters : public testing::Test {
protected:
    void SetUp() override {
#ifdef JURUKUNCI_SANITIZED
        GTEST_SKIP() << "sanitizers need what the filters forbid; the other builds test this";
#endif
    }
};

TEST_F(Filters, TheAgentStartsNothingConnectsNowhereAndLooksIntoNobody) {
    const auto confined = [](auto attempt) { return fault_after(confine_agent, attempt); };
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(confined(execute), EPERM);
    EXPECT_EQ(confined([] { return static_cast<int>(syscall(SYS_execveat, AT_FDCWD, "/bin/true", nullptr, nullptr, 0)); }), EPERM);
    for (const int family : {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK}) EXPECT_EQ(confined([=] { return open_socket(family); }), EPERM) << family;
    EXPECT_EQ(confined([=] { return connect_with(fd); }), EPERM);
    EXPECT_EQ(confined([] { return static_cast<int>(syscall(SYS_ptrace, PTRACE_ATTACH, getppid(), 0, 0)); }), EPERM);
    EXPECT_EQ(confined([] { return static_cast<int>(syscall(SYS_process_vm_readv, getppid(), nullptr, 0, nullptr, 0, 0)); }), EPERM);
    EXPECT_EQ(confined([] { return static_cast<int>(syscall(SYS_io_uring_setup, 0, nullptr)); }), EPERM);
    EXPECT_EQ(confined([] { return unshare(CLONE_NEWUSER); }), EPERM);
    EXPECT_EQ(confined([] {
                  int pair[2];
                  return socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
              }),
              0)
        << "that is how children are reached";
    // Without the filter the same calls are not forbidden: none of them answers EPERM by itself.
    const auto free = [](auto attempt) { return fault_after([] { return done(); }, attempt); };
    EXPECT_EQ(free(execute), 0);
    EXPECT_EQ(free([] { return open_socket(AF_INET); }), 0);
    EXPECT_NE(free([=] { return connect_with(fd); }), EPERM);
    close(fd);
}

TEST_F(Filters, TheWatcherOpensNoSocketWritesNoFileSignalsNobodyAndStartsNothing) {
    const auto confined = [](auto attempt) { return fault_after(confine_watch, attempt); };
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(confined(execute), EPERM);
    for (const int family : {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK}) EXPECT_EQ(confined([=] { return open_socket(family); }), EPERM) << family;
    EXPECT_EQ(confined([=] { return connect_with(fd); }), EPERM);
    for (const int mode : {O_WRONLY, O_RDWR}) {
        EXPECT_EQ(confined([=] { return open("/dev/null", mode) < 0 ? -1 : 0; }), EPERM) << mode;
        EXPECT_EQ(fault_after([] { return done(); }, [=] { return open("/dev/null", mode) < 0 ? -1 : 0; }), 0) << "not by itself";
    }
    EXPECT_EQ(confined([] { return open("/dev/null", O_RDONLY) < 0 ? -1 : 0; }), 0) << "what the system says of a device is read";
    EXPECT_EQ(confined([] { return kill(getppid(), 0); }), EPERM);
}

TEST_F(Filters, TheWorkerHasNoNetworkAndStartsNothing) {
    const auto confined = [](auto attempt) { return fault_after(confine_worker, attempt); };
    EXPECT_EQ(confined(execute), EPERM);
    for (const int family : {AF_INET, AF_INET6, AF_PACKET, AF_VSOCK, AF_BLUETOOTH})
        EXPECT_EQ(confined([=] { return open_socket(family); }), EPERM) << family;
    EXPECT_EQ(confined([] { return open_socket(AF_UNIX); }), 0) << "pcscd is behind one";
    EXPECT_EQ(confined([] { return static_cast<int>(syscall(SYS_ptrace, PTRACE_ATTACH, getppid(), 0, 0)); }), EPERM);
}

TEST_F(Filters, TheWorkerSignalsNobodyButItself) {
    const auto confined = [](auto attempt) { return fault_after(confine_worker, attempt); };
    const auto by_call = [](auto... arguments) { return static_cast<int>(syscall(arguments...)); };
    EXPECT_EQ(confined([] { return kill(getppid(), 0); }), EPERM);
    EXPECT_EQ(confined([] { return kill(0, 0); }), EPERM) << "its group is the agent's";
    EXPECT_EQ(confined([] { return kill(-1, 0); }), EPERM);
    EXPECT_EQ(confined([=] { return by_call(SYS_tgkill, getppid(), getppid(), 0); }), EPERM);
    EXPECT_EQ(confined([=] { return by_call(SYS_tkill, getppid(), 0); }), EPERM);
    EXPECT_EQ(confined([=] { return by_call(SYS_pidfd_send_signal, -1, 0, nullptr, 0); }), EPERM);
    EXPECT_EQ(confined([] { return kill(getpid(), 0); }), 0);
    EXPECT_EQ(confined([=] { return by_call(SYS_tgkill, getpid(), getpid(), 0); }), 0) << "abort() works";
    EXPECT_EQ(fault_after([] { return done(); }, [] { return kill(getppid(), 0); }), 0) << "not by itself";
}

/// waitpid's status of a process that confines itself and then tries something; it exits with what the attempt returns.
template <class Attempt> int status_of(Attempt attempt) {
    const auto filter = DocumentFilter::build();
    if (!filter) return -1;
    const pid_t pid = fork();
    if (pid == 0) {
        if (!filter->put_on()) _exit(not_confined);
        _exit(attempt());
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return status;
}

/// errno of the attempt, 0 when it was let through.
template <class Attempt> int fault_of(Attempt attempt) {
    const int status = status_of([&] { return attempt() == 0 ? 0 : errno; });
    return WIFEXITED(status) ? WEXITSTATUS(status) : not_confined;
}

class DocumentLife : public testing::Test {
protected:
    void SetUp() override {
#ifdef JURUKUNCI_SANITIZED
        GTEST_SKIP() << "sanitizers need what the filters forbid; the other builds test this";
#endif
    }
};

TEST_F(DocumentLife, SignalsNoProcessNotEvenItself) {
    const pid_t test = getpid();
    EXPECT_EQ(fault_of([&] { return static_cast<int>(syscall(SYS_tgkill, test, test, 0)); }), EPERM);
    EXPECT_EQ(fault_of([&] { return static_cast<int>(syscall(SYS_tkill, test, 0)); }), EPERM);
    EXPECT_EQ(fault_of([&] { return ::kill(test, 0); }), EPERM);
    EXPECT_EQ(fault_of([] { return static_cast<int>(syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGTERM)); }), EPERM);
}

TEST_F(DocumentLife, CannotBlockOrCatchSignals) {
    EXPECT_EQ(fault_of([] {
                  sigset_t all;
                  sigfillset(&all);
                  return sigprocmask(SIG_SETMASK, &all, nullptr);
              }),
              EPERM);
    EXPECT_EQ(fault_of([] { return std::signal(SIGALRM, SIG_IGN) == SIG_ERR ? -1 : 0; }), EPERM);
}

TEST_F(DocumentLife, EndsWhenTheLibraryAborts) {
    const int status = status_of([] {
        std::abort();
        return 0;
    });
    EXPECT_TRUE(WIFSIGNALED(status)) << status;
}

TEST_F(DocumentLife, OpensNothingAndStartsNothing) {
    EXPECT_EQ(fault_of([] { return ::access("/etc/passwd", R_OK); }), EPERM);
    EXPECT_EQ(fault_of([] { return static_cast<int>(syscall(SYS_openat, AT_FDCWD, "/etc/passwd", 0)) < 0 ? -1 : 0; }), EPERM);
    EXPECT_EQ(fault_of([] { return static_cast<int>(syscall(SYS_socket, 1, 1, 0)) < 0 ? -1 : 0; }), EPERM);
    EXPECT_EQ(fault_of([] { return fork() < 0 ? -1 : 0; }), EPERM);
}

} // namespace
} // namespace jk::sandbox
