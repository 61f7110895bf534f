// What the agent does for its log while it runs: noted rows reach the database, heads go to the RA. Segments: segment_keeping.cpp.
#include "agent/agent.hpp"

#include <spdlog/spdlog.h>

namespace jk {

/// Rows that are noted reach the database soon after: `jurukunci audit` reads it.
Task<void> Agent::fold_log() {
    co_await ipc::sleep_for(std::chrono::milliseconds(200));
    if (auto folded = m_custody->log().fold(); !folded) spdlog::error("the log's newest rows stay in its tail: {}", folded.error().log_line());
}

/// Nobody is asked, nothing is signed, and no window is open that a row would still be written about.
bool Agent::idle() const { return !m_attention->taken() && !m_operations->busy() && !m_programs->busy(); }

/// The loss before this chain; empty for a device's first one.
std::string Agent::chain_follows() const { return m_custody->loss() ? m_custody->loss()->id : std::string(); }

/// Whoever cuts the log off later does not cut it off there, too.
void Agent::hand_in_head() {
    const std::string environment(policy::name_of(m_configuration.profile.environment));
    auto handed = m_heads->hand_in(environment, chain_follows(), m_custody->log().durable_head());
    if (!handed) return spdlog::error("the log's head is not on its way to the RA: {}", handed.error().log_line());
    m_deliverer->wake();
}

Task<void> Agent::hand_in_heads() {
    const auto every = m_configuration.delivery.checkpoints->every;
    for (;;) {
        if (m_heads->due(chain_follows(), m_custody->log().durable_head(), every)) hand_in_head();
        co_await ipc::sleep_for(std::chrono::seconds(30));
    }
}

} // namespace jk
