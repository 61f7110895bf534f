// Steps of self-confinement that every process of ours takes first. All are one-way.
#pragma once
#include "jurukunci/outcome.hpp"

#include <chrono>
#include <cstddef>

namespace jk::sandbox {

/// No core files, no ptrace or /proc/PID/mem by the same user, no new privileges, files 0600, a closed socket is an error and not a signal.
/// Sanitizer builds stay dumpable: LeakSanitizer attaches to its own process.
void harden();

/// Kernel ends this process when the thread that started it ends. Returns false if it already has.
bool die_with_parent();

/// For one short life over one untrusted file: address space, processor time, no further files or children. Its age is its parent's to
/// watch, from outside: what a process can start itself, somebody who has taken it over can stop.
struct ShortLife {
    std::size_t address_space; ///< bytes
    std::chrono::seconds processor_time;
};
void limit(const ShortLife& life);

/// Children that end are reaped at once, wherever this process is; what they used is added to its own account.
void reap_children();

/// As many descriptors as the system lets this user have, for batches of large documents.
void raise_descriptor_limit();

} // namespace jk::sandbox
