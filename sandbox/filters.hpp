// System-call filters (seccomp), one per kind of process. A call outside the filter answers EPERM, so that a library's fallback still works.
#pragma once
#include "jurukunci/outcome.hpp"

#include <vector>

struct sock_filter;

namespace jk::sandbox {

/// The agent after its start: it parses HTTP, so it can neither start a program nor open a connection.
Outcome<void> confine_agent();

/// A vendor module's process: local sockets (pcscd) and devices yes; programs, the network, other processes no, not even a signal to them.
/// Put on by the process itself, which may not fork afterwards: it signals nobody but the one that put it on.
Outcome<void> confine_worker();

/// jurukunci-watch, once libusb is set up: it hears of devices and reads what the system says of them. No new sockets, nothing opened for writing.
Outcome<void> confine_watch();

/// jurukunci-deliver, for one delivery: it connects and reads; it listens to nobody, writes no file and reaches no other process.
Outcome<void> confine_delivery();

/// One untrusted document: read, compute, answer. No opening of anything, no signals, not even to itself: abort() still ends it, by a fault.
/// Built once, by the program that waits; each life only puts it on.
class DocumentFilter {
public:
    static Outcome<DocumentFilter> build();
    Outcome<void> put_on() const;
    ~DocumentFilter();
    DocumentFilter(DocumentFilter&&) noexcept;

private:
    explicit DocumentFilter(std::vector<sock_filter> program);
    std::vector<sock_filter> m_program; ///< for the kernel; libseccomp would write it anew for each life
};

} // namespace jk::sandbox
