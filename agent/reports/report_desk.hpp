// ReportDesk: what a person can do about a report: open one, look at it, attach, send, bring the RA's decision. The agent's control door and,
// while no agent runs, the command line call the same desk. Nothing here needs a token, a PIN or the network.
#pragma once
#include "agent/audit/custody.hpp"
#include "agent/audit/signed_since.hpp"
#include "agent/policy/incident_rules.hpp"
#include "agent/reports/casebook.hpp"
#include "agent/reports/outbox.hpp"
#include "agent/reports/report_request.hpp"
#include "agent/store/device_key.hpp"
#include "jurukunci/token.hpp"

namespace jk::reports {

inline constexpr std::size_t max_deposit = 64u << 20;
inline constexpr std::uint64_t max_waiting = 2ull << 30;

struct DeskRooms {
    const policy::Regulation& regulation;
    std::string environment;
    Casebook& casebook;
    Outbox& outbox;
    const store::DeviceKey& device_key;
    const Clock& clock;
    std::vector<CertificateRef> ra_certificates; ///< pinned by root; their decisions count
    audit::Custody* custody = nullptr;           ///< of the log; null where it cannot be opened
    bool archive = false;                        ///< delivery.yaml names a store for signed documents
    std::uint64_t most_waiting = max_waiting;    ///< bytes of documents that the store has not taken yet
};

class ReportDesk {
public:
    explicit ReportDesk(DeskRooms rooms) : m_rooms(std::move(rooms)) {}

    /// This city's categories, with what each brings.
    json::object categories() const;
    /// Blocks and writes down; the id of the new case. Asks no token.
    Outcome<std::string> open(const json::value& request);
    /// The second half: what tokens that are there say about the key, and into the queue where nothing has to be attached first.
    Outcome<json::object> complete(const std::string& id, const std::vector<TokenInfo>& present);
    Outcome<json::object> list();
    Outcome<json::object> show(const std::string& name);
    Outcome<json::object> attach(const std::string& name, const std::string& kind, const std::string& file_name, Bytes content);
    Outcome<json::object> send(const std::string& name);
    /// A decision of the RA, as it came.
    Outcome<json::object> decide(ByteView cms);
    /// config_refused where no store is configured: what nobody takes would lie here for ever.
    Outcome<void> takes_deposits() const;
    /// A signed document for the city's data centre, through the same queue. Its SHA-256 is its key. too_many while `most_waiting` bytes wait.
    Outcome<json::object> deposit(const std::string& file_name, Bytes content);
    /// After a start: cases that were cut off between being written and being queued.
    Outcome<void> resume();
    /// Somebody waits for parcels: called whenever one was put into the outbox.
    void on_parcel(std::function<void()> wake) { m_wake = std::move(wake); }

private:
    std::vector<policy::Block> blocks_for(ReportCase& report, const ReportRequest& request, const policy::ReportCategory& category);
    policy::ReportCategory category_of(const ReportCase& report) const;
    std::optional<std::vector<audit::SignedThing>> signed_since(const ReportCase& report) const;
    Outcome<void> queue(const ReportCase& report);
    Outcome<json::object> decide_loss(const audit::LossDecision& decision);
    json::object full_json(const ReportCase& report);
    json::object short_json(const ReportCase& report);

    DeskRooms m_rooms;
    std::function<void()> m_wake = [] {};
};

} // namespace jk::reports
