// ask: the question to the person, and the PIN's way from the prompter to the worker, which the agent opens and never reads.
#include "agent/gate/gate.hpp"

#include "agent/gate/final_try.hpp"
#include "agent/gate/pin_warning.hpp"
#include "agent/policy/locked_pin.hpp"
#include "ipc/blocking_channel.hpp"
#include "jurukunci/encoding.hpp"

#include <algorithm>

namespace jk::gate {

Task<Outcome<Gate::Agreed>> Gate::ask(Operation& operation, const Judged& judged, const Sealed& sealed, const std::optional<Error>& previous) {
    if (operation.cancelled) co_return *operation.cancelled;
    if (!m_consent.available()) co_return Errc::consent_unavailable;
    auto ends = ipc::socket_pair();
    if (!ends) co_return ends.error();
    auto awaited = co_await m_token.expect_pin(judged.token.id, std::move(ends->second));
    if (!awaited) co_return awaited.error();
    if (awaited->pin_state == PinState::locked) { // by another program, or by the wrong PIN of a moment ago
        m_token.forget_pin(judged.token.id, awaited->ticket);
        co_return policy::locked_pin(m_profile, judged.token.label);
    }

    const auto& request = operation.request;
    ConsentQuestion question;
    question.id = operation.consent = {"c_" + random_id(12)};
    if (request.format == Format::authentication) question.kind = ConsentKind::authentication;
    if (request.order) question.ordered_for = request.order->user;
    question.application = request.caller.application;
    question.origin = request.caller.origin;
    question.owner_unit = request.caller.owner_unit;
    question.purpose = request.purpose;
    question.task_kind = request.task_kind;
    question.city = m_profile.regulation.city;
    question.citation = request.caller.citation;
    question.environment = policy::name_of(m_profile.environment);
    question.marking = m_profile.marking();
    if (question.kind == ConsentKind::signature)
        for (const auto& entry : sealed) question.items.push_back(entry.item->shown());
    question.certificate = judged.certificate;
    question.token_label = judged.token.label;
    question.pin_pad = judged.token.pin_pad;
    question.tries_left = m_tries.left(judged.token.id);
    warn_of_pin(question, awaited->pin_state, awaited->pin_to_be_changed);
    question.final_try = is_final_try(awaited->pin_state, question.tries_left);
    const bool final_try = question.final_try;
    question.previous_fault = previous;
    // An item without a name or a digest would be a yes to nothing.
    const auto named = [](const ConsentItem& item) { return !item.name.empty() && !item.digest.empty(); };
    const bool all_there = question.kind != ConsentKind::signature || question.items.size() == sealed.size();
    const bool shown = all_there && std::ranges::all_of(question.items, named);
    question.deadline = m_profile.limits.consent + m_profile.limits.consent_per_item * static_cast<int>(sealed.size());
    if (operation.cancelled) { // while the worker was being told
        m_token.forget_pin(judged.token.id, awaited->ticket);
        co_return *operation.cancelled;
    }
    operation.state = OperationState::waiting_consent;
    operation.changed();

    auto answer = co_await m_consent.ask(std::move(question), std::move(ends->first));
    // The page may have gone in the moment between the person's answer and now.
    if (operation.cancelled) answer = *operation.cancelled;
    if (answer) {
        std::ranges::sort(answer->rejected);
        answer->rejected.erase(std::unique(answer->rejected.begin(), answer->rejected.end()), answer->rejected.end());
    }
    want_final_try(answer, final_try, judged.token.label);
    // Taking everything out of the list is a no, and so is taking out what is not on it: whoever answered did not see our question.
    if (answer && !answer->rejected.empty() && (answer->rejected.size() == sealed.size() || answer->rejected.back() >= sealed.size()))
        answer = Errc::consent_denied;
    // The PIN's writer went to the prompter and to nobody else.
    const policy::ConsentFacts facts{shown, answer.has_value(), true, std::nullopt};
    if (auto ok = policy::judge_consent(m_profile, facts).outcome(); answer && !ok) answer = ok.error();
    if (!answer) {
        m_token.forget_pin(judged.token.id, awaited->ticket);
        co_return answer.error();
    }
    co_return Agreed{std::move(*answer), awaited->ticket};
}

} // namespace jk::gate
