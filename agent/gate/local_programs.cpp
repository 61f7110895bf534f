#include "agent/gate/local_programs.hpp"

#include "ipc/log_escape.hpp"
#include "jurukunci/encoding.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>

namespace jk::gate {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds one_operation{60}; ///< from the PIN to the token: a PIN pad and a slow card fit in

} // namespace

ProgramRef LocalPrograms::arrived(CallerIdentity caller, std::function<bool()> unchanged) {
    std::erase_if(m_programs, [](const auto& weak) { return weak.expired(); });
    auto program = std::make_shared<ProgramClient>(m_executor, std::move(caller), std::move(unchanged));
    if (m_stopping) program->m_gone = Errc::agent_stopping;
    m_programs.push_back(program);
    return program;
}

void LocalPrograms::left(const ProgramRef& program, Errc reason) {
    if (!program->m_gone) program->m_gone = reason;
    if (!program->m_asking.value.empty()) m_rooms.consent.close(program->m_asking, reason);
    m_rooms.attention.look_again();
    program->m_turn.notify();
    program->m_logged_in.clear();
    while (!program->m_windows.empty()) end(*program, program->m_windows.front(), "done");
}

void LocalPrograms::turn_away() {
    m_stopping = true;
    const auto programs = m_programs;
    for (const auto& weak : programs)
        if (const auto program = weak.lock()) left(program, Errc::agent_stopping);
}

Task<void> LocalPrograms::stop() {
    turn_away();
    while (m_asking > 0) co_await m_finished.wait();
}

bool LocalPrograms::busy() const {
    return m_asking > 0 || std::ranges::any_of(m_programs, [](const auto& weak) {
               const auto program = weak.lock();
               return program && !program->m_windows.empty();
           });
}

bool LocalPrograms::logged_in(const ProgramClient& program, const TokenId& token) const {
    return std::ranges::find(program.m_logged_in, token) != program.m_logged_in.end();
}

void LocalPrograms::logout(ProgramClient& program, const TokenId& token) {
    std::erase(program.m_logged_in, token);
    const auto windows = program.m_windows;
    for (const auto& window : windows)
        if (window->token == token) end(program, window, "done");
}

Task<Outcome<void>> LocalPrograms::login(ProgramRef program, TokenId id) {
    auto token = co_await find_token(program, id);
    if (!token) co_return token.error();
    std::vector<KeyOfUse> shared; ///< keys for which one yes is for several operations
    std::optional<Error> refusal;
    bool any = false;
    for (const auto& certificate : token->certificates) {
        const auto may = permitted(certificate, *token);
        if (!may) {
            if (!refusal || !certificate->is_ca) refusal = may.error();
            continue;
        }
        any = true;
        if (!may->key.each_asked) shared.push_back({certificate, may->key.sign, may->key.decrypt});
    }
    if (!any) co_return refusal.value_or(Error(Errc::certificate_absent));
    if (!shared.empty()) {
        auto window = co_await window_for(program, std::move(*token), std::move(shared));
        if (!window) co_return window.error();
    }
    if (program->m_gone) co_return *program->m_gone;
    if (!logged_in(*program, id)) program->m_logged_in.push_back(id);
    co_return done();
}

LocalPrograms::WindowRef LocalPrograms::open_window(const ProgramClient& program, const TokenId& token, const Wanted& wanted) const {
    for (const auto& window : program.m_windows) {
        const bool has = std::ranges::any_of(window->keys, [&](const auto& key) {
            return key.certificate->id == wanted.key && key.may_sign >= wanted.sign && key.may_decrypt >= wanted.decrypt;
        });
        if (window->token == token && has && !window->ended && window->used < window->total && SteadyClock::now() < window->until) return window;
    }
    return nullptr;
}

/// The window for several operations that is there, or a new one.
Task<Outcome<LocalPrograms::WindowRef>> LocalPrograms::window_for(ProgramRef program, TokenInfo token, std::vector<KeyOfUse> keys) {
    const auto asked = SteadyClock::now();
    while (program->m_opening && !program->m_gone) co_await program->m_turn.wait();
    const Wanted wanted{keys.front().certificate->id, keys.front().may_sign, keys.front().may_decrypt};
    if (auto window = open_window(*program, token.id, wanted)) co_return window;
    const auto& terms = m_rooms.profile.local_programs;
    Wish wish;
    wish.asked = asked;
    wish.terms.operations = terms.operations_per_consent;
    wish.terms.duration = terms.minutes_per_consent;
    wish.token = std::move(token);
    wish.keys = std::move(keys);
    auto window = co_await open(program, std::move(wish));
    if (!window) co_return window.error();
    const auto same_token = (*window)->token;
    const auto before = program->m_windows;
    for (const auto& old : before)
        if (old->token == same_token) end(*program, old, "done");
    program->m_windows.push_back(*window);
    net::co_spawn(m_executor, end_in_time(program, *window), ipc::LogEscape{"key use"});
    co_return *window;
}

Task<Outcome<Bytes>> LocalPrograms::use(ProgramRef program, TokenId id, KeyTask task) {
    if (!logged_in(*program, id) && !m_rooms.profile.local_programs.ask_at_use) co_return Error{Errc::use_ended, "not logged in"};
    // The way of most operations: a window is open that covers it.
    const Wanted wanted{task.certificate, !task.decrypts(), task.decrypts()};
    if (auto window = open_window(*program, id, wanted)) {
        const auto key = std::ranges::find_if(window->keys, [&](const auto& k) { return k.certificate->id == task.certificate; });
        if (auto can = policy::judge_task(*key->certificate, window->seen, task); !can) co_return can.error();
        auto result = co_await use_once(program, window, task);
        if (result || result.error().code != Errc::use_ended) co_return result;
        end(*program, window, "done", result.error()); // another login on the token: the person is asked anew
    }
    auto token = co_await find_token(program, id);
    if (!token) co_return token.error();
    const auto certificate = std::ranges::find_if(token->certificates, [&](const auto& c) { return c->id == task.certificate; });
    if (certificate == token->certificates.end()) co_return Errc::certificate_unknown;
    const auto action = task.decrypts() ? policy::KeyAction::decrypt : policy::KeyAction::sign;
    if (auto ok = not_blocked(**certificate, id, action); !ok) co_return ok.error();
    const auto may = permitted(*certificate, *token);
    if (!may) co_return may.error();
    const auto& key = may->key;
    if (!task.decrypts() && may->no_signature) co_return *may->no_signature;
    if (task.decrypts() ? !key.decrypt : !key.sign) co_return Error{Errc::program_not_permitted, "keyUsage"}.with("reason", "keyUsage");
    if (auto can = policy::judge_task(**certificate, *token, task); !can) co_return can.error();
    if (!logged_in(*program, id))
        program->m_logged_in.push_back(id); // the question that comes now is the login; a name that is no token's is not kept

    std::vector<KeyOfUse> keys;
    keys.push_back({*certificate, key.sign, key.decrypt});
    if (!key.each_asked) {
        auto window = co_await window_for(program, std::move(*token), std::move(keys));
        if (!window) co_return window.error();
        auto result = co_await use_once(program, *window, std::move(task));
        co_return result;
    }
    Wish wish;
    wish.asked = SteadyClock::now();
    while (program->m_opening && !program->m_gone) co_await program->m_turn.wait();
    wish.terms.duration = one_operation;
    wish.terms.only = task.shown();
    wish.token = std::move(*token);
    wish.keys = std::move(keys);
    wish.task = task;
    auto window = co_await open(program, std::move(wish));
    if (!window) co_return window.error();
    auto result = co_await use_once(program, *window, std::move(task));
    co_return result;
}

Task<Outcome<Bytes>> LocalPrograms::use_once(ProgramRef program, WindowRef window, KeyTask task) {
    if (window->ended || window->used >= window->total) co_return Errc::use_ended;
    // A window that was open when the key was reported lets nothing more through.
    for (const auto& key : window->keys)
        if (key.certificate->id == task.certificate)
            if (auto ok = not_blocked(*key.certificate, window->token, task.decrypts() ? policy::KeyAction::decrypt : policy::KeyAction::sign); !ok)
                co_return ok.error();
    const auto number = ++window->used;
    const bool asked_anew = std::ranges::find(window->asks_anew, task.certificate) != window->asks_anew.end();
    auto& journal = m_rooms.journal;
    const auto record = [this, window, number, task] {
        auto& log = m_rooms.journal;
        return log.log().note([&] { log.used(window->operation, number, task); });
    };
    // One of many is recorded while the token works and before anybody gets it; the only one of its consent before the token is asked.
    std::function<Outcome<void>()> beside = record;
    if (window->total == 1) {
        auto written = record();
        if (!written) co_return written.error();
        beside = [] { return done(); };
    }
    if (asked_anew)
        if (auto counted = count_try(*window); !counted) co_return counted.error();
    const auto open = window->open; // whoever ends the window meanwhile does not take it away under this call
    ++window->at_token;
    auto result = co_await open->use(std::move(task), std::move(beside));
    --window->at_token;
    settle_try(*window, asked_anew, result);
    if (result && (program->m_gone || !logged_in(*program, window->token))) result = Errc::use_ended; // nobody is to have it any more
    if (!result) (void)journal.log().note([&] { journal.use_failed(window->operation, number, result.error()); });
    if (!result && ends_login_window(result.error().code)) end(*program, window, "failed", result.error());
    if (window->used >= window->total && window->at_token == 0) end(*program, window, "done");
    co_return result;
}

Task<void> LocalPrograms::end_in_time(ProgramRef program, WindowRef window) {
    while (!window->ended && SteadyClock::now() < window->until) {
        const auto left = window->until - SteadyClock::now();
        co_await ipc::sleep_for(std::min<SteadyClock::duration>(left, std::chrono::seconds(1)));
        if (window->ended) co_return;
        if (const auto turned = narrow(*window)) { // what the person agreed to a minute ago is not permitted any more
            spdlog::info("{}: {}", program->caller.application, turned->log_line());
            end(*program, window, "failed", turned);
        }
    }
    end(*program, window, "done");
}

void LocalPrograms::end(ProgramClient& program, const WindowRef& ended, std::string_view state, const std::optional<Error>& error) {
    const auto window = ended; // the reference may be into the list
    std::erase(program.m_windows, window);
    if (std::exchange(window->ended, true)) return;
    window->open.reset(); // the worker logs out
    auto& journal = m_rooms.journal;
    auto committed = journal.log().commit(store::Durability::process, [&] {
        journal.end(window->operation, state, window->used, window->total, error);
        return done();
    });
    if (!committed) spdlog::error("the end of {} could not be recorded: {}", window->operation, committed.error().log_line());
}

} // namespace jk::gate
