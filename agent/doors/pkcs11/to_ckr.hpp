// Errc to CKR_*: what a program's PKCS#11 code does about it. docs/protocol/pkcs11-door.md has the table.
#pragma once
#include "jurukunci/error.hpp"

#include <cstdint>

namespace jk::doors {

std::uint64_t ckr_of(Errc code);

} // namespace jk::doors
