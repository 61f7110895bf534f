#include "agent/policy/blocks.hpp"

#include "x509/certificate_request.hpp"

#include <algorithm>
#include <array>

namespace jk::policy {
namespace {

constexpr std::array blocked_by{BlockedBy::certificate, BlockedBy::key, BlockedBy::token, BlockedBy::holder, BlockedBy::everything};
constexpr std::array causes{BlockCause::reported, BlockCause::revoked, BlockCause::damaged};

template <class All> auto named(const All& all, std::string_view name) -> std::optional<typename All::value_type> {
    const auto place = std::ranges::find_if(all, [&](const auto value) { return name_of(value) == name; });
    if (place == all.end()) return std::nullopt;
    return *place;
}

Error refusal_of(const Block& block, const std::string& irreversible) {
    switch (block.cause) {
    case BlockCause::revoked: return Error{Errc::certificate_revoked}.with("date", indonesian_date(block.since)).citing(irreversible);
    case BlockCause::damaged: return Error{Errc::reports_damaged};
    case BlockCause::reported: break;
    }
    return Error{Errc::blocked_locally}.with("case", block.case_number).with("date", indonesian_date(block.since));
}

/// What the person must know first: that it is final, then that it was reported.
int weight(const Block& block) { return block.cause == BlockCause::revoked ? 0 : block.cause == BlockCause::reported ? 1 : 2; }

} // namespace

std::string_view name_of(BlockedBy by) {
    switch (by) {
    case BlockedBy::certificate: return "certificate";
    case BlockedBy::key: return "key";
    case BlockedBy::token: return "token";
    case BlockedBy::holder: return "holder";
    case BlockedBy::everything: return "everything";
    }
    return "?";
}

std::string_view name_of(BlockCause cause) {
    switch (cause) {
    case BlockCause::reported: return "reported";
    case BlockCause::revoked: return "revoked";
    case BlockCause::damaged: return "damaged";
    }
    return "?";
}

std::optional<BlockedBy> blocked_by_named(std::string_view name) { return named(blocked_by, name); }
std::optional<BlockCause> block_cause_named(std::string_view name) { return named(causes, name); }

void BlockList::add(Block block) {
    if (std::ranges::find(m_blocks, block) == m_blocks.end()) m_blocks.push_back(std::move(block));
}

std::vector<const Block*> BlockList::about(const Certificate& certificate, const TokenId& token) const {
    std::vector<const Block*> all;
    if (m_blocks.empty()) return all;
    const auto fingerprint = certificate.id.sha256.hex(), key = key_fingerprint(certificate);
    for (const auto& block : m_blocks) {
        const bool meant = block.by == BlockedBy::everything || (block.by == BlockedBy::certificate && block.value == fingerprint) ||
                           (block.by == BlockedBy::key && block.value == key) || (block.by == BlockedBy::token && block.value == token.serial) ||
                           (block.by == BlockedBy::holder && subject_has(certificate, block.value));
        if (meant) all.push_back(&block);
    }
    return all;
}

Outcome<void> judge_blocks(const BlockList& blocks, const Certificate& certificate, const TokenId& token, KeyAction action,
                           const std::string& irreversible) {
    const Block* worst = nullptr;
    for (const auto* block : blocks.about(certificate, token)) {
        if (action == KeyAction::decrypt && block->decryption_stays) continue;
        if (worst == nullptr || weight(*block) < weight(*worst)) worst = block;
    }
    if (worst == nullptr) return done();
    return refusal_of(*worst, irreversible);
}

std::string key_fingerprint(const Certificate& certificate) { return sha256(x509::public_key_of(certificate)).hex(); }

bool subject_has(const Certificate& certificate, std::string_view value) {
    if (value.empty()) return false;
    const std::string_view subject = certificate.subject;
    for (std::size_t at = subject.find('='); at != std::string_view::npos; at = subject.find('=', at + 1)) {
        const auto rest = subject.substr(at + 1);
        if (rest.substr(0, rest.find_first_of(",+")) == value) return true;
    }
    return false;
}

} // namespace jk::policy
