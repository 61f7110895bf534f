#include "pkcs11/worker/all_tokens.hpp"

#include <spdlog/spdlog.h>

#include <iterator>

namespace jk::pkcs11 {

Task<Outcome<std::vector<TokenContents>>> AllTokens::contents() {
    std::vector<TokenContents> all;
    std::optional<Error> fault;
    std::size_t failed = 0;
    for (auto& entry : m_modules) {
        auto found = co_await entry.tokens->contents();
        if (!found) {
            ++failed;
            spdlog::warn("module {}: {}", entry.tokens->config().name, found.error().log_line());
            if (!fault) fault = found.error();
            continue;
        }
        std::ranges::move(*found, std::back_inserter(all));
    }
    if (fault && failed == m_modules.size()) co_return *fault;
    co_return all;
}

Task<Outcome<PinTicket>> AllTokens::expect_secrets(const TokenId& token, std::vector<UniqueFd> readers) {
    auto* module = module_of(token);
    if (module == nullptr) co_return Errc::token_absent;
    co_return co_await module->expect_secrets(token, std::move(readers));
}

void AllTokens::forget_secrets(const TokenId& token, PinTicket ticket) {
    if (auto* module = module_of(token)) module->forget_secrets(token, ticket);
}

Task<Outcome<AdministrationResult>> AllTokens::carry_out(AdministrationGrant grant) {
    auto* module = module_of(grant.token());
    if (module == nullptr) co_return Errc::token_absent;
    co_return co_await module->carry_out(std::move(grant));
}

} // namespace jk::pkcs11
