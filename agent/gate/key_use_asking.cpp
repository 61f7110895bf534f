// ask and record of a key use by a local program: the question names the program, and says that what it does cannot be shown.
#include "agent/gate/local_programs.hpp"

#include "agent/gate/final_try.hpp"
#include "agent/gate/pin_fault.hpp"
#include "ipc/blocking_channel.hpp"
#include "jurukunci/encoding.hpp"

#include <spdlog/spdlog.h>

namespace jk::gate {
namespace {

ConsentItem item_of(const KeyOfUse& key, const std::optional<KeyTask>& task) {
    ConsentItem item;
    item.name = key.certificate->common_name;
    item.content_visible = false;
    item.title =
        task ? (task->decrypts() ? "dekripsi" : "tanda tangan") + std::string(" (") + task->mechanism_name() + ")"
             : std::string(key.may_sign ? "tanda tangan" : "") + (key.may_sign && key.may_decrypt ? ", " : "") + (key.may_decrypt ? "dekripsi" : "");
    if (task) {
        item.digest = task->shown().hex();
        item.hash_function = jk::name_of(task->shown().hash());
    }
    return item;
}

} // namespace

Task<Outcome<LocalPrograms::WindowRef>> LocalPrograms::open(ProgramRef program, Wish wish) {
    if (program->m_gone) co_return *program->m_gone;
    const auto& owner = program->caller.owner;
    wish.operation = "u_" + random_id(12);
    if (auto ok = m_rooms.attention.admit(owner); !ok) co_return ok.error();
    program->m_opening = true;
    ++m_asking;
    Outcome<WindowRef> window;
    bool in_log = false;
    {
        auto given_up = [program] { return program->m_gone.has_value(); };
        const auto turn = co_await m_rooms.attention.turn(std::move(given_up)); // one dialog at a time for the one person
        try {
            window = co_await carry_out(program, wish, in_log);
        } catch (const std::exception& e) {
            window = Error{Errc::device_failed, e.what()}.with("reason", e.what());
        }
    }
    std::optional<Error> fault;
    if (!window) fault = window.error();
    m_rooms.attention.ended(owner, !fault, fault);
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

Task<Outcome<LocalPrograms::WindowRef>> LocalPrograms::carry_out(ProgramRef program, Wish& wish, bool& in_log) {
    const auto& token = wish.token;
    if (auto ok = policy::judge_pin(m_rooms.profile, token, m_rooms.tries.left(token.id), m_rooms.tries.pause(token.id)).outcome(); !ok) co_return ok.error();
    auto acquainted = co_await acquaint(program, wish);
    program->m_asking = {};
    if (!acquainted) co_return acquainted.error();
    for (std::optional<Error> previous;;) {
        auto agreed = co_await ask(program, wish, previous); // program, key, number, time, PIN
        program->m_asking = {};
        if (!agreed) co_return previous ? *previous : agreed.error();

        auto recorded = record(*program, wish, agreed->answer, previous.has_value()); // consent and PIN try: one fsync, before anything is done
        if (!recorded) {
            m_rooms.token.forget_pin(token.id, agreed->pin);
            co_return recorded.error();
        }
        in_log = true;
        UseGrant grant(token.id, wish.keys, wish.terms, agreed->pin);
        auto opened_use = co_await m_rooms.use.open_use(std::move(grant));
        if (!opened_use) {
            if (may_ask_again(wish, opened_use.error(), previous)) continue;
            co_return opened_use.error();
        }
        if (auto ok = opened(wish, (*opened_use)->custody()); !ok) co_return ok.error();
        if (program->m_gone) co_return *program->m_gone;
        auto window = std::make_shared<Window>();
        window->operation = wish.operation;
        window->token = token.id;
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
        co_return Error{Errc::pin_locked}.with("token", token.label);
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

audit::Occasion LocalPrograms::occasion_of(const ProgramClient& program, const Wish& wish) const {
    audit::Occasion occasion;
    occasion.operation = wish.operation;
    occasion.caller = program.caller;
    occasion.format = key_use_format;
    occasion.profile = m_rooms.profile.regulation.id;
    occasion.environment = policy::name_of(m_rooms.profile.environment);
    occasion.certificate = wish.keys.front().certificate;
    occasion.token = wish.token.id;
    occasion.token_label = wish.token.label;
    audit::Occasion::Use use{wish.terms.operations, wish.terms.duration, {}};
    for (const auto& key : wish.keys) use.keys.push_back(key.certificate->id);
    occasion.use = std::move(use);
    return occasion;
}

Outcome<void> LocalPrograms::record(const ProgramClient& program, const Wish& wish, const ConsentAnswer& answer, bool again) {
    auto& journal = m_rooms.journal;
    auto committed = journal.log().commit(store::Durability::machine, [&] {
        std::vector<audit::SealedEvidence> evidence;
        if (wish.task) evidence.push_back({item_of(wish.keys.front(), wish.task), wish.task->shown()});
        if (again)
            journal.consent_again(wish.operation, {});
        else
            journal.consent(occasion_of(program, wish), evidence, answer);
        m_rooms.tries.count(wish.token.id);
        return done();
    });
    if (!committed) spdlog::error("no key was used: {}", committed.error().log_line());
    return committed;
}

/// The token took the PIN; each key's custody is judged as its own handle shows it.
Outcome<void> LocalPrograms::opened(const Wish& wish, const std::vector<KeyCustody>& custody) {
    auto& journal = m_rooms.journal;
    auto written = journal.log().commit(store::Durability::process, [&] {
        m_rooms.tries.forget(wish.token.id);
        for (const auto& key : custody) journal.window_opened(wish.operation, key);
        return done();
    });
    if (!written) return written;
    for (const auto& key : custody)
        if (auto ok = policy::judge_custody(m_rooms.profile, key).outcome(); !ok) return ok;
    return done();
}

bool LocalPrograms::may_ask_again(const Wish& wish, const Error& error, std::optional<Error>& previous) {
    const bool wrong_pin = error.code == Errc::pin_incorrect;
    if (!wrong_pin && !pin_not_at_fault(error.code) && error.code != Errc::pin_locked) return false;
    auto& journal = m_rooms.journal;
    (void)journal.log().commit(store::Durability::process, [&] {
        if (pin_not_at_fault(error.code)) m_rooms.tries.take_back(wish.token.id);
        journal.login_refused(wish.operation, error);
        return done();
    });
    if (!wrong_pin) return false;
    const int left = m_rooms.tries.left(wish.token.id);
    previous = Error{Errc::pin_incorrect, error.detail}.with("tries", std::to_string(left));
    return left > 0 && m_rooms.tries.pause(wish.token.id).count() == 0;
}

void LocalPrograms::record_refusal(const ProgramClient& program, const Wish& wish, const Error& error) {
    auto& journal = m_rooms.journal;
    std::vector<ConsentItem> items;
    for (const auto& key : wish.keys) items.push_back(item_of(key, wish.task));
    auto committed =
        journal.log().commit(store::Durability::process, [&] { return journal.refused(occasion_of(program, wish), items, error), done(); });
    if (!committed) spdlog::error("a refusal could not be recorded: {}", committed.error().log_line());
}

} // namespace jk::gate
