#include "pkcs11/worker/all_tokens.hpp"

#include <boost/asio/co_spawn.hpp>
#include <spdlog/spdlog.h>

#include <iterator>

namespace jk::pkcs11 {

/// All modules at once: the slowest one decides, not their sum.
Task<Outcome<std::vector<TokenContents>>> AllTokens::contents() {
    struct Look {
        ipc::Event came;
        std::vector<std::optional<Outcome<std::vector<TokenContents>>>> answers;
    };
    auto look = std::make_shared<Look>(Look{ipc::Event(m_executor), {}});
    look->answers.resize(m_modules.size());
    for (std::size_t i = 0; i < m_modules.size(); ++i)
        net::co_spawn(m_executor, m_modules[i].tokens->contents(),
                      [look, i](const std::exception_ptr& escaped, Outcome<std::vector<TokenContents>> found) {
                          if (escaped) found = Error{Errc::device_failed, "reading of what tokens hold"};
                          look->answers[i] = std::move(found);
                          look->came.notify();
                      });
    std::vector<TokenContents> all;
    std::optional<Error> fault;
    std::size_t failed = 0;
    for (std::size_t i = 0; i < m_modules.size(); ++i) {
        while (!look->answers[i]) co_await look->came.wait();
        auto& found = *look->answers[i];
        if (!found) {
            ++failed;
            spdlog::warn("module {}: {}", m_modules[i].tokens->config().name, found.error().log_line());
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
