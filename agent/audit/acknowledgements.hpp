// Acknowledgements: which owner said yes to which text, as the log has it. The record is the log's row under a checkpoint that this device signed:
// a row that somebody else wrote into the file counts for nothing. Owner: main; lives on the event loop.
#pragma once
#include "agent/audit/journal.hpp"
#include "agent/store/device_key.hpp"

#include <optional>
#include <string>
#include <vector>

namespace jk::audit {

struct Acknowledged {
    std::string certificate; ///< SHA-256, hexadecimal
    std::string subject;     ///< without a NIK
    std::string part, text_sha256;
    std::string profile;
    int version = 0;
    WallTime at{};
    std::int64_t row = 0;
};

/// Who said yes, by which road, and to what exactly.
struct Acknowledging {
    std::string operation;
    CallerIdentity caller;
    CertificateRef certificate;
    TokenId token;
    std::string token_label, environment, prompter;
    OwnerNoticeShown notice; ///< only the parts that were said yes to
};

class Acknowledgements {
public:
    static Outcome<Acknowledgements> open(Log& log, const store::DeviceKey& key, const Clock& clock);

    /// One commit that survives the machine; counts only after it.
    Outcome<void> record(const Acknowledging& what);
    const Acknowledged* find(const CertificateId& certificate, std::string_view text_sha256) const;
    const std::vector<Acknowledged>& all() const { return m_all; }

private:
    Acknowledgements(Log& log, const Clock& clock) : m_log(&log), m_clock(&clock) {}
    Log* m_log;
    const Clock* m_clock;
    std::vector<Acknowledged> m_all; ///< oldest first
};

} // namespace jk::audit
