#include "pkcs11/worker/all_tokens.hpp"

#include <boost/asio/co_spawn.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>

namespace jk::pkcs11 {

namespace {

using SteadyClock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto first_time = 3s;      ///< a vendor's library starts
constexpr auto out_of_order = 150ms; ///< beyond what it took last time
constexpr auto look_whether_given_up = 200ms;
constexpr auto no_longer_asked = 1s; ///< a module that still owes an answer from before

} // namespace

/// One reading of all modules. Shared with the coroutines that carry it out, because a slow one goes on alone.
struct AllTokens::Round {
    Round(net::any_io_executor executor, std::size_t modules) : came(executor), asked(modules), answers(modules), patience(modules) {}
    ipc::Event came;
    std::vector<bool> asked;
    std::vector<std::optional<Outcome<std::vector<TokenInfo>>>> answers;
    std::vector<SteadyClock::duration> patience; ///< with each
    const SteadyClock::time_point begun = SteadyClock::now();
};

AllTokens::AllTokens(net::any_io_executor executor, launcher::Launcher& launcher, const std::vector<ModuleConfig>& modules, Deadlines deadlines)
    : m_executor(executor), m_changed(executor), m_read(executor) {
    const auto changed = [this] {
        ++m_revision;
        m_changed.notify();
    };
    for (const auto& config : modules) {
        auto tokens = std::make_unique<ModuleTokens>(executor, launcher, m_verifiers, config, deadlines, changed);
        m_modules.push_back({std::move(tokens), std::nullopt, std::nullopt, std::nullopt, {}});
    }
}

AllTokens::~AllTokens() { m_verifiers.join(); }

ModuleTokens* AllTokens::module_of(const TokenId& token) {
    for (auto& entry : m_modules)
        if (entry.tokens->config().name == token.module) return entry.tokens.get();
    return nullptr;
}

Task<Outcome<std::vector<TokenInfo>>> AllTokens::tokens() { return of_all(&ModuleTokens::tokens); }
Task<Outcome<std::vector<TokenInfo>>> AllTokens::recent_tokens() { return of_all(&ModuleTokens::recent_tokens); }

void AllTokens::begin(const std::shared_ptr<Round>& round, std::size_t module, Reading reading) {
    auto& entry = m_modules[module];
    const auto begun = SteadyClock::now();
    entry.readings.insert(begun);
    round->asked[module] = true;
    // What is learnt for the next time: not from one that asks nobody, nor from one that finds a start begun.
    const bool knows = reading == &ModuleTokens::recent_tokens && entry.tokens->knows();
    const bool begun_before = entry.tokens->starts(), starts = begun_before || entry.tokens->must_start();
    const auto& like_before = starts || !entry.usual ? entry.from_start : entry.usual;
    round->patience[module] = like_before ? 3 * *like_before + out_of_order : SteadyClock::duration(first_time);
    const bool teaches = !knows && !begun_before;
    net::co_spawn(m_executor, ((*entry.tokens).*reading)(),
                  [this, round, module, begun, starts, teaches](const std::exception_ptr& escaped, Outcome<std::vector<TokenInfo>> found) {
                      auto& done_by = m_modules[module];
                      done_by.readings.erase(done_by.readings.find(begun)); // another round may be waiting for its own
                      if (escaped) found = Error{Errc::device_failed, "reading of tokens"};
                      if (found) {
                          if (teaches) (starts ? done_by.from_start : done_by.usual) = SteadyClock::now() - begun;
                          done_by.fault.reset();
                      } else {
                          done_by.fault = found.error();
                          spdlog::warn("module {}: {}", done_by.tokens->config().name, found.error().log_line());
                      }
                      round->answers[module] = std::move(found);
                      round->came.notify();
                      m_read.notify();
                  });
}

bool AllTokens::is_late(const std::string& module) const {
    return std::ranges::any_of(
        m_modules, [&](const Entry& entry) { return !entry.readings.empty() && (module.empty() || entry.tokens->config().name == module); });
}

Task<void> AllTokens::await_late(std::string module, std::function<bool()> given_up) {
    const auto now = SteadyClock::now();
    const auto late = [&](const Entry& entry) {
        return !entry.readings.empty() && *entry.readings.begin() <= now && (module.empty() || entry.tokens->config().name == module);
    };
    while (std::ranges::any_of(m_modules, late) && !given_up()) (void)co_await m_read.wait_until(SteadyClock::now() + look_whether_given_up);
}

/// All at once. Where others have tokens to offer, a module that takes far longer than it used to is not waited for: one that hangs must not
/// hold up a signature on another's token.
Task<Outcome<std::vector<TokenInfo>>> AllTokens::of_all(Reading reading) {
    auto round = std::make_shared<Round>(m_executor, m_modules.size());
    for (std::size_t i = 0; i < m_modules.size(); ++i) {
        const auto& owed = m_modules[i].readings;
        if (owed.empty() || round->begun - *owed.begin() < no_longer_asked || m_modules.size() == 1) begin(round, i, reading);
    }
    for (;;) {
        bool others_have = false, complete = true;
        auto patience = round->begun;
        for (std::size_t i = 0; i < m_modules.size(); ++i) {
            const auto& answer = round->answers[i];
            if (answer && *answer && !(*answer)->empty()) others_have = true;
            if (answer || !round->asked[i]) continue;
            complete = false;
            patience = std::max(patience, round->begun + round->patience[i]);
        }
        if (complete || (others_have && SteadyClock::now() >= patience)) break;
        if (others_have)
            (void)co_await round->came.wait_until(patience);
        else
            co_await round->came.wait();
    }
    std::vector<TokenInfo> all;
    std::optional<Error> first;
    bool any = m_modules.empty();
    for (auto& answer : round->answers) {
        if (answer && *answer) {
            any = true;
            all.insert(all.end(), (*answer)->begin(), (*answer)->end());
        } else if (answer && !first) {
            first = answer->error();
        }
    }
    if (!any && first) co_return *first;
    co_return all;
}

void AllTokens::look() {
    for (auto& entry : m_modules)
        net::co_spawn(m_executor, entry.tokens->look(), [](const std::exception_ptr& escaped) {
            if (escaped) spdlog::error("a look at the tokens failed");
        });
}

void AllTokens::start_anew() {
    for (auto& entry : m_modules) entry.tokens->start_anew();
}

Task<void> AllTokens::changed(std::uint64_t seen, SteadyClock::time_point until) {
    while (m_revision == seen && SteadyClock::now() < until) (void)co_await m_changed.wait_until(until);
}

std::vector<TokenInfo> AllTokens::present() const {
    std::vector<TokenInfo> all;
    for (const auto& entry : m_modules) std::ranges::copy(entry.tokens->present(), std::back_inserter(all));
    return all;
}

Task<Outcome<AwaitedPin>> AllTokens::expect_pin(const TokenId& token, UniqueFd reader) {
    auto* module = module_of(token);
    if (module == nullptr) co_return Errc::token_absent;
    co_return co_await module->expect_pin(token, std::move(reader));
}

void AllTokens::forget_pin(const TokenId& token, PinTicket ticket) {
    if (auto* module = module_of(token)) module->forget_pin(token, ticket);
}

Task<Outcome<void>> AllTokens::sign(Grant grant, SigningRecord& record) {
    auto* module = module_of(grant.token());
    if (module == nullptr) co_return Errc::token_absent;
    co_return co_await module->sign(std::move(grant), record);
}

Task<Outcome<std::shared_ptr<UseWindow>>> AllTokens::open_use(UseGrant grant) {
    auto* module = module_of(grant.token());
    if (module == nullptr) co_return Errc::token_absent;
    co_return co_await module->open_use(std::move(grant));
}

std::vector<AllTokens::ModuleState> AllTokens::modules() const {
    std::vector<ModuleState> states;
    for (const auto& entry : m_modules)
        states.push_back({entry.tokens->config().name, entry.tokens->config().path, entry.fault, entry.tokens->worker_pid()});
    return states;
}

} // namespace jk::pkcs11
