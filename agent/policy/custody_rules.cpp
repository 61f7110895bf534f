#include "agent/policy/rules.hpp"

namespace jk::policy {

Decision judge_pin(const Profile& profile, const TokenInfo& token, int tries_left, std::chrono::seconds pause) {
    Decision decision(profile.regulation);
    decision.check(Rule::pin_not_locked, token.pin_state != PinState::locked, Error{Errc::pin_locked}.with("token", token.label));
    decision.check(Rule::pin_is_set, token.pin_state != PinState::not_set, Error{Errc::pin_must_change}.with("token", token.label));
    decision.check(Rule::tries_left, tries_left > 0, Error{Errc::pin_locked}.with("token", token.label));
    decision.check(Rule::pin_pause, pause.count() == 0, Error{Errc::pin_pause}.with("seconds", std::to_string(pause.count())));
    return decision;
}

Decision judge_custody(const Profile& profile, const KeyCustody& custody) {
    Decision decision(profile.regulation);
    // Words a person can act on first: a key that can leave the token is worse than one of unclear birth.
    decision.check(Rule::never_extractable, !custody.extractable && custody.never_extractable, Errc::key_extractable);
    const auto protect = [&](Rule rule, const char* attribute, bool holds) {
        decision.check(rule, holds, Error{Errc::key_unprotected}.with("attribute", attribute));
    };
    protect(Rule::key_sensitive, "CKA_SENSITIVE", custody.sensitive);
    protect(Rule::key_always_sensitive, "CKA_ALWAYS_SENSITIVE", custody.always_sensitive);
    protect(Rule::key_local, "CKA_LOCAL", custody.local);
    return decision;
}

} // namespace jk::policy
