// The rules themselves. Pure: same arguments, same decision. Rows are those of the regulation matrix.
#pragma once
#include "agent/policy/decision.hpp"
#include "agent/policy/profile.hpp"
#include "agent/policy/state.hpp"
#include "jurukunci/key_task.hpp"
#include "jurukunci/requests.hpp"
#include "jurukunci/signature.hpp"
#include "jurukunci/token.hpp"

namespace jk::policy {

/// May this web origin speak to us at all (row 5.1)? The decision for whoever explains, the caller's identity for whoever lets it in.
Decision judge_application(const Profile& profile, std::string_view origin, WallTime now);
Outcome<CallerIdentity> judge_origin(const Profile& profile, std::string_view origin, WallTime now);

/// Does the person sit at this computer, in the session that is in use, and is it their agent (rows 5.6, 12.2, 12.3)?
Decision judge_session(const Profile& profile, const SessionFacts& session);

/// Its last rule by itself: an agent whose log is lost uses no key, prepares no token (row 12.6).
Decision judge_log_kept(const Profile& profile, const SessionFacts& session);

/// `delegation_field`: a field of the request that asks for somebody else (`atas_nama`, `delegasi` …); empty for none (row 12.3).
Decision judge_delegation(const Profile& profile, const std::string& delegation_field);

/// What is known about this certificate: revoked, blocked, suspended, replaced, its status' age, agreement and duties (rows 7.9, 8.3, 9.4, 10).
Decision judge_state(const Profile& profile, const State& state, const Certificate& certificate, WallTime now);

/// What the owner reads and says yes to before the first use: nothing that makes a certificate unfit to be asked about.
bool is_for_first_use(Rule rule);
/// The decision without those rules.
Outcome<void> outcome_before_first_use(const Decision& decision);

/// What happened in the dialog; no value: not yet (rows 13.2, 14.3, 14.7, 14.9).
struct ConsentFacts {
    std::optional<bool> shown, affirmed, pin_by_prompter;
    std::optional<bool> footer; ///< stands in each document
};
Decision judge_consent(const Profile& profile, const ConsentFacts& facts);

enum class CertificateUse { signature, login, program };

/// May this certificate be used so (rows 1.3, 1.4, 2.3, 4.1, 9.1, 9.5, environment, strength)? `candidates` may complete its chain.
Decision judge_certificate(const Profile& profile, const CertificateRef& certificate, const std::vector<CertificateRef>& candidates, WallTime now,
                           CertificateUse use = CertificateUse::signature);

/// Only whether it comes from an issuer of the profile, and from the profile's environment (row 1.3).
Decision judge_issuer(const Profile& profile, const CertificateRef& certificate, const std::vector<CertificateRef>& candidates, WallTime now);

/// The intermediates between the certificate and its anchor, for the signature's certificate list.
std::vector<CertificateRef> chain_of(const Profile& profile, const CertificateRef& certificate, const std::vector<CertificateRef>& candidates);

/// Is the request itself one that this city's profile lets a person be asked about (rows 3.4, 4.1, 4.2, 13.2)?
Decision judge_request(const Profile& profile, const SignRequest& request);

/// Where the registry holds a key of the application's server: is there an order, and is it for this request? Its documents are compared
/// item by item (judge_ordered_item), its age once, on arrival (judge_order_age): the person may take longer than five minutes.
Decision judge_order(const Profile& profile, const SignRequest& request);
Outcome<void> judge_ordered_item(const SignRequest& request, std::size_t item, std::string_view digest_hex);
Outcome<void> judge_order_age(const Order& order, WallTime now);

/// What programs on this computer may do with a certificate's key. The person is asked all the same.
struct KeyForProgram {
    bool sign = false, decrypt = false;
    bool each_asked = true; ///< one consent and one PIN per operation: CKA_ALWAYS_AUTHENTICATE
};
/// A key for nonRepudiation (or of a certificate that does not say what it is for) signs only where the profile says so, each time asked, and
/// never decrypts. An expired certificate's key still decrypts: old letters must stay readable.
Outcome<KeyForProgram> judge_key_for_program(const Profile& profile, const CertificateRef& certificate, const std::vector<CertificateRef>& candidates,
                                             WallTime now);

/// Do the certificate's kind of key and the token's mechanisms fit what a program asks for?
Outcome<void> judge_task(const Certificate& certificate, const TokenInfo& token, const KeyTask& task);

/// Does the token hash by itself with this mechanism, so that it needs the bytes and not a digest?
bool hashed_by(const TokenInfo& token, const Mechanism& mechanism);

/// Which mechanism: the requested one if key and token can do it, else the first that both can.
Outcome<Mechanism> choose_mechanism(const Certificate& certificate, const TokenInfo& token, const std::optional<Mechanism>& requested);

/// May this token be asked for its PIN now? `tries_left` and `pause` are the agent's own durable count.
Decision judge_pin(const Profile& profile, const TokenInfo& token, int tries_left, std::chrono::seconds pause = {});

/// Is the private key only the owner's (rows 8.4, 15.2)? Asked in each login window, of the handle that signs.
Decision judge_custody(const Profile& profile, const KeyCustody& custody);

} // namespace jk::policy
