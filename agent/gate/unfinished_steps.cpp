#include "agent/gate/unfinished_steps.hpp"

#include "jurukunci/encoding.hpp"

#include <algorithm>

namespace jk::gate {

bool is_on(const audit::OpenProvisioning& open, const TokenContents& token) {
    if (open.token.module != token.id.module) return false;
    return open.token.serial == token.id.serial || (open.token.serial.empty() && token.initialised && open.label == token.label);
}

std::optional<ProvisioningKind> wanted_by(const audit::OpenProvisioning& open) {
    // Nobody knows whether the SO-PIN was changed: the token may still have the factory's.
    if (open.step == name_of(ProvisioningKind::token_init)) return ProvisioningKind::token_init;
    // Private keys do not show without a login: a token that looks complete may have lost its own, and there is no record of it.
    if (open.step == name_of(ProvisioningKind::destroy)) return ProvisioningKind::destroy;
    return std::nullopt;
}

bool settles(ProvisioningKind ended_well, const audit::OpenProvisioning& open) {
    const auto wanted = wanted_by(open);
    return !wanted || ended_well == *wanted || ended_well == ProvisioningKind::destroy;
}

std::string_view next_step(const ShownContents& token) {
    const auto wants = [&](ProvisioningKind kind) {
        return std::ranges::any_of(token.interrupted, [&](const auto& open) { return wanted_by(open) == kind; });
    };
    const auto readiness = readiness_of(token.contents);
    if (wants(ProvisioningKind::destroy)) return "token destroy";
    if (readiness == TokenReadiness::without_pin && wants(ProvisioningKind::token_init)) return "token init";
    // With the PIN it was handed over with no key is made and no request signed (row 8.4).
    const bool about_a_key = readiness == TokenReadiness::without_key || readiness == TokenReadiness::key_without_certificate;
    if (about_a_key && token.contents.pin_to_be_changed) return "pin change";
    return next_step(readiness);
}

Outcome<void> judge_unfinished(ProvisioningKind kind, const ShownContents& token) {
    const bool first_pin = kind == ProvisioningKind::pin_set && token.contents.pin_state == PinState::not_set;
    if (!first_pin && kind != ProvisioningKind::token_init) return done();
    for (const auto& open : token.interrupted)
        if (!settles(kind, open))
            return Error{Errc::step_interrupted}
                .with("step", open.step)
                .with("token", open.label)
                .with("time", rfc3339(open.begun))
                .with("next", "jurukunci " + std::string(next_step(token)));
    return done();
}

} // namespace jk::gate
