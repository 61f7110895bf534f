// FirstUse: before the first operation with a certificate on this computer its owner reads the city's duties, prohibitions and agreement and says yes.
// What was said is a row of the log before it counts; a no, or a text that nobody has, ends the request before any PIN.
// Owner: main; lives on the event loop.
#pragma once
#include "agent/audit/acknowledgements.hpp"
#include "agent/policy/profile.hpp"
#include "agent/policy/state.hpp"
#include "jurukunci/consent.hpp"

#include <functional>

namespace jk::gate {

class FirstUse {
public:
    FirstUse(const policy::Profile& profile, Consent& consent, audit::Acknowledgements& record)
        : m_profile(profile), m_consent(consent), m_record(record), m_notice(policy::notice_of(profile)) {}

    /// For whom, and how the request that waits hears of the dialog.
    struct Asker {
        CallerIdentity caller;
        std::string operation;
        CertificateRef certificate;
        TokenId token;
        std::string token_label;
        std::function<void(const ConsentId&)> opening; ///< so that who gives up can close it
        std::function<std::optional<Errc>()> given_up;
    };
    /// Asks for what is missing, and records it. An error: nothing may be done with this certificate now.
    Task<Outcome<void>> settle(Asker asker);

    /// Names of the parts that this owner has not said yes to.
    std::vector<std::string> missing(const Certificate& certificate) const;
    void add_facts(policy::State& state, const Certificate& certificate) const;
    const OwnerNoticeShown& notice() const { return m_notice; }
    const audit::Acknowledgements& record() const { return m_record; }

private:
    Error refusal(std::string_view part, const Certificate& certificate) const;
    ConsentQuestion question(const Asker& asker, const OwnerNoticeShown& notice) const;

    const policy::Profile& m_profile;
    Consent& m_consent;
    audit::Acknowledgements& m_record;
    const OwnerNoticeShown m_notice; ///< of this profile, which never changes while the agent runs
};

} // namespace jk::gate
