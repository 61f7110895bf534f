// Enrolments: an application's server wants to recognise this agent later; the person compares a code and says yes or no. No key of a token
// is involved. Owner: main; lives on the event loop. docs/protocol/http.md, "Enrolments".
#pragma once
#include "agent/audit/journal.hpp"
#include "agent/gate/attention.hpp"
#include "agent/policy/profile.hpp"
#include "jurukunci/consent.hpp"

#include <list>
#include <memory>

namespace jk::gate {

enum class EnrolmentState { preparing, waiting_consent, confirmed, refused, cancelled, failed };
std::string_view name_of(EnrolmentState state);

class Enrolment {
public:
    Enrolment(net::any_io_executor executor, std::string enrolment_id, CallerIdentity who, std::string server_nonce, std::string six_digits)
        : id(std::move(enrolment_id)), caller(std::move(who)), nonce(std::move(server_nonce)), code(std::move(six_digits)), m_event(executor) {}

    const std::string id;
    const CallerIdentity caller;
    const std::string nonce, code;
    EnrolmentState state = EnrolmentState::preparing;
    WallTime expires{};
    std::optional<Error> error;
    std::optional<Errc> cancelled; ///< somebody wants it to end before the answer
    std::chrono::steady_clock::time_point last_seen;
    std::chrono::steady_clock::time_point kept_until{}; ///< once it has ended
    ConsentId consent;

    bool finished() const { return state != EnrolmentState::preparing && state != EnrolmentState::waiting_consent; }
    void changed();
    std::uint64_t revision() const { return m_revision; }
    ipc::Event& event() { return m_event; }

private:
    std::uint64_t m_revision = 1;
    ipc::Event m_event;
};
using EnrolmentRef = std::shared_ptr<Enrolment>;

class Enrolments {
public:
    Enrolments(net::any_io_executor executor, const policy::Profile& profile, Consent& consent, Attention& attention, audit::Journal& journal,
               const Clock& clock, std::chrono::steady_clock::duration lease = std::chrono::seconds(10))
        : m_executor(executor), m_profile(profile), m_consent(consent), m_attention(attention), m_journal(journal), m_clock(clock), m_lease(lease),
          m_finished(executor) {}

    /// Asks the person. One unfinished enrolment per caller.
    Outcome<EnrolmentRef> submit(CallerIdentity caller, std::string nonce, std::string code);
    Outcome<EnrolmentRef> find(const std::string& owner, const std::string& id);
    Outcome<void> cancel(Enrolment& enrolment, Errc reason);
    /// The agent ends: open dialogs close.
    void turn_away();
    /// Besides, returns when all are recorded.
    Task<void> stop();

private:
    Task<void> run(EnrolmentRef enrolment);
    Task<Outcome<ConsentAnswer>> ask(Enrolment& enrolment);
    Task<void> watch_lease(EnrolmentRef enrolment);
    void finish(Enrolment& enrolment, const Outcome<ConsentAnswer>& answer);
    void sweep();

    net::any_io_executor m_executor;
    const policy::Profile& m_profile;
    Consent& m_consent;
    Attention& m_attention;
    audit::Journal& m_journal;
    const Clock& m_clock;
    std::chrono::steady_clock::duration m_lease;
    std::list<EnrolmentRef> m_all;
    std::size_t m_running = 0;
    ipc::Event m_finished;
};

} // namespace jk::gate
