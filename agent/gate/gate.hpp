// Gate: the one place where a signature is decided. Only it can make a Grant. Owner: main; lives on the event loop.
#pragma once
#include "agent/audit/journal.hpp"
#include "agent/audit/pin_tries.hpp"
#include "agent/gate/first_use.hpp"
#include "agent/gate/operation.hpp"
#include "agent/gate/turn.hpp"
#include "agent/policy/blocks.hpp"
#include "agent/policy/rules.hpp"
#include "jurukunci/consent.hpp"
#include "jurukunci/documents.hpp"
#include "jurukunci/status_inquiry.hpp"
#include "jurukunci/token.hpp"

namespace jk::gate {

class Gate {
public:
    Gate(net::any_io_executor executor, const policy::Profile& profile, Token& token, Consent& consent, Documents& documents, audit::Journal& journal,
         audit::PinTries& tries, const policy::BlockList& blocks, const Clock& clock)
        : m_executor(executor), m_profile(profile), m_token(token), m_consent(consent), m_documents(documents), m_journal(journal), m_tries(tries),
          m_blocks(blocks), m_clock(clock) {}

    /// Carries out one request; whatever happens stands in the operation and in the log. Never throws.
    Task<void> sign(OperationRef operation, Turn& turn);

    /// Somebody cancelled before consent: the dialog closes, or does not open.
    void close_dialog(const ConsentId& consent, Errc reason) { m_consent.close(consent, reason); }

    /// Whom to ask what is known about certificates and the session. Not owned; without one nothing is known.
    void consult(const policy::Facts& facts) { m_facts = &facts; }

    const policy::Facts& facts() const { return *m_facts; }
    /// Who brings the facts up to date before a certificate is judged. Not owned; without one they are as they are.
    void inquire_with(StatusInquiry& inquiry) { m_inquiry = &inquiry; }
    /// Who has the owner read what is demanded before the first use. Not owned; without one, what is missing is a refusal.
    void introduce(FirstUse& first_use) { m_first_use = &first_use; }

    const policy::Profile& profile() const { return m_profile; }
    /// The agent's own count for this token, for status and dialogs.
    int tries_left(const TokenId& token) const { return m_tries.left(token); }
    /// What stands against signing with this key because of a report or a revocation.
    Outcome<void> not_blocked(const Certificate& certificate, const TokenId& token) const;

private:
    friend class SigningWindow;
    struct Judged { ///< the request may be put to the person: with this certificate, on this token
        TokenInfo token;
        CertificateRef certificate;
        std::vector<CertificateRef> chain;
        Mechanism mechanism;
    };
    struct SealedEntry {
        std::unique_ptr<SealedItem> item;
        ItemIndex place = 0;  ///< in the operation
        ItemIndex number = 0; ///< in the consent's list, and so in the log's rows
    };
    using Sealed = std::vector<SealedEntry>; ///< what would be signed; fixed from here on
    struct Agreed {                          ///< the person said yes, and the PIN is on its way to the token
        ConsentAnswer answer;
        PinTicket pin;
    };

    /// `late`: nothing that will do was found, and a module was left out of the look.
    Task<Outcome<Judged>> judge(const Operation& operation, bool* late = nullptr);
    Task<Outcome<Judged>> judge_when_free(const Operation& operation, Turn& turn);
    Task<Outcome<void>> acquaint(Operation& operation, const Judged& judged);
    Task<Outcome<Sealed>> seal(Operation& operation, const Judged& judged);
    Task<Outcome<Agreed>> ask(Operation& operation, const Judged& judged, const Sealed& sealed, const std::optional<Error>& previous);
    Outcome<Grant> record(Operation& operation, const Judged& judged, Sealed& sealed, const Agreed& agreed, const std::optional<Error>& previous);
    Task<Outcome<void>> carry_out(OperationRef operation, Turn& turn);
    bool may_ask_again(Operation& operation, const Judged& judged, const Outcome<void>& outcome, std::optional<Error>& previous);
    void finish(Operation& operation, const Outcome<void>& outcome);
    void record_refusal(Operation& operation, const Error& error);
    audit::Occasion occasion_of(const Operation& operation, const Judged* judged) const;

    net::any_io_executor m_executor;
    const policy::Profile& m_profile;
    Token& m_token;
    Consent& m_consent;
    Documents& m_documents;
    audit::Journal& m_journal;
    audit::PinTries& m_tries;
    const policy::BlockList& m_blocks; ///< asked before the question, before the PIN is used and before each item: a report works at once
    const Clock& m_clock;
    policy::Facts m_nothing_known;
    const policy::Facts* m_facts = &m_nothing_known;
    FirstUse* m_first_use = nullptr;
    StatusInquiry* m_inquiry = nullptr;
};

} // namespace jk::gate
