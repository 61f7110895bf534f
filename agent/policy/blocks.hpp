// Blocks: which keys may not be used on this computer, because somebody reported them or because the RA has spoken. Facts in memory, asked by
// rules; agent/reports keeps them on the disk. Owner: main; lives on the event loop.
#pragma once
#include "jurukunci/certificate.hpp"
#include "jurukunci/grant.hpp"
#include "jurukunci/outcome.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace jk::policy {

enum class BlockedBy { certificate, key, token, holder, everything };
std::string_view name_of(BlockedBy by);
std::optional<BlockedBy> blocked_by_named(std::string_view name);

/// `revoked` is final; `damaged` stands for blocks that may have been lost with their database.
enum class BlockCause { reported, revoked, damaged };
std::string_view name_of(BlockCause cause);
std::optional<BlockCause> block_cause_named(std::string_view name);

struct Block {
    BlockedBy by = BlockedBy::everything;
    std::string value; ///< SHA-256 of the certificate or of its SubjectPublicKeyInfo in hexadecimal, the token's serial, the holder's NIP; or empty
    BlockCause cause = BlockCause::reported;
    bool decryption_stays = false; ///< old letters stay readable: the key is not suspected to be in other hands
    std::string case_number;       ///< "" without a case
    WallTime since{};
    friend bool operator==(const Block&, const Block&) = default;
};

class BlockList {
public:
    void add(Block block);
    void replace(std::vector<Block> blocks) { m_blocks = std::move(blocks); }
    /// Every block that is about this certificate on this token.
    std::vector<const Block*> about(const Certificate& certificate, const TokenId& token) const;
    const std::vector<Block>& all() const { return m_blocks; }

private:
    std::vector<Block> m_blocks;
};

enum class KeyAction { sign, decrypt };

/// May this key be used now (rows 10.2, 10.6)? No clock is asked: a clock that is set back lifts nothing. `irreversible`: the city's citation
/// for "revoked is final".
Outcome<void> judge_blocks(const BlockList& blocks, const Certificate& certificate, const TokenId& token, KeyAction action,
                           const std::string& irreversible);

/// SHA-256 of the certificate's SubjectPublicKeyInfo, in hexadecimal.
std::string key_fingerprint(const Certificate& certificate);
/// Does an attribute of the subject have exactly this value? BSrE's certificates carry the NIP so.
bool subject_has(const Certificate& certificate, std::string_view value);

} // namespace jk::policy
