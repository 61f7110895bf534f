// What a document's life can still do once it has put its filter on. Each attempt is a process of its own, because there is no way back.
#include "sandbox/filters.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace jk::sandbox {
namespace {

constexpr int not_confined = 255;

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
