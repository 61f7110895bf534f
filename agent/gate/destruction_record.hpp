// The record that a token's contents were destroyed (row 12.7): JSON, and a detached Ed25519 signature of this installation's device key.
// docs/protocol/provisioning.md has its fields and how to verify it with openssl.
#pragma once
#include "agent/store/device_key.hpp"
#include "jurukunci/clock.hpp"
#include "jurukunci/provisioning.hpp"

#include <filesystem>

namespace jk::gate {

struct DestructionFacts {
    std::string operation;
    WallTime at{};
    std::string city, profile, environment;
    TokenContents token;                         ///< as it was before
    std::vector<std::string> certificates, keys; ///< SHA-256, hexadecimal
    std::uint32_t removed = 0;
    bool with_so_pin = true;
    Destruction destruction;
    std::string application, origin;
    std::string holder, unit, case_id; ///< where the request named a case
    std::int64_t row = 0;              ///< of the log, of the consent
};

struct WrittenRecord {
    std::filesystem::path record, signature;
    Digest sha256;         ///< of the record
    std::string text;      ///< what was written,
    Bytes signature_bytes; ///< and beside it
};

/// Durable when it returns. The folder is made where it is missing.
Outcome<WrittenRecord> write_destruction_record(const std::filesystem::path& folder, const store::DeviceKey& key, const DestructionFacts& facts);

} // namespace jk::gate
