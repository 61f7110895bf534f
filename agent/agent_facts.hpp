// AgentFacts: what this agent knows when the gate asks: where the person sits, and what is known of a certificate: the
// blocks of the RA's bundle, what its issuer says of it, and what its owner has read.
// Owner: the agent; event loop.
#pragma once
#include "agent/config/configuration.hpp"
#include "agent/gate/first_use.hpp"
#include "agent/life/status_keeper.hpp"
#include "agent/session/session_facts.hpp"

namespace jk {

class AgentFacts final : public session::LoginFacts {
public:
    explicit AgentFacts(const std::optional<config::BundleInUse>& bundle) {
        if (bundle) m_blocks.replace(bundle->bundle.blocks);
    }
    policy::State about(const Certificate& certificate, const TokenId& token) const override {
        policy::State state;
        policy::add_blocks(state, m_blocks, certificate, token);
        if (m_status != nullptr) m_status->add_facts(state, certificate);
        if (m_first_use != nullptr) m_first_use->add_facts(state, certificate);
        return state;
    }

    void learn_from(const gate::FirstUse& first_use, const life::StatusKeeper& status) {
        m_first_use = &first_use;
        m_status = &status;
    }

private:
    const life::StatusKeeper* m_status = nullptr;
    const gate::FirstUse* m_first_use = nullptr;
    policy::BlockList m_blocks;
};

} // namespace jk
