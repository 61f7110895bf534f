// judge: tokens, certificate, request and PIN state against the profile; and sealing, which makes digests of what was asked for.
#include "agent/gate/gate.hpp"

#include <algorithm>

namespace jk::gate {
namespace {

struct Choice {
    const TokenInfo* token;
    CertificateRef certificate;
};

/// Every certificate of every token that could be meant.
std::vector<Choice> candidates(const std::vector<TokenInfo>& tokens, const std::optional<CertificateId>& wanted) {
    std::vector<Choice> all;
    for (const auto& token : tokens)
        for (const auto& certificate : token.certificates)
            if (!wanted || certificate->id == *wanted) all.push_back({&token, certificate});
    return all;
}

/// By the page, or by its server's order; judge_order has seen to it that they agree.
std::optional<CertificateId> wanted_by(const SignRequest& request) {
    if (request.certificate || !request.order || !request.order->certificate) return request.certificate;
    return request.order->certificate;
}

/// A module that is at work, or hangs, may not show what it has.
bool is_absence(Errc code) {
    switch (code) {
    case Errc::token_absent:
    case Errc::certificate_unknown:
    case Errc::certificate_absent:
    case Errc::token_timed_out:
    case Errc::module_crashed: return true;
    default: return false;
    }
}

} // namespace

Outcome<void> Gate::not_blocked(const Certificate& certificate, const TokenId& token) const {
    const auto& irreversible = m_profile.regulation.revocation.irreversible.basis.citation;
    return policy::judge_blocks(m_blocks, certificate, token, policy::KeyAction::sign, irreversible);
}

Task<Outcome<Gate::Judged>> Gate::judge(const Operation& operation, bool* late) {
    if (operation.cancelled) co_return *operation.cancelled;
    const auto& request = operation.request;
    if (auto decision = policy::judge_session(m_profile, m_facts->session()).outcome(); !decision) co_return decision.error();
    if (auto decision = policy::judge_request(m_profile, request).outcome(); !decision) co_return decision.error();
    auto tokens = co_await m_token.recent_tokens();
    if (late != nullptr) *late = m_token.is_late({});
    if (!tokens) co_return tokens.error();
    if (tokens->empty()) co_return Errc::token_absent;
    if (m_inquiry != nullptr) co_await m_inquiry->refresh(*tokens);
    if (operation.cancelled) co_return *operation.cancelled;

    const auto use = request.format == Format::authentication ? policy::CertificateUse::login : policy::CertificateUse::signature;
    const auto wanted = wanted_by(request);
    std::vector<Choice> usable;
    std::optional<Error> refusal;
    bool blocked = false; // whoever has reported a key must read that, not that another certificate is unfit
    const auto now = m_clock.now();
    for (const auto& choice : candidates(*tokens, wanted)) {
        if (auto ok = not_blocked(*choice.certificate, choice.token->id); !ok && !choice.certificate->is_ca) {
            refusal = ok.error();
            blocked = true;
            continue;
        }
        auto verdicts = policy::judge_certificate(m_profile, choice.certificate, choice.token->certificates, now, use);
        verdicts.append(policy::judge_state(m_profile, m_facts->about(*choice.certificate, choice.token->id), *choice.certificate, now));
        const auto decision = m_first_use != nullptr ? policy::outcome_before_first_use(verdicts) : verdicts.outcome();
        if (decision)
            usable.push_back(choice);
        else if (!blocked && (!refusal || (!choice.certificate->is_ca && !wanted)))
            refusal = decision.error();
    }
    if (usable.empty()) {
        if (refusal) co_return *refusal;
        co_return wanted ? Errc::certificate_unknown : Errc::certificate_absent;
    }
    if (late != nullptr) *late = false; // whatever else it has
    if (usable.size() > 1) co_return Error{Errc::certificate_ambiguous}.with("count", std::to_string(usable.size()));

    const auto& [token, certificate] = usable.front();
    if (auto decision = policy::judge_pin(m_profile, *token, m_tries.left(token->id), m_tries.pause(token->id)).outcome(); !decision)
        co_return decision.error();
    auto mechanism = policy::choose_mechanism(*certificate, *token, request.mechanism);
    if (!mechanism) co_return mechanism.error();
    co_return Judged{*token, certificate, policy::chain_of(m_profile, certificate, token->certificates), *mechanism};
}

/// A token that works with one answer is not waited for with another PIN typed: whoever needs it waits before, and the person is free meanwhile.
Task<Outcome<Gate::Judged>> Gate::judge_when_free(const Operation& operation, Turn& turn) {
    const std::function<bool()> given_up = [&operation] { return operation.cancelled.has_value(); };
    const std::string every_module;
    for (bool waited = false;;) {
        bool late = false;
        auto judged = co_await judge(operation, &late);
        if (!judged && !late && !is_absence(judged.error().code)) co_return judged;
        const auto module = judged ? judged->token.id.module : std::string(); // what cannot be found may be on any token that is at work
        if (turn.must_wait_for(module)) {
            co_await turn.until_free(module);
            continue;
        }
        if (judged || waited || !late) co_return judged;
        waited = true; // or on one whose module is late; others may be asked meanwhile
        turn.lend();
        co_await m_token.await_late(every_module, given_up);
        (void)co_await turn.take_back();
    }
}

Task<Outcome<void>> Gate::acquaint(Operation& operation, const Judged& judged) {
    if (m_first_use == nullptr) co_return done();
    FirstUse::Asker asker;
    asker.caller = operation.request.caller;
    asker.operation = operation.id;
    asker.certificate = judged.certificate;
    asker.token = judged.token.id;
    asker.token_label = judged.token.label;
    asker.opening = [&operation](const ConsentId& id) {
        operation.consent = id;
        operation.state = OperationState::waiting_consent;
        operation.changed();
    };
    asker.given_up = [&operation] { return operation.cancelled; };
    auto settled = co_await m_first_use->settle(std::move(asker));
    if (!settled) {
        operation.certificate = judged.certificate; // for the row of the refusal
        co_return settled.error();
    }
    operation.state = OperationState::preparing;
    // What the person said is a fact only when the facts say so.
    const auto state = m_facts->about(*judged.certificate, judged.token.id);
    co_return policy::judge_state(m_profile, state, *judged.certificate, m_clock.now()).outcome();
}

Task<Outcome<Gate::Sealed>> Gate::seal(Operation& operation, const Judged& judged) {
    operation.certificate = judged.certificate;
    operation.mechanism = judged.mechanism;
    const SealTerms terms{
        operation.request.caller,        operation.request.format, judged.certificate,           judged.chain, judged.mechanism, m_clock.now(),
        judged.certificate->common_name, m_profile.marking(),      operation.sealing.get_token()};
    auto outcomes = co_await m_documents.seal(operation.request.items, terms);
    if (operation.cancelled) co_return *operation.cancelled;
    Sealed sealed;
    std::optional<Error> first;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        // What will be signed is compared with the order here, whatever a door has looked at before.
        if (outcomes[i] && policy::hashed_by(judged.token, judged.mechanism) && (*outcomes[i])->hashed().empty())
            outcomes[i] = Error{Errc::mechanism_unsupported, "the token hashes by itself, and of this item only a digest is known"}.with(
                "mechanism", judged.mechanism.name());
        if (outcomes[i])
            if (auto ok = policy::judge_ordered_item(operation.request, i, (*outcomes[i])->shown().digest); !ok) outcomes[i] = ok.error();
        if (outcomes[i]) {
            const auto number = sealed.size();
            sealed.push_back({std::move(*outcomes[i]), i, number});
            continue;
        }
        operation.items[i].state = ItemState::failed;
        operation.items[i].error = outcomes[i].error();
        if (!first) first = outcomes[i].error();
    }
    // One document that cannot be signed does not stop the others, unless the caller wants all or nothing.
    if (first && (sealed.empty() || operation.request.on_item_failure == OnItemFailure::stop)) co_return *first;
    co_return sealed;
}

} // namespace jk::gate
