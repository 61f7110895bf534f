// The page to read first: what happens between "Tanda tangani" and a signature.
#include "agent/gate/gate.hpp"

#include "agent/gate/pin_fault.hpp"
#include "agent/gate/signing_window.hpp"
#include "agent/policy/locked_pin.hpp"

namespace jk::gate {

Task<Outcome<void>> Gate::carry_out(OperationRef operation, Turn& turn) {
    auto judged = co_await judge_when_free(*operation, turn); // may this be put to the person at all?
    if (!judged) co_return judged.error();

    auto acquainted = co_await acquaint(*operation, *judged); // does the owner know duties and agreement? Asked before the first use
    if (!acquainted) co_return acquainted.error();

    auto sealed = co_await seal(*operation, *judged); // from here on nothing can be added or changed
    if (!sealed) co_return sealed.error();

    for (std::optional<Error> previous;;) {
        auto agreed = co_await ask(*operation, *judged, *sealed, previous); // application, documents, certificate, PIN
        if (!agreed) co_return previous ? *previous : agreed.error();

        auto grant =
            record(*operation, *judged, *sealed, *agreed, previous); // consent, sealed list and PIN try: one fsync, before anything is signed
        if (!grant) {
            m_token.forget_pin(judged->token.id, agreed->pin);
            co_return grant.error();
        }
        operation->state = OperationState::signing;
        operation->changed();

        turn.at_token(judged->token.id.module, judged->token.pin_pad); // the next may be asked, about a token of another module
        SigningWindow window(*this, *operation, *judged, *sealed, turn);
        auto outcome = co_await m_token.sign(std::move(*grant), window); // each item: started, signed, recorded, only then released
        if (!may_ask_again(*operation, *judged, outcome, previous)) {
            if (outcome) co_return outcome;
            co_return policy::tell_locked(m_profile, judged->token.label, telling_tries(outcome.error(), m_tries, judged->token.id));
        }
        operation->state = OperationState::preparing;
        if (turn.has_dialog()) {
            co_await turn.again();
            continue;
        }
        operation->changed(); // others are asked first, and what was judged may not hold any more when they are done
        co_await turn.again();
        const auto anew = co_await judge(*operation);
        if (!anew || anew->token.id != judged->token.id || anew->certificate->id != judged->certificate->id) co_return *previous;
    }
}

Task<void> Gate::sign(OperationRef operation, Turn& turn) {
    Outcome<void> outcome;
    try {
        outcome = co_await carry_out(operation, turn);
    } catch (const std::exception& e) {
        outcome = Error{Errc::device_failed, e.what()}.with("reason", e.what());
    }
    try {
        finish(*operation, outcome); // recorded and durable before anybody sees the operation as ended
    } catch (const std::exception& e) {
        operation->error = Error{Errc::device_failed, e.what()}.with("reason", e.what());
        operation->state = OperationState::failed;
    }
}

} // namespace jk::gate
