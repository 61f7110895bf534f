// record, of a key use by a local program: consent and PIN try before anything is done, what the login showed, and every refusal.
#include "agent/gate/key_use_item.hpp"
#include "agent/gate/local_programs.hpp"
#include "agent/gate/pin_fault.hpp"

#include <spdlog/spdlog.h>

namespace jk::gate {

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
    for (const auto& key : wish.keys) { // reported or revoked while the question was open, or the seat was left: the PIN goes nowhere
        const auto may = permitted(key.certificate, wish.token);
        if (!may) return may.error();
        if ((key.may_sign && !may->key.sign) || (key.may_decrypt && !may->key.decrypt))
            return may->no_signature ? *may->no_signature : Error(Errc::use_ended);
    }
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
Outcome<void> LocalPrograms::opened(const Wish& wish, const std::vector<KeyCustody>& custody, Window& window) {
    for (std::size_t i = 0; i < custody.size(); ++i)
        if (custody[i].always_authenticate) window.asks_anew.push_back(wish.keys.at(i).certificate->id);
    if (!window.asks_anew.empty()) window.pin_anew.wanted(wish.token.pin_pad);
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

/// Before a key is used that wants the PIN anew.
Outcome<void> LocalPrograms::count_try(Window& window) {
    if (!window.pin_anew.counts()) return done();
    return m_rooms.journal.log().commit(store::Durability::machine, [&] { return window.pin_anew.before(m_rooms.tries, window.token), done(); });
}

void LocalPrograms::settle_try(Window& window, bool asked_anew, Outcome<Bytes>& result) {
    const Error* fault = result ? nullptr : &result.error();
    if (asked_anew && window.pin_anew.changes(fault)) {
        auto counted = m_rooms.journal.log().commit(store::Durability::machine,
                                                    [&] { return window.pin_anew.after(fault, m_rooms.tries, window.token), done(); });
        if (!counted) spdlog::error("the count of PIN tries could not be written: {}", counted.error().log_line());
    }
    if (fault != nullptr) result = telling_tries(*fault, m_rooms.tries, window.token);
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
