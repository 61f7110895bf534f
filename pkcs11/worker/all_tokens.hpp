// AllTokens: every configured module behind one Token. A module that fails, or takes far longer than it used to, hides only its own tokens.
#pragma once
#include "pkcs11/worker/module_tokens.hpp"

#include <memory>
#include <set>
#include <vector>

namespace jk::pkcs11 {

class AllTokens final : public Token, public TokenUse, public TokenAdministration {
public:
    AllTokens(net::any_io_executor executor, launcher::Launcher& launcher, const std::vector<ModuleConfig>& modules, Deadlines deadlines = {});
    ~AllTokens() override;

    /// An error only when every module failed: then the first one's.
    Task<Outcome<std::vector<TokenInfo>>> tokens() override;
    Task<Outcome<std::vector<TokenInfo>>> recent_tokens() override;
    bool is_late(const std::string& module) const override;
    Task<void> await_late(std::string module, std::function<bool()> given_up) override;
    Task<Outcome<AwaitedPin>> expect_pin(const TokenId& token, UniqueFd reader) override;
    void forget_pin(const TokenId& token, PinTicket ticket) override;
    Task<Outcome<void>> sign(Grant grant, SigningRecord& record) override;
    Task<Outcome<std::shared_ptr<UseWindow>>> open_use(UseGrant grant) override;

    Task<Outcome<std::vector<TokenContents>>> contents() override;
    Task<Outcome<PinTicket>> expect_secrets(const TokenId& token, std::vector<UniqueFd> readers) override;
    void forget_secrets(const TokenId& token, PinTicket ticket) override;
    Task<Outcome<AdministrationResult>> carry_out(AdministrationGrant grant) override;

    struct ModuleState {
        std::string name, path;
        std::optional<Error> fault; ///< of the last enumeration
        int worker_pid = 0;
    };
    std::vector<ModuleState> modules() const;

    /// Has every module look which tokens are there. Returns at once; what changed is told by revision().
    void look();
    /// Workers that nothing holds are replaced at the next call.
    void start_anew();
    /// Another number whenever a token of any module came, went, or says something else about its PIN.
    std::uint64_t revision() const { return m_revision; }
    Task<void> changed(std::uint64_t seen, std::chrono::steady_clock::time_point until);
    /// As seen last; without certificates and mechanisms.
    std::vector<TokenInfo> present() const;

private:
    using Reading = Task<Outcome<std::vector<TokenInfo>>> (ModuleTokens::*)();
    struct Round;
    Task<Outcome<std::vector<TokenInfo>>> of_all(Reading reading);
    void begin(const std::shared_ptr<Round>& round, std::size_t module, Reading reading);
    ModuleTokens* module_of(const TokenId& token);

    net::any_io_executor m_executor;
    std::uint64_t m_revision = 1;
    ipc::Event m_changed, m_read;

    net::thread_pool m_verifiers{2}; ///< one verifies; another makes keys ready for it
    struct Entry {
        std::unique_ptr<ModuleTokens> tokens;
        std::optional<Error> fault;
        std::optional<std::chrono::steady_clock::duration> usual;      ///< how long its last reading took
        std::optional<std::chrono::steady_clock::duration> from_start; ///< the same, where its worker had to be started
        std::multiset<std::chrono::steady_clock::time_point> readings; ///< begun, and not come back yet
    };
    std::vector<Entry> m_modules;
};

} // namespace jk::pkcs11
