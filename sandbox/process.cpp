#include "sandbox/process.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace jk::sandbox {
namespace {

void set_limit(int resource, rlim_t value) {
    const rlimit both{value, value};
    setrlimit(static_cast<__rlimit_resource_t>(resource), &both);
}

} // namespace

void harden() {
    std::signal(SIGPIPE, SIG_IGN); // p11-kit's library writes to sockets without MSG_NOSIGNAL
    umask(0077);
    set_limit(RLIMIT_CORE, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#ifndef JURUKUNCI_SANITIZED
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

bool die_with_parent() {
    const pid_t parent = getppid();
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    return getppid() == parent && parent != 1;
}

void limit(const ShortLife& life) {
#ifndef JURUKUNCI_SANITIZED // shadow memory needs terabytes of address space
    set_limit(RLIMIT_AS, life.address_space);
#endif
    const auto seconds = static_cast<rlim_t>(life.processor_time.count());
    set_limit(RLIMIT_CPU, seconds);
    set_limit(RLIMIT_FSIZE, 0);
    set_limit(RLIMIT_NPROC, 0);
}

void reap_children() {
    struct sigaction action {};
    action.sa_handler = [](int) {
        const int kept = errno;
        while (waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        errno = kept;
    };
    action.sa_flags = SA_RESTART | SA_NOCLDSTOP;
    sigaction(SIGCHLD, &action, nullptr);
}

void raise_descriptor_limit() {
    rlimit now{};
    if (getrlimit(RLIMIT_NOFILE, &now) != 0) return;
    now.rlim_cur = now.rlim_max < 65536 ? now.rlim_max : 65536;
    setrlimit(RLIMIT_NOFILE, &now);
}

} // namespace jk::sandbox
