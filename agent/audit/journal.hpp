// Journal: the rows of the log by their meaning. What a row says is decided here, once; docs/protocol/audit.md lists the kinds.
// No row holds a PIN, a NIK or the content of a document.
#pragma once
#include "agent/audit/log.hpp"
#include "jurukunci/certificate.hpp"
#include "jurukunci/consent.hpp"
#include "jurukunci/grant.hpp"
#include "jurukunci/key_task.hpp"
#include "jurukunci/requests.hpp"
#include "jurukunci/signature.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace jk::audit {

/// Who asked for what, with which certificate: common to a consent and a refusal.
struct Occasion {
    /// Of a key use by a local program: what the yes permits.
    struct Use {
        std::uint32_t operations = 0;
        std::chrono::seconds lasting{};
        std::vector<CertificateId> keys;
    };
    std::optional<Use> use{};
    std::string operation;
    std::string request_id;
    std::string fingerprint; ///< of the request as it came: a page that repeats it after our restart gets the same operation
    CallerIdentity caller;
    std::string format, level, purpose, task_kind;
    std::string order; ///< nonce of the application's signed order; empty without one
    std::string profile, environment;
    CertificateRef certificate; ///< may be null when the refusal came before one was chosen
    TokenId token;
    std::string token_label;
};

struct SealedEvidence {
    ConsentItem shown;
    Digest to_sign;
};

class Journal {
public:
    Journal(Log& log, std::string boot_id) : m_log(log), m_boot_id(std::move(boot_id)) {}
    Log& log() { return m_log; }

    // All of these append inside Log::commit().
    /// The installed bundle was refused; `in_use`: version of the last good one that is used instead.
    void bundle_refused(const Error& error, std::uint32_t in_use);
    void agent_started(std::string_view version, std::string_view profile, std::string_view environment);
    AuditRow consent(const Occasion& occasion, std::span<const SealedEvidence> sealed, const ConsentAnswer& answer);
    /// The person typed the PIN again after a wrong one, for the same sealed list.
    AuditRow consent_again(const std::string& operation, std::span<const ItemIndex> rejected);
    AuditRow refused(const Occasion& occasion, std::span<const ConsentItem> items, const Error& error);
    void login_refused(const std::string& operation, const Error& error);
    void window_opened(const std::string& operation, const KeyCustody& custody);
    void started(const std::string& operation, std::span<const ItemIndex> items);
    void item_signed(const std::string& operation, ItemIndex item, ByteView signature);
    void item_failed(const std::string& operation, ItemIndex item, const Error& error);
    /// A local program's private-key operation, about to be at the token: the `number`th of its consent.
    void used(const std::string& operation, std::uint32_t number, const KeyTask& task);
    void use_failed(const std::string& operation, std::uint32_t number, const Error& error);
    void end(const std::string& operation, std::string_view state, std::size_t signed_items, std::size_t total, const std::optional<Error>& error);
    void enrolment(const std::string& id, const CallerIdentity& caller, const Outcome<ConsentAnswer>& answer);
    void recovered(const std::string& operation, std::span<const ItemIndex> unknown, std::span<const ItemIndex> not_reached);

private:
    Log& m_log;
    std::string m_boot_id; ///< tells a restart of the agent from one of the machine; see recovery.hpp
};

/// The kernel's id of this boot.
std::string boot_id();

} // namespace jk::audit
