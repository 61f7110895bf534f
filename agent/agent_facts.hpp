// AgentFacts: what this agent knows when the gate asks: where the person sits, and what is known of a certificate: the
// blocks of the RA's bundle, what its issuer says of it, whether it was replaced, and what its owner has read.
// Owner: the agent; event loop.
#pragma once
#include "agent/audit/custody.hpp"
#include "agent/config/configuration.hpp"
#include "agent/gate/first_use.hpp"
#include "agent/life/certificate_life.hpp"
#include "agent/session/session_facts.hpp"

namespace jk {

class AgentFacts final : public session::LoginFacts {
public:
    /// The log that the agent keeps; not owned.
    void watch(const audit::Custody& custody) { m_custody = &custody; }
    policy::SessionFacts session() const override {
        auto facts = LoginFacts::session();
        if (m_custody != nullptr && m_custody->read_only()) facts.log_lost = policy::LogLoss{m_custody->loss()->id, m_custody->loss()->noticed};
        return facts;
    }
    explicit AgentFacts(const std::optional<config::BundleInUse>& bundle) {
        if (bundle) m_blocks.replace(bundle->bundle.blocks);
    }
    policy::State about(const Certificate& certificate, const TokenId& token) const override {
        policy::State state;
        policy::add_blocks(state, m_blocks, certificate, token);
        if (m_life != nullptr) m_life->add_facts(state, certificate);
        if (m_first_use != nullptr) m_first_use->add_facts(state, certificate);
        return state;
    }

    void learn_from(const gate::FirstUse& first_use, const life::CertificateLife& certificates) {
        m_first_use = &first_use;
        m_life = &certificates;
    }

private:
    const life::CertificateLife* m_life = nullptr;
    const gate::FirstUse* m_first_use = nullptr;
    policy::BlockList m_blocks;
    const audit::Custody* m_custody = nullptr;
};

} // namespace jk
