#include "agent/policy/rules.hpp"

namespace jk::policy {
namespace {

/// The newest answer's age against the profile's two thresholds. No answer is a refusal only where the profile names a source to ask.
void judge_status(Decision& decision, const Profile& profile, const State& state, WallTime now) {
    const auto& terms = profile.revocation_status;
    if (terms.source == StatusSource::none && !state.status) return decision.not_judged(Rule::status_fresh, Note::no_status_source);
    if (!state.status) return decision.refuse(Rule::status_fresh, Error{Errc::status_unknown}.with("hours", "-"));
    // An answer from the future is of a clock that was set back: it says nothing about today.
    const auto age = std::chrono::floor<std::chrono::hours>(now - state.status_at);
    const auto error = Error{Errc::status_unknown}.with("hours", std::to_string(age.count()));
    if (age >= terms.refuse_after || age < -std::chrono::hours(1)) return decision.refuse(Rule::status_fresh, error);
    if (age >= terms.warn_after) return decision.warn(Rule::status_fresh, error);
    decision.pass(Rule::status_fresh);
}

void judge_record(Decision& decision, Rule rule, const std::optional<bool>& recorded, bool demanded, Error otherwise) {
    if (!demanded) return decision.not_judged(rule, Note::not_demanded);
    if (!recorded) return decision.not_judged(rule, Note::not_recorded);
    decision.check(rule, *recorded, std::move(otherwise));
}

} // namespace

void add_blocks(State& state, const BlockList& blocks, const Certificate& certificate, const TokenId& token) {
    for (const auto* block : blocks.about(certificate, token)) {
        state.decryption_blocked = state.decryption_blocked || !block->decryption_stays;
        if (block->cause == BlockCause::revoked)
            state.revoked = state.revoked ? std::min(*state.revoked, block->since) : block->since;
        else
            state.blocked = BlockFact{block->case_number, block->since};
    }
}

bool is_for_first_use(Rule rule) { return rule == Rule::duties_acknowledged || rule == Rule::agreement_accepted; }

Outcome<void> outcome_before_first_use(const Decision& decision) {
    for (const auto& verdict : decision.verdicts())
        if (verdict.verdict == Verdict::refused && verdict.error && !is_for_first_use(verdict.rule)) return *verdict.error;
    return done();
}

Decision judge_state(const Profile& profile, const State& state, const Certificate& certificate, WallTime now) {
    Decision decision(profile.regulation);
    // Final first: who may never sign again must not be told to wait for something.
    auto revoked = state.revoked;
    if (!revoked && state.status == RevocationAnswer::revoked) revoked = state.status_at;
    decision.check(Rule::not_revoked, !revoked, Error{Errc::certificate_revoked}.with("date", revoked ? indonesian_date(*revoked) : std::string()));
    decision.check(Rule::not_blocked, !state.blocked,
                   Error{Errc::blocked_locally}
                       .with("case", state.blocked ? state.blocked->case_number : "")
                       .with("date", state.blocked ? indonesian_date(state.blocked->since) : ""));
    decision.check(Rule::not_suspended, !state.suspended && state.status != RevocationAnswer::suspended, Errc::certificate_suspended);
    decision.check(Rule::not_replaced, !state.replaced,
                   Error{Errc::certificate_replaced}.with("date", state.replaced ? indonesian_date(*state.replaced) : std::string()));
    judge_status(decision, profile, state, now);
    judge_record(decision, Rule::agreement_accepted, state.agreement_accepted, profile.agreement_first,
                 Error{Errc::agreement_missing}.with("case", certificate.common_name));
    judge_record(decision, Rule::duties_acknowledged, state.duties_acknowledged, profile.duties_first, Errc::duties_unacknowledged);
    return decision;
}

} // namespace jk::policy
