// The chain between audit rows: each row's hash covers the hash before it. docs/protocol/audit.md has the byte layout, so that an auditor
// can verify an export without this program.
#pragma once
#include "jurukunci/bytes.hpp"
#include "jurukunci/digest.hpp"

#include <cstdint>
#include <string_view>

namespace jk::audit {

struct RowContent {
    std::int64_t at_ms = 0; ///< Unix time, milliseconds
    std::string_view kind;
    std::string_view operation; ///< empty where the row belongs to none
    std::string_view body;      ///< JSON
};

/// SHA-256 over prev ‖ at (u64 BE) ‖ length (u32 BE) and bytes of kind, operation and body.
Digest row_hash(const Digest& previous, const RowContent& content);

/// What the first row follows: SHA-256 of "jurukunci audit log v1".
Digest genesis();

/// What a checkpoint's Ed25519 signature covers.
Bytes checkpoint_message(std::int64_t row, const Digest& hash);

} // namespace jk::audit
