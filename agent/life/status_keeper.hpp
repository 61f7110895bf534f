// StatusKeeper: what issuers say of the certificates on this computer's tokens. Asks when a token comes, when an answer grows old, and shortly before
// a certificate is judged. Revoked is final by fingerprint, whatever is said later: a row of the log. Owner: main; lives on the event loop.
#pragma once
#include "agent/audit/log.hpp"
#include "agent/life/kept_answers.hpp"
#include "agent/policy/profile.hpp"
#include "agent/policy/state.hpp"
#include "agent/store/device_key.hpp"
#include "ipc/event.hpp"
#include "jurukunci/status_inquiry.hpp"
#include "jurukunci/token_changes.hpp"
#include "launcher/launcher.hpp"
#include "x509/revocation_answer.hpp"
#include "x509/status_url.hpp"

#include <boost/asio/thread_pool.hpp>

#include <map>
#include <memory>

namespace jk::life {

class StatusKeeper final : public StatusInquiry {
public:
    struct Rooms {
        const policy::Profile& profile;
        launcher::Launcher& launcher;
        audit::Log& log;
        const store::DeviceKey& device_key;
        const Clock& clock;
        std::filesystem::path folder; ///< for kept answers
    };
    /// Reads from the log which certificates were revoked.
    static Outcome<std::unique_ptr<StatusKeeper>> open(net::any_io_executor executor, Rooms rooms);

    void add_facts(policy::State& state, const Certificate& certificate) const;
    Task<void> refresh(std::vector<TokenInfo> tokens) override;
    /// Never ends. Looks at the tokens when they change.
    Task<void> run(Token& token, TokenChanges& changes);

private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    struct Known {
        Known(net::any_io_executor executor, CertificateRef c, CertificateRef i)
            : certificate(std::move(c)), issuer(std::move(i)), answered(std::move(executor)) {}
        const CertificateRef certificate, issuer;
        std::optional<x509::RevocationFact> fact;
        bool loaded = false, asking = false;
        int failures = 0;
        SteadyTime tried{}, next{}; ///< zero: never, at once
        ipc::Event answered;
    };
    using KnownRef = std::shared_ptr<Known>;
    struct Answer {
        Bytes der, nonce;
        WallTime came{};
    };

    struct Recorded { ///< the newest row of the log: an answer made before it is no news, whoever kept it
        bool suspended = false;
        WallTime made_at{};
    };

    StatusKeeper(net::any_io_executor executor, Rooms rooms, KeptAnswers kept)
        : m_executor(executor), m_rooms(std::move(rooms)), m_kept(std::move(kept)) {}
    void learn(const std::vector<TokenInfo>& tokens);
    void begin(const KnownRef& known);
    void begin_what_is_due();
    bool is_revoked(const Known& known) const;
    bool is_fresh(const Known& known) const;
    bool grows_old(const Known& known) const;
    Task<void> ask(KnownRef known);
    Task<void> load(KnownRef known);
    Task<Outcome<void>> fetch(KnownRef known);
    Task<Outcome<x509::RevocationFact>> judge(KnownRef known, std::shared_ptr<const Answer> answer);
    Outcome<void> take(Known& known, x509::RevocationFact fact);
    Outcome<void> write_row(const Known& known, const x509::RevocationFact& fact, std::string_view state);
    Outcome<x509::StatusUrl> address(const Known& known) const;
    std::string file_of(const Known& known) const;

    net::any_io_executor m_executor;
    Rooms m_rooms;
    KeptAnswers m_kept;
    std::map<std::string, KnownRef> m_known;   ///< by the certificate's SHA-256, hexadecimal
    std::map<std::string, WallTime> m_revoked; ///< never gets smaller
    std::map<std::string, Recorded> m_recorded;
    net::thread_pool m_judges{1}; ///< a long list must not hold up the loop; last: joined before anything it uses goes
};

} // namespace jk::life
