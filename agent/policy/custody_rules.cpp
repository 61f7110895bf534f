#include "agent/policy/rules.hpp"

namespace jk::policy {

Decision judge_pin(const Profile&, const TokenInfo& token, int tries_left) {
    Decision decision;
    decision.check("the token's PIN is not locked", token.pin_state != PinState::locked, Error{Errc::pin_locked}.with("token", token.label));
    decision.check("the token has a user PIN", token.pin_state != PinState::not_set, Error{Errc::pin_must_change}.with("token", token.label));
    decision.check("tries are left by the agent's own count", tries_left > 0, Error{Errc::pin_locked}.with("token", token.label));
    return decision;
}

Decision judge_custody(const Profile& profile, const KeyCustody& custody) {
    Decision decision;
    const auto& citation = profile.regulation.private_key_citation;
    // Words a person can act on first: a key that can leave the token is worse than one of unclear birth.
    decision.check("the key cannot and never could be extracted", !custody.extractable && custody.never_extractable,
                   Error{Errc::key_extractable}.citing(citation));
    const auto protect = [&](const char* attribute, bool holds) {
        decision.check(std::string("the key shows ") + attribute, holds, Error{Errc::key_unprotected}.with("attribute", attribute).citing(citation));
    };
    protect("CKA_SENSITIVE", custody.sensitive);
    protect("CKA_ALWAYS_SENSITIVE", custody.always_sensitive);
    protect("CKA_LOCAL", custody.local);
    return decision;
}

} // namespace jk::policy
