// ask, of a key use by a local program: the question names the program, and says that what it does cannot be shown.
#include "agent/gate/final_try.hpp"
#include "agent/gate/key_use_item.hpp"
#include "agent/gate/local_programs.hpp"
#include "agent/gate/pin_fault.hpp"
#include "agent/gate/pin_warning.hpp"
#include "agent/policy/locked_pin.hpp"
#include "ipc/blocking_channel.hpp"
#include "jurukunci/encoding.hpp"

#include <spdlog/spdlog.h>

#include <set>

namespace jk::gate {
namespace {

/// The token and its keys, in whatever order they were found.
std::string subject_of(const TokenId& token, const std::vector<KeyOfUse>& keys) {
    std::set<std::string> fingerprints;
    for (const auto& key : keys) fingerprints.insert(key.certificate->id.sha256.hex());
    std::string all = token.module + '\0' + token.serial;
    for (const auto& fingerprint : fingerprints) all += '\0' + fingerprint;
    return all;
}

} // namespace

std::optional<Error> LocalPrograms::just_refused(const ProgramClient& program, const Wish& wish) const {
    return m_rooms.attention.just_refused(program.caller.owner, subject_of(wish.token.id, wish.keys), wish.asked);
}

void LocalPrograms::person_said(const ProgramClient& program, const Wish& wish, const Error& error) {
    if (is_no(error.code)) m_rooms.attention.said_no(program.caller.owner, subject_of(wish.token.id, wish.keys), error);
}

Task<Outcome<LocalPrograms::WindowRef>> LocalPrograms::open(ProgramRef program, Wish wish) {
    if (program->m_gone) co_return *program->m_gone;
    const auto& owner = program->caller.owner;
    wish.operation = "u_" + random_id(12);
    auto no = just_refused(*program, wish); // said once, it is the answer to all of a burst
    if (no) {
        record_refusal(*program, wish, *no);
        co_return *no;
    }
    if (auto ok = m_rooms.attention.admit(owner); !ok) co_return ok.error();
    program->m_opening = true;
    ++m_asking;
    Outcome<WindowRef> window;
    bool in_log = false;
    {
        auto given_up = [program] { return program->m_gone.has_value(); };
        auto turn = co_await m_rooms.attention.turn(std::move(given_up)); // one dialog at a time for the one person
        co_await turn.until_free(wish.token.id.module);
        no = just_refused(*program, wish);
        try {
            if (no)
                window = *no;
            else
                window = co_await carry_out(program, wish, turn, in_log);
        } catch (const std::exception& e) {
            window = Error{Errc::device_failed, e.what()}.with("reason", e.what());
        }
    }
    std::optional<Error> fault;
    if (!window) fault = window.error();
    if (!no) m_rooms.attention.ended(owner, !fault, fault);
    if (fault && in_log) {
        auto& journal = m_rooms.journal;
        (void)journal.log().commit(store::Durability::machine,
                                   [&] { return journal.end(wish.operation, "failed", 0, wish.terms.operations, fault), done(); });
    } else if (fault) {
        record_refusal(*program, wish, *fault);
    }
    program->m_opening = false;
    program->m_turn.notify();
    --m_asking;
    m_finished.notify();
    co_return window;
}

Task<Outcome<LocalPrograms::WindowRef>> LocalPrograms::carry_out(ProgramRef program, Wish& wish, Turn& turn, bool& in_log) {
    const auto& token = wish.token;
    if (!program->m_unchanged())
        co_return Error{Errc::program_not_permitted, "another program runs in its place since it connected"}.with(
            "reason", "program changed since it connected");
    if (auto ok = policy::judge_pin(m_rooms.profile, token, m_rooms.tries.left(token.id), m_rooms.tries.pause(token.id)).outcome(); !ok)
        co_return ok.error();
    auto acquainted = co_await acquaint(program, wish);
    program->m_asking = {};
    if (!acquainted) {
        person_said(*program, wish, acquainted.error());
        co_return acquainted.error();
    }
    for (std::optional<Error> previous;;) {
        auto agreed = co_await ask(program, wish, previous); // program, key, number, time, PIN
        program->m_asking = {};
        if (!agreed) {
            person_said(*program, wish, agreed.error());
            co_return previous ? *previous : agreed.error();
        }

        auto recorded = record(*program, wish, agreed->answer, previous.has_value()); // consent and PIN try: one fsync, before anything is done
        if (!recorded) {
            m_rooms.token.forget_pin(token.id, agreed->pin);
            co_return recorded.error();
        }
        in_log = true;
        UseGrant grant(token.id, wish.keys, wish.terms, agreed->pin);
        turn.at_token(token.id.module, token.pin_pad);
        auto opened_use = co_await m_rooms.use.open_use(std::move(grant));
        if (!opened_use) {
            if (!may_ask_again(wish, opened_use.error(), previous)) {
                auto told = policy::tell_locked(m_rooms.profile, token.label, telling_tries(opened_use.error(), m_rooms.tries, token.id));
                co_return told.error();
            }
            const bool kept = turn.has_dialog();
            co_await turn.again();
            if (kept) continue;
            turn.lend();
            const auto now = co_await find_token(program, token.id); // others were asked meanwhile
            (void)co_await turn.take_back();
            co_await turn.until_free(token.id.module); // one of them may have begun with the same token
            if (!now) co_return *previous;
            if (!policy::judge_pin(m_rooms.profile, *now, m_rooms.tries.left(token.id), m_rooms.tries.pause(token.id)).outcome()) co_return *previous;
            continue;
        }
        auto window = std::make_shared<Window>();
        if (auto ok = opened(wish, (*opened_use)->custody(), *window); !ok) co_return ok.error();
        if (program->m_gone) co_return *program->m_gone;
        window->operation = wish.operation;
        window->token = token.id;
        window->seen = token;
        window->keys = wish.keys;
        window->open = std::move(*opened_use);
        window->total = wish.terms.operations;
        window->until = std::chrono::steady_clock::now() + wish.terms.duration;
        co_return window;
    }
}

/// Decrypting is a use of the key, too: each owner reads before the first one, whatever it is.
Task<Outcome<void>> LocalPrograms::acquaint(ProgramRef program, const Wish& wish) {
    if (m_rooms.first_use == nullptr) co_return done();
    for (const auto& key : wish.keys) {
        FirstUse::Asker asker;
        asker.caller = program->caller;
        asker.operation = wish.operation;
        asker.certificate = key.certificate;
        asker.token = wish.token.id;
        asker.token_label = wish.token.label;
        asker.opening = [program](const ConsentId& id) { program->m_asking = id; };
        asker.given_up = [program] { return program->m_gone; };
        auto settled = co_await m_rooms.first_use->settle(std::move(asker));
        if (!settled) co_return settled.error();
    }
    co_return done();
}

Task<Outcome<LocalPrograms::Agreed>> LocalPrograms::ask(ProgramRef program, const Wish& wish, std::optional<Error> previous) {
    if (program->m_gone) co_return *program->m_gone;
    if (!m_rooms.consent.available()) co_return Errc::consent_unavailable;
    auto ends = ipc::socket_pair();
    if (!ends) co_return ends.error();
    const auto& token = wish.token;
    auto awaited = co_await m_rooms.token.expect_pin(token.id, std::move(ends->second));
    if (!awaited) co_return awaited.error();
    if (awaited->pin_state == PinState::locked) {
        m_rooms.token.forget_pin(token.id, awaited->ticket);
        co_return policy::locked_pin(m_rooms.profile, token.label);
    }
    const auto& profile = m_rooms.profile;
    ConsentQuestion question;
    question.id = {"c_" + random_id(12)};
    question.kind = ConsentKind::key_use;
    question.application = program->caller.application;
    question.origin = program->caller.origin;
    question.city = profile.regulation.city;
    question.environment = policy::name_of(profile.environment);
    question.marking = profile.marking();
    for (const auto& key : wish.keys) question.items.push_back(item_of(key, wish.task));
    question.certificate = wish.keys.front().certificate;
    question.token_label = token.label;
    question.operations = wish.terms.operations;
    question.lasting = wish.terms.duration;
    question.pin_pad = token.pin_pad;
    question.tries_left = m_rooms.tries.left(token.id);
    warn_of_pin(question, awaited->pin_state, awaited->pin_to_be_changed);
    question.final_try = is_final_try(awaited->pin_state, question.tries_left);
    const bool final_try = question.final_try;
    question.previous_fault = previous;
    question.deadline = profile.limits.consent;
    Outcome<ConsentAnswer> answer;
    if (program->m_gone) { // while the worker was being told
        answer = *program->m_gone;
    } else {
        program->m_asking = question.id;
        answer = co_await m_rooms.consent.ask(std::move(question), std::move(ends->first));
    }
    if (program->m_gone) answer = *program->m_gone;
    // A key cannot be taken out of the list: whoever answers so did not see our question.
    if (answer && !answer->rejected.empty()) answer = Errc::consent_denied;
    want_final_try(answer, final_try, token.label);
    if (!answer) {
        m_rooms.token.forget_pin(token.id, awaited->ticket);
        co_return answer.error();
    }
    co_return Agreed{std::move(*answer), awaited->ticket};
}

} // namespace jk::gate
