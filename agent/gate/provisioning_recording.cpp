// record: a durable row before the token is touched and one after; without the first nothing is done, without the second the step shows as cut off.
#include "agent/gate/provisioning.hpp"

#include "ipc/log_escape.hpp"
#include "jurukunci/encoding.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace jk::gate {
namespace {

ProvisioningState state_for(Errc code) {
    switch (code) {
    case Errc::cancelled_by_application:
    case Errc::page_gone: return ProvisioningState::cancelled;
    case Errc::consent_denied:
    case Errc::consent_timed_out: return ProvisioningState::refused;
    default: return entry_of(code).exit_code == 1 ? ProvisioningState::refused : ProvisioningState::failed;
    }
}

/// The step ended before the token looked at the old PIN or SO-PIN, or for a reason that shows only after it had taken it. A worker that died and a
/// token that was pulled out say neither: their try stays counted.
bool secret_not_at_fault(Errc code) {
    switch (code) {
    case Errc::pin_empty:
    case Errc::pin_length:
    case Errc::pin_weak:
    case Errc::pin_factory:
    case Errc::pin_unchanged:
    case Errc::pin_must_change:
    case Errc::so_pin_factory:
    case Errc::so_pin_still_factory:
    case Errc::step_out_of_order:
    case Errc::token_absent:
    case Errc::token_swapped:
    case Errc::token_ambiguous:
    case Errc::mechanism_unsupported:
    case Errc::key_absent:
    case Errc::key_mismatch:
    case Errc::key_extractable:
    case Errc::key_unprotected:
    case Errc::key_not_destroyed:
    case Errc::certificate_present:
    case Errc::certificate_unknown: return true;
    default: return false;
    }
}

/// Answers after which the token is certainly as it was before.
bool nothing_touched(Errc code) {
    switch (code) {
    case Errc::pin_incorrect:
    case Errc::pin_locked:
    case Errc::pin_empty:
    case Errc::pin_length:
    case Errc::pin_weak:
    case Errc::pin_factory:
    case Errc::pin_unchanged:
    case Errc::pin_must_change:
    case Errc::so_pin_incorrect:
    case Errc::so_pin_locked:
    case Errc::so_pin_factory:
    case Errc::so_pin_still_factory:
    case Errc::step_out_of_order:
    case Errc::token_absent:
    case Errc::token_swapped:
    case Errc::token_ambiguous:
    case Errc::mechanism_unsupported:
    case Errc::key_absent:
    case Errc::key_mismatch:
    case Errc::key_extractable: // destroyed again
    case Errc::key_unprotected:
    case Errc::certificate_present:
    case Errc::certificate_unknown: return true;
    default: return false;
    }
}

/// The cut-off step was on the token that this one has changed, which may have got its serial or another label by it.
bool was_on(const ProvisioningStep& step, const audit::OpenProvisioning& open) {
    const auto& now = step.outcome;
    if (open.token == now.token) return true;
    if (open.token.module != now.token.module || !open.token.serial.empty()) return false;
    return open.label == now.label || (step.before.initialised && open.label == step.before.label);
}

boost::json::object facts_of(const ProvisioningOutcome& outcome) {
    boost::json::object facts;
    if (!outcome.public_key.empty()) facts["publicKeySha256"] = sha256(outcome.public_key).hex();
    if (!outcome.certificate_request.empty()) facts["requestSha256"] = sha256(bytes_of(outcome.certificate_request)).hex();
    if (!outcome.certificate_sha256.empty()) facts["certificateSha256"] = outcome.certificate_sha256;
    if (outcome.removed > 0) facts["removedObjects"] = outcome.removed;
    if (outcome.record) facts["recordSha256"] = outcome.record->sha256.hex();
    return facts;
}

} // namespace

Outcome<AdministrationGrant> Provisioning::record(ProvisioningStep& step, const Judged& judged, const Agreed& agreed) {
    audit::ProvisioningOccasion occasion;
    occasion.operation = step.id;
    occasion.request = &step.request;
    occasion.token = &judged.token;
    occasion.profile = m_rooms.profile.regulation.id;
    occasion.environment = policy::name_of(m_rooms.profile.environment);
    occasion.prompter = agreed.answer.prompter;
    AuditRow row;
    auto committed = m_rooms.log.commit(store::Durability::machine, [&] {
        row = m_rooms.rows.begun(occasion);
        // Counted before the token is asked, so that pulling the plug does not give a try back.
        for (const auto role : secrets_of(judged.step))
            if (!is_new(role)) m_rooms.tries.count(is_so(role) ? so_counter_of(judged.token.id) : judged.token.id);
        return done();
    });
    if (!committed) {
        spdlog::error("nothing was done to the token: {}", committed.error().log_line());
        return committed.error();
    }
    step.in_log = true;
    return AdministrationGrant(judged.token.id, judged.step, agreed.secrets, row);
}

void Provisioning::count_tries(const Judged& judged, const Outcome<void>& outcome) {
    const auto roles = secrets_of(judged.step);
    (void)m_rooms.log.commit(store::Durability::process, [&] {
        for (const auto role : roles) {
            if (is_new(role)) continue;
            const auto counted = is_so(role) ? so_counter_of(judged.token.id) : judged.token.id;
            if (outcome)
                m_rooms.tries.forget(counted);
            else if (secret_not_at_fault(outcome.error().code))
                m_rooms.tries.take_back(counted);
        }
        // A new PIN starts with all tries, whoever counted before.
        if (outcome && std::ranges::find(roles, SecretRole::new_pin) != roles.end()) m_rooms.tries.start_anew(judged.token.id);
        if (outcome && std::holds_alternative<step::InitialiseToken>(judged.step)) m_rooms.tries.start_anew(judged.token.id);
        return done();
    });
}

Task<Outcome<void>> Provisioning::record_destruction(ProvisioningStep& step, const Judged& judged, std::uint32_t removed) {
    const auto now = co_await m_rooms.tokens.contents(); // the token's own word that it is empty
    if (!now) co_return now.error();
    const auto seen = std::ranges::find(*now, step.outcome.token, &TokenContents::id);
    if (seen == now->end()) co_return Error{Errc::token_removed, "nobody saw the token empty"}.with("token", judged.token.label);
    if (!seen->empty()) co_return Error{Errc::token_not_empty, "objects are left after the destruction"}.with("token", judged.token.label);
    const auto& request = step.request;
    DestructionFacts facts;
    facts.operation = step.id;
    facts.at = m_rooms.clock.now();
    facts.city = m_rooms.profile.regulation.city;
    facts.profile = m_rooms.profile.regulation.id;
    facts.environment = policy::name_of(m_rooms.profile.environment);
    facts.token = judged.token;
    for (const auto& certificate : judged.token.certificates)
        if (certificate.certificate) facts.certificates.push_back(certificate.certificate->id.sha256.hex());
    for (const auto& key : judged.token.keys)
        if (!key.public_key.empty()) facts.keys.push_back(sha256(key.public_key).hex());
    // A destruction that was cut off may have removed what this one no longer sees.
    for (const auto& open : m_rooms.rows.open_steps()) {
        if (open.token != judged.token.id || open.operation == step.id || open.step != name_of(ProvisioningKind::destroy)) continue;
        for (const auto& hash : open.certificates)
            if (std::ranges::find(facts.certificates, hash) == facts.certificates.end()) facts.certificates.push_back(hash);
        for (const auto& hash : open.keys)
            if (std::ranges::find(facts.keys, hash) == facts.keys.end()) facts.keys.push_back(hash);
    }
    facts.removed = removed;
    facts.with_so_pin = request.with_so_pin;
    facts.destruction = *request.destruction;
    facts.application = request.caller.application;
    facts.origin = request.caller.origin;
    if (request.registration) {
        facts.holder = request.registration->holder_name;
        facts.unit = request.registration->holder_unit;
        facts.case_id = request.registration->id;
    }
    facts.row = m_rooms.log.head().row;
    auto written = write_destruction_record(m_rooms.records, m_rooms.device_key, facts);
    if (!written) co_return written.error();
    step.outcome.record = std::move(*written);
    co_return done();
}

void Provisioning::finish(ProvisioningStep& step, Outcome<void> outcome) {
    if (!outcome) {
        step.error = outcome.error();
        const bool so = step.error->code == Errc::so_pin_incorrect;
        if (so || step.error->code == Errc::pin_incorrect) {
            const TokenId token = step.outcome.token;
            step.error->with("tries", std::to_string(m_rooms.tries.left(so ? so_counter_of(token) : token)));
        }
    }
    auto state = outcome ? ProvisioningState::done : state_for(outcome.error().code);
    auto committed = m_rooms.log.commit(store::Durability::machine, [&] {
        if (!step.in_log) {
            m_rooms.rows.refused(step.id, step.request, *step.error);
            return done();
        }
        // What may have been touched and did not end well stays open: told at every look, until a step on this token ends well.
        if (!outcome && !nothing_touched(outcome.error().code)) return done();
        m_rooms.rows.ended(step.id, step.outcome.token, name_of(step.request.kind), name_of(state), facts_of(step.outcome), step.error);
        if (outcome)
            for (const auto& open : m_rooms.rows.open_steps())
                if (open.operation != step.id && was_on(step, open) && settles(step.request.kind, open))
                    m_rooms.rows.ended(open.operation, step.outcome.token, open.step, "superseded", {}, std::nullopt);
        return done();
    });
    if (!committed) { // what the log does not know is not told as done
        spdlog::error("the end of a step could not be recorded: {}", committed.error().log_line());
        state = ProvisioningState::failed;
        step.error = committed.error();
        step.outcome.certificate_request.clear();
    }
    if (!step.consent.value.empty()) m_rooms.attention.ended(step.request.caller.owner, outcome.has_value(), step.error);
    step.kept_until = std::chrono::steady_clock::now() + m_rooms.profile.limits.keep;
    step.state = state;
    step.changed();
}

} // namespace jk::gate
