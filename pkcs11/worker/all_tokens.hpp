// AllTokens: every configured module behind one Token. A module that fails hides only its own tokens.
#pragma once
#include "pkcs11/worker/module_tokens.hpp"

#include <memory>
#include <vector>

namespace jk::pkcs11 {

class AllTokens final : public Token {
public:
    AllTokens(net::any_io_executor executor, launcher::Launcher& launcher, const std::vector<ModuleConfig>& modules, Deadlines deadlines = {});
    ~AllTokens() override;

    /// An error only when every module failed: then the first one's.
    Task<Outcome<std::vector<TokenInfo>>> tokens() override;
    Task<Outcome<std::vector<TokenInfo>>> recent_tokens() override;
    Task<Outcome<AwaitedPin>> expect_pin(const TokenId& token, UniqueFd reader) override;
    void forget_pin(const TokenId& token, PinTicket ticket) override;
    Task<Outcome<void>> sign(Grant grant, SigningRecord& record) override;

    struct ModuleState {
        std::string name, path;
        std::optional<Error> fault; ///< of the last enumeration
        int worker_pid = 0;
    };
    std::vector<ModuleState> modules() const;

private:
    using Reading = Task<Outcome<std::vector<TokenInfo>>> (ModuleTokens::*)();
    Task<Outcome<std::vector<TokenInfo>>> of_all(Reading reading);
    ModuleTokens* module_of(const TokenId& token);

    net::thread_pool m_verifiers{2}; ///< one verifies; another makes keys ready for it
    struct Entry {
        std::unique_ptr<ModuleTokens> tokens;
        std::optional<Error> fault;
    };
    std::vector<Entry> m_modules;
};

} // namespace jk::pkcs11
