#include "pkcs11/worker/all_tokens.hpp"

#include <spdlog/spdlog.h>

#include <iterator>

namespace jk::pkcs11 {

AllTokens::AllTokens(net::any_io_executor executor, launcher::Launcher& launcher, const std::vector<ModuleConfig>& modules, Deadlines deadlines) {
    for (const auto& config : modules)
        m_modules.push_back({std::make_unique<ModuleTokens>(executor, launcher, m_verifiers, config, deadlines), std::nullopt});
}

AllTokens::~AllTokens() { m_verifiers.join(); }

ModuleTokens* AllTokens::module_of(const TokenId& token) {
    for (auto& entry : m_modules)
        if (entry.tokens->config().name == token.module) return entry.tokens.get();
    return nullptr;
}

Task<Outcome<std::vector<TokenInfo>>> AllTokens::tokens() { return of_all(&ModuleTokens::tokens); }
Task<Outcome<std::vector<TokenInfo>>> AllTokens::recent_tokens() { return of_all(&ModuleTokens::recent_tokens); }

Task<Outcome<std::vector<TokenInfo>>> AllTokens::of_all(Reading reading) {
    std::vector<TokenInfo> all;
    std::size_t failed = 0;
    for (auto& entry : m_modules) {
        auto found = co_await ((*entry.tokens).*reading)();
        if (!found) {
            ++failed;
            spdlog::warn("module {}: {}", entry.tokens->config().name, found.error().log_line());
            entry.fault = found.error();
            continue;
        }
        entry.fault.reset();
        std::ranges::move(*found, std::back_inserter(all));
    }
    if (failed > 0 && failed == m_modules.size()) co_return *m_modules.front().fault;
    co_return all;
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

std::vector<AllTokens::ModuleState> AllTokens::modules() const {
    std::vector<ModuleState> states;
    for (const auto& entry : m_modules)
        states.push_back({entry.tokens->config().name, entry.tokens->config().path, entry.fault, entry.tokens->worker_pid()});
    return states;
}

} // namespace jk::pkcs11
