// The road of one step, readable from top to bottom; its parts are in provisioning_asking.cpp and provisioning_recording.cpp.
#include "agent/gate/provisioning.hpp"

#include "agent/policy/locked_pin.hpp"
#include "jurukunci/encoding.hpp"

#include <algorithm>

namespace jk::gate {
namespace {

constexpr int most_lent = 3;

} // namespace

Task<Outcome<void>> Provisioning::carry_out(ProvisioningStep& step, Turn& turn) {
    auto judged = co_await judge_when_free(step, turn); // may this be put to the person at all?
    if (!judged) co_return judged.error();
    step.before = judged->token;
    step.outcome.token = judged->token.id;
    step.outcome.label = judged->token.label;

    auto agreed = co_await ask(step, *judged); // token, serial, what will happen; each secret on a channel of its own
    if (!agreed) co_return agreed.error();

    auto grant = record(step, *judged, *agreed); // durable before the token is touched
    if (!grant) {
        m_rooms.tokens.forget_secrets(judged->token.id, agreed->secrets);
        co_return grant.error();
    }
    step.state = ProvisioningState::working;
    step.changed();
    turn.at_token(judged->token.id.module, judged->token.pin_pad);

    auto result = co_await m_rooms.tokens.carry_out(std::move(*grant));
    Outcome<void> outcome = done();
    if (result)
        outcome = take(step, *judged, *result);
    else
        outcome = policy::tell_locked(m_rooms.profile, judged->token.label, result.error());
    count_tries(*judged, outcome);
    if (!outcome || step.request.kind != ProvisioningKind::destroy) co_return outcome;
    co_return co_await record_destruction(step, *judged, result->removed);
}

/// Every token is looked at, all objects of it, so nobody else's may be at work. A module that hangs is no reason for others to wait with their
/// question meanwhile; what was seen before one of them was asked is looked at again.
Task<Outcome<Provisioning::Judged>> Provisioning::judge_when_free(const ProvisioningStep& step, Turn& turn) {
    for (int lent = 0; lent < most_lent; ++lent) {
        co_await turn.until_free(std::string());
        turn.lend();
        auto judged = co_await judge(step);
        const bool holds = co_await turn.take_back();
        if (step.cancelled) co_return *step.cancelled;
        if (holds) co_return judged;
    }
    co_await turn.until_free(std::string()); // who lets everybody in first never begins
    co_return co_await judge(step);
}

Task<Outcome<Provisioning::Judged>> Provisioning::judge(const ProvisioningStep& step) {
    if (step.cancelled) co_return *step.cancelled;
    const auto& request = step.request;
    if (m_rooms.facts != nullptr)
        if (auto ok = policy::judge_session(m_rooms.profile, m_rooms.facts->session()).outcome(); !ok) co_return ok.error();
    if (auto ok = policy::judge_provisioning_caller(m_rooms.profile, request.caller); !ok) co_return ok.error();
    if (auto ok = policy::judge_case(m_rooms.profile, request).outcome(); !ok) co_return ok.error();
    auto tokens = co_await m_rooms.tokens.contents();
    if (!tokens) co_return tokens.error();
    std::erase_if(*tokens, [&](const TokenContents& token) { return !request.serial.empty() && token.id.serial != request.serial; });
    // A slot that offers itself for a new token is not meant where there is a real one, unless a new one is asked for.
    if (request.serial.empty() && tokens->size() > 1) {
        const bool wants_blank = request.kind == ProvisioningKind::token_init;
        std::erase_if(*tokens, [&](const TokenContents& token) { return token.initialised == wants_blank; });
    }
    if (tokens->empty()) co_return Errc::token_absent;
    if (tokens->size() > 1) co_return Error{Errc::token_ambiguous}.with("count", std::to_string(tokens->size()));

    Judged judged{std::move(tokens->front()), {}, std::nullopt, {}};
    const auto& token = judged.token;
    if (auto ok = policy::judge_step(m_rooms.profile, request, token, m_rooms.rows.destroyed(token.id)).outcome(); !ok) co_return ok.error();
    if (auto ok = judge_unfinished(request.kind, shown(token)); !ok) co_return ok.error();
    if (request.kind == ProvisioningKind::cert_import)
        if (auto ok = policy::judge_import(m_rooms.profile, request, token, m_rooms.clock.now()).outcome(); !ok) co_return ok.error();
    judged.step = policy::administration_step(m_rooms.profile, request, token);
    if (request.kind == ProvisioningKind::csr) {
        const auto key = policy::key_meant(request, token);
        if (!key) co_return key.error();
        auto draft = x509::CertificateRequest::draft(request.registration->subject, (*key)->public_key);
        if (!draft) co_return draft.error();
        judged.public_key = (*key)->public_key;
        judged.step = step::SignRequestInfo{judged.public_key, draft->mechanism(), draft->to_sign(), draft->info()};
        judged.request.emplace(std::move(*draft));
    }
    for (const auto role : secrets_of(judged.step)) {
        if (is_new(role)) continue;
        const auto counted = is_so(role) ? so_counter_of(token.id) : token.id;
        if (m_rooms.tries.left(counted) > 0) {
            const auto pause = m_rooms.tries.pause(counted);
            if (is_so(role) || pause.count() == 0) continue; // the officer's envelope is not guessed at, and its fifth miss locks
            co_return Error{Errc::pin_pause}.with("seconds", std::to_string(pause.count()));
        }
        if (is_so(role)) co_return Error{Errc::so_pin_locked}.with("token", token.label);
        co_return policy::locked_pin(m_rooms.profile, token.label);
    }
    co_return judged;
}

Outcome<void> Provisioning::take(ProvisioningStep& step, const Judged& judged, const AdministrationResult& result) {
    step.outcome.token = result.token;
    if (step.request.kind == ProvisioningKind::token_init) step.outcome.label = step.request.label;
    step.outcome.public_key = result.public_key;
    step.outcome.key_id = result.key;
    step.outcome.removed = result.removed;
    if (step.request.certificate) step.outcome.certificate_sha256 = step.request.certificate->id.sha256.hex();
    if (step.request.certificate_id) step.outcome.certificate_sha256 = step.request.certificate_id->sha256.hex();
    const bool uses_key = step.request.kind == ProvisioningKind::key_generate || step.request.kind == ProvisioningKind::csr;
    if (uses_key) { // the worker has looked, too; it is not believed alone
        auto protected_key = policy::judge_custody(m_rooms.profile, result.custody).outcome();
        if (!protected_key && step.request.kind == ProvisioningKind::csr) return protected_key;
        if (!protected_key) { // a worker that sees nothing wrong with a new key has not destroyed it
            const std::string fault(protected_key.error().entry().code);
            return Error{Errc::key_not_destroyed, protected_key.error().log_line()}.with("token", judged.token.label).with("result", fault);
        }
    }
    if (!judged.request) return done();
    auto pem = judged.request->finish(result.signature); // verified with the key on the token before anybody sees it
    if (!pem) return pem.error();
    step.outcome.certificate_request = std::move(*pem);
    step.outcome.public_key = judged.public_key;
    return done();
}

TokenId so_counter_of(const TokenId& token) { return {token.module, token.serial + " SO"}; }

} // namespace jk::gate
