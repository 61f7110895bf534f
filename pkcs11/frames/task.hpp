// A key task as bytes: said by a program's module to the agent, and by the agent to the worker. Read strictly on both ways.
#pragma once
#include "ipc/wire.hpp"
#include "jurukunci/key_task.hpp"
#include "jurukunci/outcome.hpp"

namespace jk::pkcs11::frames {

inline constexpr std::size_t max_ciphertext = 2048, max_point = 133; ///< bytes: RSA-16384, P-521

void write(ipc::Writer& writer, const KeyTask& task);
/// What follows the task is the caller's to read.
Outcome<KeyTask> read_task(ipc::Reader& reader);

} // namespace jk::pkcs11::frames
