#include "agent/policy/incident_rules.hpp"
#include "agent/policy/locked_pin.hpp"
#include "agent/policy/rules.hpp"

#include <algorithm>

namespace jk::policy {

Error locked_pin(const Profile& profile, const std::string& token_label, std::string detail) {
    constexpr std::string_view category = "gangguan_passphrase"; // row 17.1
    auto error = Error{Errc::pin_locked, std::move(detail)}.with("token", token_label);
    const auto& regulation = profile.regulation;
    const auto categories = report_categories(regulation);
    if (!regulation.passphrase.helpdesk_case || std::ranges::find(categories, category, &ReportCategory::value) == categories.end()) return error;
    error.citation = regulation.passphrase.helpdesk_case.basis.citation;
    const auto command = "jurukunci report new --category " + std::string(category);
    return std::move(error)
        .with("lapor", " Laporkan juga sebagai gangguan: \"" + command + "\".")
        .with("report", " It is also a case for the helpdesk: `" + command + "`.");
}

Outcome<void> tell_locked(const Profile& profile, const std::string& token_label, Outcome<void> outcome) {
    if (outcome || outcome.error().code != Errc::pin_locked) return outcome;
    return locked_pin(profile, token_label, outcome.error().detail);
}

Decision judge_pin(const Profile& profile, const TokenInfo& token, int tries_left, std::chrono::seconds pause) {
    Decision decision(profile.regulation);
    decision.check(Rule::pin_not_locked, token.pin_state != PinState::locked, locked_pin(profile, token.label));
    decision.check(Rule::pin_is_set, token.pin_state != PinState::not_set, Error{Errc::pin_must_change}.with("token", token.label));
    decision.check(Rule::tries_left, tries_left > 0, locked_pin(profile, token.label));
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
