// CertificateLife: what this computer knows of the life of certificates: issuers' answers and replacements, in the order in which one needs the other.
// Owner: main; lives on the event loop.
#pragma once
#include "agent/life/replacements.hpp"
#include "agent/life/status_keeper.hpp"

namespace jk::life {

class CertificateLife final : public StatusInquiry {
public:
    /// `blocks`: of reports and decisions. All outlive it.
    CertificateLife(StatusKeeper& status, Replacements& replacements, const policy::BlockList& blocks)
        : m_status(status), m_replacements(replacements), m_blocks(blocks) {}

    Task<void> refresh(std::vector<TokenInfo> tokens) override {
        co_await m_status.refresh(tokens);
        m_replacements.look(tokens, [this](const Certificate& certificate, const TokenId& token) { return unfit(certificate, token); });
    }
    void add_facts(policy::State& state, const Certificate& certificate) const {
        m_status.add_facts(state, certificate);
        m_replacements.add_facts(state, certificate);
    }

private:
    bool unfit(const Certificate& certificate, const TokenId& token) const {
        policy::State state;
        m_status.add_facts(state, certificate);
        policy::add_blocks(state, m_blocks, certificate, token);
        return state.revoked || state.blocked || state.suspended || state.status == policy::RevocationAnswer::suspended;
    }

    StatusKeeper& m_status;
    Replacements& m_replacements;
    const policy::BlockList& m_blocks;
};

} // namespace jk::life
