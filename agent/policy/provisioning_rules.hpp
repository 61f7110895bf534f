// The rules of preparing a token. Pure, as all rules; rows are those of the regulation matrix.
#pragma once
#include "agent/policy/rules.hpp"
#include "jurukunci/provisioning.hpp"

namespace jk::policy {

/// May this caller prepare tokens at all? The control door's programs may: a person sits there. A page only where the registry marks it as RA.
Outcome<void> judge_provisioning_caller(const Profile& profile, const CallerIdentity& caller);

/// Does the case permit this step (rows 8.1, 8.2, 8.3), and is its subject one that can be asked for (row 14.2)?
Decision judge_case(const Profile& profile, const ProvisioningRequest& request);

/// Is the step the one that this token, as it shows itself, can take now? `destroyed`: the log holds a destruction record that is newer than all
/// else that was done with this token.
Decision judge_step(const Profile& profile, const ProvisioningRequest& request, const TokenContents& token, bool destroyed);

/// Is this the certificate that was asked for: the key on the token, the case's subject, the profile's issuers (rows 1.3, 14.2)?
Decision judge_import(const Profile& profile, const ProvisioningRequest& request, const TokenContents& token, WallTime now);

/// The step as the token's process is asked for it, and of a request for a certificate its key.
Outcome<const PublicKeyOnToken*> key_meant(const ProvisioningRequest& request, const TokenContents& token);
AdministrationStep administration_step(const Profile& profile, const ProvisioningRequest& request, const TokenContents& token);

/// The last four characters, or all there are.
std::string serial_ending(const std::string& serial);
/// Steps that a person must mean for the very token in hand.
bool wants_serial_typed(const ProvisioningRequest& request, const TokenContents& token);

} // namespace jk::policy
