// System-call filters (seccomp), one per kind of process. A call outside the filter answers EPERM, so that a library's fallback still works.
#pragma once
#include "jurukunci/outcome.hpp"

namespace jk::sandbox {

/// The agent after its start: it parses HTTP, so it can neither start a program nor open a connection.
Outcome<void> confine_agent();

/// A vendor module's process: local sockets (pcscd) and devices yes; programs, the network, other processes no.
Outcome<void> confine_worker();

/// One untrusted document: read, compute, answer. No opening of anything.
Outcome<void> confine_document();

} // namespace jk::sandbox
