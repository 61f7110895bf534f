#include "sandbox/filters.hpp"

#include "jurukunci/unique_fd.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <memory>

namespace jk::sandbox {
namespace {

struct Release {
    void operator()(void* context) const { seccomp_release(context); }
};
using Filter = std::unique_ptr<void, Release>;

Outcome<void> failed(const char* what, int code) { return Error{Errc::device_failed, std::string("seccomp: ") + what + ": " + std::strerror(-code)}; }

/// Nobody here debugs another process, loads code into the kernel, changes mounts, or goes round this filter with io_uring.
constexpr int never[] = {SCMP_SYS(execve),
                         SCMP_SYS(execveat),
                         SCMP_SYS(ptrace),
                         SCMP_SYS(process_vm_readv),
                         SCMP_SYS(process_vm_writev),
                         SCMP_SYS(io_uring_setup),
                         SCMP_SYS(bpf),
                         SCMP_SYS(perf_event_open),
                         SCMP_SYS(userfaultfd),
                         SCMP_SYS(mount),
                         SCMP_SYS(umount2),
                         SCMP_SYS(pivot_root),
                         SCMP_SYS(chroot),
                         SCMP_SYS(setns),
                         SCMP_SYS(unshare),
                         SCMP_SYS(init_module),
                         SCMP_SYS(finit_module),
                         SCMP_SYS(delete_module),
                         SCMP_SYS(kexec_load),
                         SCMP_SYS(kexec_file_load),
                         SCMP_SYS(keyctl),
                         SCMP_SYS(add_key),
                         SCMP_SYS(request_key),
                         SCMP_SYS(swapon),
                         SCMP_SYS(open_by_handle_at),
                         SCMP_SYS(pidfd_getfd),
                         SCMP_SYS(personality)};

Outcome<void> deny(const Filter& filter, int call) {
    const int code = seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0);
    return code == 0 ? done() : failed("rule", code);
}

Outcome<void> deny_family(const Filter& filter, int family) {
    const int code =
        seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1, SCMP_A0_64(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family), 0));
    return code == 0 ? done() : failed("socket rule", code);
}

/// Of a call whose first argument is a process: any but this one.
Outcome<void> deny_to_others(const Filter& filter, int call) {
    const auto own = static_cast<scmp_datum_t>(getpid());
    const int code = seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 1, SCMP_A0_32(SCMP_CMP_NE, own, 0));
    return code == 0 ? done() : failed("signal rule", code);
}

Outcome<void> load(const Filter& filter) {
#ifdef JURUKUNCI_SANITIZED
    (void)filter; // sanitizers start threads and trace themselves; the filters are tested in the other builds
    return done();
#else
    int code = seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1); // threads that exist already too
    if (code == 0) code = seccomp_load(filter.get());
    return code == 0 ? done() : failed("load", code);
#endif
}

Outcome<Filter> everything_but_never() {
    Filter filter(seccomp_init(SCMP_ACT_ALLOW));
    if (!filter) return Error{Errc::device_failed, "seccomp: init"};
    for (const int call : never)
        if (auto ok = deny(filter, call); !ok) return ok.error();
    return filter;
}

/// The filter as the kernel takes it.
Outcome<std::vector<sock_filter>> written_out(const Filter& filter) {
    const UniqueFd file(memfd_create("filter", MFD_CLOEXEC));
    if (!file) return failed("memfd", -errno).error();
    if (const int code = seccomp_export_bpf(filter.get(), file.get()); code != 0) return failed("export", code).error();
    std::vector<sock_filter> program(BPF_MAXINSNS);
    const auto size = pread(file.get(), program.data(), program.size() * sizeof(sock_filter), 0);
    if (size <= 0 || size % static_cast<ssize_t>(sizeof(sock_filter)) != 0) return failed("read back", -EIO).error();
    program.resize(static_cast<std::size_t>(size) / sizeof(sock_filter));
    return program;
}

} // namespace

Outcome<void> confine_agent() {
    auto filter = everything_but_never();
    if (!filter) return filter.error();
    if (auto ok = deny(*filter, SCMP_SYS(connect)); !ok) return ok;
    if (auto ok = deny(*filter, SCMP_SYS(socket)); !ok) return ok; // socketpair stays: that is how children are reached
    return load(*filter);
}

Outcome<void> confine_worker() {
    auto filter = everything_but_never();
    if (!filter) return filter.error();
    for (const int family : {AF_INET, AF_INET6, AF_PACKET, AF_VSOCK, AF_BLUETOOTH})
        if (auto ok = deny_family(*filter, family); !ok) return ok;
    for (const int call : {SCMP_SYS(tkill), SCMP_SYS(pidfd_send_signal), SCMP_SYS(rt_sigqueueinfo), SCMP_SYS(rt_tgsigqueueinfo)})
        if (auto ok = deny(*filter, call); !ok) return ok;
    for (const int call : {SCMP_SYS(kill), SCMP_SYS(tgkill)}) // to itself only: abort() and raise() stay
        if (auto ok = deny_to_others(*filter, call); !ok) return ok;
    return load(*filter);
}

Outcome<void> confine_watch() {
    auto filter = everything_but_never();
    if (!filter) return filter.error();
    for (const int call :
         {SCMP_SYS(connect), SCMP_SYS(socket), SCMP_SYS(kill), SCMP_SYS(tkill), SCMP_SYS(pidfd_send_signal), SCMP_SYS(open), SCMP_SYS(creat),
          SCMP_SYS(openat2), SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2)})
        if (auto ok = deny(*filter, call); !ok) return ok;
    for (const scmp_datum_t mode : {O_WRONLY, O_RDWR, O_ACCMODE}) {
        const int code = seccomp_rule_add(filter->get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(openat), 1, SCMP_A2_64(SCMP_CMP_MASKED_EQ, O_ACCMODE, mode));
        if (code != 0) return failed("open rule", code);
    }
    return load(*filter);
}

Outcome<void> confine_delivery() {
    auto filter = everything_but_never();
    if (!filter) return filter.error();
    for (const int family : {AF_PACKET, AF_VSOCK, AF_BLUETOOTH})
        if (auto ok = deny_family(*filter, family); !ok) return ok;
    for (const int call :
         {SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(kill), SCMP_SYS(tkill), SCMP_SYS(pidfd_send_signal), SCMP_SYS(open),
          SCMP_SYS(creat), SCMP_SYS(openat2), SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2)})
        if (auto ok = deny(*filter, call); !ok) return ok;
    for (const scmp_datum_t mode : {O_WRONLY, O_RDWR, O_ACCMODE}) {
        const int code = seccomp_rule_add(filter->get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(openat), 1, SCMP_A2_64(SCMP_CMP_MASKED_EQ, O_ACCMODE, mode));
        if (code != 0) return failed("open rule", code);
    }
    return load(*filter);
}

Outcome<DocumentFilter> DocumentFilter::build() {
    Filter filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
    if (!filter) return Error{Errc::device_failed, "seccomp: init"};
    for (const int call : {SCMP_SYS(read),
                           SCMP_SYS(pread64),
                           SCMP_SYS(readv),
                           SCMP_SYS(write),
                           SCMP_SYS(writev),
                           SCMP_SYS(sendmsg),
                           SCMP_SYS(recvmsg),
                           SCMP_SYS(lseek),
                           SCMP_SYS(fstat),
                           SCMP_SYS(newfstatat),
                           SCMP_SYS(close),
                           SCMP_SYS(brk),
                           SCMP_SYS(mmap),
                           SCMP_SYS(munmap),
                           SCMP_SYS(mremap),
                           SCMP_SYS(mprotect),
                           SCMP_SYS(madvise),
                           SCMP_SYS(futex),
                           SCMP_SYS(getrandom),
                           SCMP_SYS(clock_gettime),
                           SCMP_SYS(gettimeofday),
                           SCMP_SYS(exit),
                           SCMP_SYS(exit_group),
                           SCMP_SYS(rt_sigreturn),
                           SCMP_SYS(restart_syscall),
                           SCMP_SYS(getpid),
                           SCMP_SYS(gettid),
                           SCMP_SYS(sched_getaffinity),
                           SCMP_SYS(sched_yield)}) {
        const int code = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0);
        if (code != 0) return failed("rule", code).error();
    }
    auto program = written_out(filter);
    if (!program) return program.error();
    return DocumentFilter(std::move(*program));
}

DocumentFilter::DocumentFilter(std::vector<sock_filter> program) : m_program(std::move(program)) {}
DocumentFilter::DocumentFilter(DocumentFilter&&) noexcept = default;
DocumentFilter::~DocumentFilter() = default;

Outcome<void> DocumentFilter::put_on() const {
#ifdef JURUKUNCI_SANITIZED
    return done();
#else
    const sock_fprog program{static_cast<unsigned short>(m_program.size()), const_cast<sock_filter*>(m_program.data())};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) return failed("load", -errno); // a life has one thread
    return done();
#endif
}

} // namespace jk::sandbox
