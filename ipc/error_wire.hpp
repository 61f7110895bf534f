// An Error inside a frame between our own processes. Reading checks code and sizes for range: the other side may have been taken over.
#pragma once
#include "ipc/wire.hpp"
#include "jurukunci/error.hpp"

namespace jk::ipc {

void write(Writer& writer, const Error& error);
/// `otherwise` stands in for a code that does not exist.
Error read_error(Reader& reader, Errc otherwise);

} // namespace jk::ipc
