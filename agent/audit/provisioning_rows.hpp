// ProvisioningRows: the log's rows about tokens that are prepared, and what can be known from them: steps that were begun and never ended, and
// whether a token's contents were destroyed. No row holds a PIN, a NIK or a NIP. docs/protocol/audit.md lists the kinds.
#pragma once
#include "agent/audit/log.hpp"
#include "jurukunci/provisioning.hpp"

#include <boost/json/object.hpp>

#include <vector>

namespace jk::audit {

/// What is written before the token is touched.
struct ProvisioningOccasion {
    std::string operation;
    const ProvisioningRequest* request = nullptr;
    const TokenContents* token = nullptr; ///< as it was shown to the person
    std::string profile, environment, prompter;
};

struct OpenProvisioning {
    std::string operation, step;
    TokenId token;
    std::string label; ///< that the token had, or was to get
    WallTime begun{};
    std::vector<std::string> certificates, keys; ///< SHA-256 of what was on the token before
};

class ProvisioningRows {
public:
    static Outcome<ProvisioningRows> open(Log& log, std::string boot_id);

    // Inside Log::commit():
    AuditRow begun(const ProvisioningOccasion& occasion);
    /// `facts` is what came of it; an error says that, and in whose words.
    void ended(const std::string& operation, const TokenId& token, std::string_view step, std::string_view state, boost::json::object facts,
               const std::optional<Error>& error);
    void refused(const std::string& operation, const ProvisioningRequest& request, const Error& error);

    /// Begun, and neither ended nor followed by a step that ended well on the same token. Oldest first.
    std::vector<OpenProvisioning> open_steps() const;
    /// The newest thing that ended well on this token is its destruction.
    bool destroyed(const TokenId& token) const;

private:
    ProvisioningRows(Log& log, std::string boot_id) : m_log(&log), m_boot_id(std::move(boot_id)) {}
    Log* m_log;
    std::string m_boot_id;
};

} // namespace jk::audit
