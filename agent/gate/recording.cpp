// record: what the log gets before the first signature and at the end. No row, no signature.
#include "agent/gate/gate.hpp"
#include "agent/gate/pin_fault.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace jk::gate {
namespace {

/// The operation's state for an error that ended it before anything was signed.
OperationState state_for(Errc code) {
    switch (code) {
    case Errc::cancelled_by_application:
    case Errc::page_gone: return OperationState::cancelled;
    case Errc::consent_denied:
    case Errc::consent_timed_out: return OperationState::refused;
    default: break;
    }
    return entry_of(code).http_status == 403 && code != Errc::pin_incorrect ? OperationState::refused : OperationState::failed;
}

} // namespace

audit::Occasion Gate::occasion_of(const Operation& operation, const Judged* judged) const {
    const auto& request = operation.request;
    audit::Occasion occasion;
    occasion.operation = operation.id;
    occasion.request_id = request.request_id;
    occasion.fingerprint = operation.fingerprint;
    occasion.caller = request.caller;
    occasion.format = name_of(request.format);
    occasion.level = request.level;
    occasion.purpose = request.purpose;
    occasion.task_kind = request.task_kind;
    if (request.order) occasion.order = request.order->nonce;
    occasion.profile = m_profile.regulation.id;
    occasion.environment = policy::name_of(m_profile.environment);
    occasion.certificate = operation.certificate;
    if (judged != nullptr) {
        occasion.certificate = judged->certificate;
        occasion.token = judged->token.id;
        occasion.token_label = judged->token.label;
    }
    return occasion;
}

Outcome<Grant> Gate::record(Operation& operation, const Judged& judged, Sealed& sealed, const Agreed& agreed, const std::optional<Error>& previous) {
    if (auto ok = not_blocked(*judged.certificate, judged.token.id); !ok) return ok.error(); // reported while the question was open
    const auto known = policy::judge_state(m_profile, m_facts->about(*judged.certificate, judged.token.id), *judged.certificate, m_clock.now());
    if (auto ok = known.outcome(); !ok) return ok.error(); // and so may its issuer have answered
    // Indexes are of the list that was shown, numbers of the list that was sealed: the second question shows what the first one left.
    std::vector<ItemIndex> taken_out;
    for (const auto index : agreed.answer.rejected) taken_out.push_back(sealed[index].number);
    AuditRow row;
    auto committed = m_journal.log().commit(store::Durability::machine, [&] {
        if (previous) {
            row = m_journal.consent_again(operation.id, taken_out);
        } else {
            std::vector<audit::SealedEvidence> evidence;
            for (const auto& entry : sealed) evidence.push_back({entry.item->shown(), entry.item->to_sign()});
            row = m_journal.consent(occasion_of(operation, &judged), evidence, agreed.answer);
        }
        m_tries.count(judged.token.id);
        return done();
    });
    if (!committed) {
        spdlog::error("nothing was signed: {}", committed.error().log_line());
        return committed.error();
    }
    operation.in_log = true;
    // What the person took out is forgotten here, so that it cannot come back with a second PIN entry.
    for (const auto index : agreed.answer.rejected) {
        auto& item = operation.items[sealed[index].place];
        item.state = ItemState::rejected;
        item.error = Error(Errc::item_rejected);
    }
    std::erase_if(sealed, [&](const SealedEntry& entry) { return std::ranges::find(taken_out, entry.number) != taken_out.end(); });
    const bool token_hashes = policy::hashed_by(judged.token, judged.mechanism);
    std::vector<Digest> digests;
    std::vector<Bytes> hashed;
    for (const auto& entry : sealed) {
        digests.push_back(entry.item->to_sign());
        const auto bytes = entry.item->hashed();
        if (token_hashes) hashed.emplace_back(bytes.begin(), bytes.end());
    }
    return Grant(judged.token.id, judged.certificate, judged.mechanism, std::move(digests), std::move(hashed), agreed.pin, row);
}

bool Gate::may_ask_again(Operation& operation, const Judged& judged, const Outcome<void>& outcome, std::optional<Error>& previous) {
    if (outcome) return false;
    const auto code = outcome.error().code;
    if (operation.signed_count() > 0) return false;
    const bool wrong_pin = code == Errc::pin_incorrect;
    if (!wrong_pin && !pin_not_at_fault(code) && code != Errc::pin_locked) return false;
    auto error = outcome.error();
    (void)m_journal.log().commit(store::Durability::process, [&] {
        if (pin_not_at_fault(code)) m_tries.take_back(judged.token.id);
        m_journal.login_refused(operation.id, error);
        return done();
    });
    if (!wrong_pin) return false;
    const int left = m_tries.left(judged.token.id);
    previous = Error{Errc::pin_incorrect, error.detail}.with("tries", std::to_string(left));
    // The person may type again, themselves, while tries are left; nobody types for them. A token's last try is not offered lightly.
    return left > 0 && m_tries.pause(judged.token.id).count() == 0;
}

void Gate::record_refusal(Operation& operation, const Error& error) {
    std::vector<ConsentItem> items;
    for (const auto& item : operation.request.items) {
        ConsentItem shown;
        shown.name = item.name;
        items.push_back(std::move(shown));
    }
    auto committed =
        m_journal.log().commit(store::Durability::process, [&] { return m_journal.refused(occasion_of(operation, nullptr), items, error), done(); });
    if (!committed) spdlog::error("a refusal could not be recorded: {}", committed.error().log_line());
}

void Gate::finish(Operation& operation, const Outcome<void>& outcome) {
    if (!outcome) operation.error = outcome.error();
    auto state = outcome ? OperationState::done : OperationState::failed;
    if (!outcome && operation.signed_count() == 0) state = state_for(outcome.error().code);
    // "Not reached" says something only where another item was; otherwise the operation's own error says it all.
    const bool began =
        std::ranges::any_of(operation.items, [](const auto& i) { return i.state != ItemState::sealed && i.state != ItemState::rejected; });
    for (auto& item : operation.items) {
        if (item.state == ItemState::started) { // the worker went away with it; no signature came out
            item.state = ItemState::failed;
            item.error = outcome ? Error(Errc::token_failed) : outcome.error();
        } else if (item.state == ItemState::sealed && began && !outcome) {
            item.error = Error(Errc::item_not_reached);
        }
    }
    if (operation.in_log) {
        auto committed = m_journal.log().commit(store::Durability::machine, [&] {
            m_journal.end(operation.id, name_of(state), operation.signed_count(), operation.items.size(), operation.error);
            return done();
        });
        if (!committed) {
            spdlog::error("the end of {} could not be recorded: {}", operation.id, committed.error().log_line());
            state = OperationState::failed;
            operation.error = committed.error();
            for (auto& item : operation.items) item.result.reset(); // not durable, so not released
        }
    } else {
        record_refusal(operation, *operation.error);
    }
    operation.audit_head = m_journal.log().head();
    operation.state = state;
}

} // namespace jk::gate
