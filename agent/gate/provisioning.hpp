// Provisioning: every step by which a token is prepared, changed or emptied passes here: judge → ask → record → do → record. Only this class can
// make an AdministrationGrant. Owner: main; lives on the event loop. docs/protocol/provisioning.md.
#pragma once
#include "agent/audit/pin_tries.hpp"
#include "agent/gate/attention.hpp"
#include "agent/gate/destruction_record.hpp"
#include "agent/gate/unfinished_steps.hpp"
#include "agent/policy/provisioning_rules.hpp"
#include "jurukunci/consent.hpp"
#include "x509/certificate_request.hpp"

#include <list>
#include <memory>

namespace jk::gate {

enum class ProvisioningState { preparing, waiting_consent, working, done, refused, cancelled, failed };
std::string_view name_of(ProvisioningState state);

/// What a step that ended well gives back; what does not belong to it is empty.
struct ProvisioningOutcome {
    TokenId token;
    std::string label;
    Bytes public_key, key_id;
    std::string certificate_request; ///< PEM
    std::string certificate_sha256;
    std::uint32_t removed = 0;
    std::optional<WrittenRecord> record;
};

class ProvisioningStep {
public:
    ProvisioningStep(net::any_io_executor executor, std::string step_id, ProvisioningRequest asked)
        : id(std::move(step_id)), request(std::move(asked)), m_event(executor) {}

    const std::string id;
    const ProvisioningRequest request;
    ProvisioningState state = ProvisioningState::preparing;
    std::optional<Error> error;
    ProvisioningOutcome outcome;
    TokenContents before;          ///< the token as it was judged
    std::optional<Errc> cancelled; ///< somebody wants it to end before the answer
    bool in_log = false;           ///< its beginning is a row, so that its end must become one, too
    ConsentId consent;
    std::chrono::steady_clock::time_point last_seen;
    std::chrono::steady_clock::time_point kept_until{};

    bool before_consent() const { return state == ProvisioningState::preparing || state == ProvisioningState::waiting_consent; }
    bool finished() const { return !before_consent() && state != ProvisioningState::working; }
    void changed();
    std::uint64_t revision() const { return m_revision; }
    ipc::Event& event() { return m_event; }

private:
    std::uint64_t m_revision = 1;
    ipc::Event m_event;
};
using ProvisioningRef = std::shared_ptr<ProvisioningStep>;

class Provisioning {
public:
    struct Rooms {
        const policy::Profile& profile;
        TokenAdministration& tokens;
        Consent& consent;
        Attention& attention;
        audit::Log& log;
        audit::ProvisioningRows& rows;
        audit::PinTries& tries;
        const store::DeviceKey& device_key;
        const Clock& clock;
        std::filesystem::path records;        ///< folder of destruction records
        const policy::Facts* facts = nullptr; ///< whose session this is, and whether the log was kept; null: nothing is known
    };
    Provisioning(net::any_io_executor executor, Rooms rooms, std::chrono::steady_clock::duration lease = std::chrono::seconds(10))
        : m_executor(executor), m_rooms(std::move(rooms)), m_lease(lease), m_finished(executor) {}

    /// One unfinished step per caller, and per person one dialog.
    Outcome<ProvisioningRef> submit(ProvisioningRequest request);
    Outcome<ProvisioningRef> find(const std::string& owner, const std::string& id);
    Outcome<void> cancel(ProvisioningStep& step, Errc reason);
    /// Every token as it shows itself now, with the steps on it that were begun and never ended.
    Task<Outcome<std::vector<ShownContents>>> contents();
    std::vector<audit::OpenProvisioning> interrupted() const;
    /// The agent ends: open dialogs close. What is at a token is waited for with stop().
    void turn_away();
    Task<void> stop();

private:
    struct Judged {
        TokenContents token;
        AdministrationStep step;
        std::optional<x509::CertificateRequest> request;
        Bytes public_key; ///< of the key that signs the request
    };
    struct Agreed {
        ConsentAnswer answer;
        PinTicket secrets;
    };

    ShownContents shown(TokenContents token) const;
    Task<void> run(ProvisioningRef step);
    Task<Outcome<void>> carry_out(ProvisioningStep& step, Turn& turn);
    Task<Outcome<Judged>> judge_when_free(const ProvisioningStep& step, Turn& turn);
    Task<Outcome<Judged>> judge(const ProvisioningStep& step);
    Task<Outcome<Agreed>> ask(ProvisioningStep& step, const Judged& judged);
    Outcome<AdministrationGrant> record(ProvisioningStep& step, const Judged& judged, const Agreed& agreed);
    Outcome<void> take(ProvisioningStep& step, const Judged& judged, const AdministrationResult& result);
    Task<Outcome<void>> record_destruction(ProvisioningStep& step, const Judged& judged, std::uint32_t removed);
    void count_tries(const Judged& judged, const Outcome<void>& outcome);
    void finish(ProvisioningStep& step, Outcome<void> outcome);
    Task<void> watch_lease(ProvisioningRef step);
    void sweep();

    net::any_io_executor m_executor;
    Rooms m_rooms;
    std::chrono::steady_clock::duration m_lease;
    std::list<ProvisioningRef> m_all;
    std::size_t m_running = 0;
    ipc::Event m_finished;
};

/// The agent's own count of wrong SO-PINs stands beside the holder's.
TokenId so_counter_of(const TokenId& token);

} // namespace jk::gate
