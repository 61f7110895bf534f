#include "agent/policy/explain.hpp"

namespace jk::policy {
namespace {

/// Rules of a stage that nothing was said about are told, not left out.
void leave_open(Decision& decision, Stage stage, Note why) {
    for (const auto& entry : rule_table())
        if (entry.stage == stage) decision.not_judged(entry.rule, why);
}

/// Rules that only a login, a program or an exception would have asked.
bool belongs(Rule rule) {
    return rule != Rule::login_usage_fits && rule != Rule::holder_no_ca && rule != Rule::transitional && rule != Rule::environment_unmixed;
}

void judge_certificate_and_state(Decision& decision, const Profile& profile, const Hypothesis& h, WallTime now) {
    if (!h.certificate) {
        for (const auto& entry : rule_table())
            if ((entry.stage == Stage::certificate || entry.stage == Stage::state) && belongs(entry.rule))
                decision.not_judged(entry.rule, Note::not_given);
        return;
    }
    const auto use = h.request.format == Format::authentication ? CertificateUse::login : CertificateUse::signature;
    decision.append(judge_certificate(profile, h.certificate, h.candidates, now, use));
    decision.append(judge_state(profile, h.state, *h.certificate, now));
}

void judge_token(Decision& decision, const Profile& profile, const Hypothesis& h) {
    if (h.token_absent) return decision.refuse(Rule::token_present, Errc::token_absent);
    if (!h.token) return leave_open(decision, Stage::token, Note::not_given);
    decision.pass(Rule::token_present);
    decision.check(Rule::certificate_present, h.certificate != nullptr || !h.token->certificates.empty(), Errc::certificate_absent);
    decision.append(judge_pin(profile, *h.token, h.tries_left.value_or(1), h.pin_pause));
}

} // namespace

Decision judge_everything(const Profile& profile, const Hypothesis& h, WallTime now) {
    Decision decision(profile.regulation);
    decision.append(judge_session(profile, h.session));
    if (h.request.caller.door == Door::http) decision.append(judge_application(profile, h.request.caller.origin, now));
    decision.append(judge_delegation(profile, h.delegation_field));
    decision.append(judge_request(profile, h.request));
    judge_token(decision, profile, h);
    judge_certificate_and_state(decision, profile, h, now);
    decision.append(judge_consent(profile, h.consent));
    if (h.custody)
        decision.append(judge_custody(profile, *h.custody));
    else
        leave_open(decision, Stage::custody, Note::at_the_token);
    return decision;
}

} // namespace jk::policy
