// System-call filters (seccomp), one per kind of process. A call outside the filter answers EPERM, so that a library's fallback still works.
#pragma once
#include "jurukunci/outcome.hpp"

#include <memory>

namespace jk::sandbox {

/// The agent after its start: it parses HTTP, so it can neither start a program nor open a connection.
Outcome<void> confine_agent();

/// A vendor module's process: local sockets (pcscd) and devices yes; programs, the network, other processes no.
Outcome<void> confine_worker();

/// One untrusted document: read, compute, answer. No opening of anything. Built once, by the program that waits; each life only puts it on.
class DocumentFilter {
public:
    static Outcome<DocumentFilter> build();
    Outcome<void> put_on() const;

private:
    explicit DocumentFilter(std::shared_ptr<void> filter) : m_filter(std::move(filter)) {}
    std::shared_ptr<void> m_filter; ///< libseccomp's
};

} // namespace jk::sandbox
