// Custody: the log together with the key that signs it, opened so that a log that went missing is not begun anew in silence. Owner: the agent, or the
// command line while no agent holds the folder's lock; lives on the event loop.
#pragma once
#include "agent/audit/log.hpp"
#include "agent/audit/loss.hpp"

namespace jk::audit {

/// The RA's word about one loss, verified: the keys of this device may be used again.
struct LossDecision {
    std::string loss;   ///< its id
    std::string device; ///< SHA-256 of the device key's SubjectPublicKeyInfo, hexadecimal
    std::string number, officer, reason, date;
    Digest document; ///< SHA-256 of what was signed
    Bytes cms;       ///< as it came: evidence
};

class Custody {
public:
    /// The device key of this folder; on its first call it is made, together with the mark that it has no log yet.
    static Outcome<store::DeviceKey> device_key(const std::filesystem::path& folder);

    /// `others`: what other files remember of the log's head. A log that is not what they and audit.head remember is put aside, and a new one begins,
    /// whose first row says so. audit_unavailable where the disk does not permit that; nothing is lost then.
    static Outcome<std::unique_ptr<Custody>> open(const std::filesystem::path& folder, const Clock& clock, std::vector<Witness> others = {});

    store::Database& database() { return *m_database; }
    const store::DeviceKey& key() const { return m_key; }
    Log& log() { return *m_log; }
    /// SHA-256 of the public key, hexadecimal: how decisions name this device.
    std::string device() const;

    /// Of this chain; decided or not.
    const std::optional<Loss>& loss() const { return m_loss; }
    bool read_only() const { return m_loss && !m_loss->decided; }
    /// ra_decision_refused unless it is about this loss of this device. The same one again changes nothing.
    Outcome<void> decide(const LossDecision& decision);

private:
    Custody(store::DeviceKey key) : m_key(std::move(key)) {}
    Outcome<void> open_log(const std::filesystem::path& folder, const Clock& clock);
    Outcome<void> begin_anew(const std::filesystem::path& folder, const Clock& clock, const std::string& body);
    void take_over_pin_tries(const std::filesystem::path& old, const Clock& clock);

    store::DeviceKey m_key;
    std::unique_ptr<store::Database> m_database;
    std::unique_ptr<Log> m_log;
    std::optional<Loss> m_loss;
};

} // namespace jk::audit
