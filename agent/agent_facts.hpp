// AgentFacts: what this agent knows when the gate asks: where the person sits, and which certificates the RA's bundle blocks or revokes.
// Owner: the agent; event loop.
#pragma once
#include "agent/config/configuration.hpp"
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
        return state;
    }

private:
    policy::BlockList m_blocks;
};

} // namespace jk
