// HeadReports: the log's checkpoints on their way to the RA, so that a log that was cut or put back shows there. At most one waits; a newer one takes
// its place. docs/protocol/reports.md, "Heads of the log". Owner: the agent; lives on the event loop.
#pragma once
#include "agent/audit/head.hpp"
#include "agent/reports/outbox.hpp"
#include "agent/store/device_key.hpp"

#include <chrono>

namespace jk::reports {

inline constexpr std::string_view head_type = "jurukunci-checkpoint+jws";

/// What the RA gets, signed with the device key.
struct HeadStatement {
    std::string environment;
    std::string after; ///< the loss that this chain follows; empty for a device's first chain
    audit::Head head;
    WallTime at{};
};
Bytes head_body(const HeadStatement& statement, const store::DeviceKey& key);
/// The idempotency key: which row, and which of all rows with that number.
std::string head_key(const audit::Head& head);

class HeadReports {
public:
    static Outcome<HeadReports> open(store::Database& reports, Outbox& outbox, const store::DeviceKey& key, const Clock& clock);

    /// Something new since the last one, and `cadence` is over, or another day or another chain has begun? A clock that was set back does not make it wait.
    bool due(const std::string& after, const audit::Head& head, std::chrono::minutes cadence) const;
    /// Into the outbox, in place of one that still waits; nothing where the RA has this head, or where it waits already. A head that is handed in is
    /// remembered by reports.db, too (head_witness.hpp): it must be one that a power cut does not take back.
    Outcome<void> hand_in(const std::string& environment, const std::string& after, const audit::Head& head);

private:
    HeadReports(store::Database& reports, Outbox& outbox, const store::DeviceKey& key, const Clock& clock)
        : m_database(&reports), m_outbox(&outbox), m_key(&key), m_clock(&clock) {}

    store::Database* m_database;
    Outbox* m_outbox;
    const store::DeviceKey* m_key;
    const Clock* m_clock;
    std::string m_last_key, m_last_after; ///< of the last one that was handed in
    WallTime m_last{};
};

} // namespace jk::reports
