// ModuleTokens: the tokens of one module. Starts its worker when needed and anew after a crash; one login window at a time.
// Owner: AllTokens. Lives on the event loop.
#pragma once
#include "jurukunci/administration.hpp"
#include "jurukunci/key_use.hpp"
#include "jurukunci/token.hpp"
#include "pkcs11/worker/administration_messages.hpp"
#include "pkcs11/worker/items_in_flight.hpp"
#include "pkcs11/worker/worker_process.hpp"

#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <map>
#include <set>

namespace jk::pkcs11 {

class ModuleTokens final : public Token, public TokenUse, public TokenAdministration {
public:
    /// `verifiers` runs the verification of signatures beside the event loop.
    /// `changed` is told when the tokens that are there, or what they say of their PIN, are not what they were.
    ModuleTokens(net::any_io_executor executor, launcher::Launcher& launcher, net::thread_pool& verifiers, ModuleConfig config, Deadlines deadlines,
                 std::function<void()> changed);

    Task<Outcome<std::vector<TokenInfo>>> tokens() override;
    Task<Outcome<std::vector<TokenInfo>>> recent_tokens() override;
    bool is_late(const std::string&) const override { return false; }
    Task<void> await_late(std::string, std::function<bool()>) override { co_return; }
    /// A worker is being started; the next call has one started first.
    bool starts() const { return m_starting; }
    bool must_start() const { return !m_worker || !m_worker->alive() || (m_start_anew && (m_window_closing || may_start_anew())); }
    /// recent_tokens() would not ask the worker.
    bool knows() const { return m_worker && m_worker->alive() && (m_window_open || std::chrono::steady_clock::now() < m_seen_until); }
    Task<Outcome<AwaitedPin>> expect_pin(const TokenId& token, UniqueFd reader) override;
    void forget_pin(const TokenId& token, PinTicket ticket) override;
    Task<Outcome<void>> sign(Grant grant, SigningRecord& record) override;
    Task<Outcome<std::shared_ptr<UseWindow>>> open_use(UseGrant grant) override;

    /// Which tokens are there, without a look at their certificates. Does nothing while a window is open: the signatures themselves tell then.
    Task<void> look();
    /// The next call gets a new worker, unless a window is open or a PIN is waited for: it would die with its worker.
    void start_anew() { m_start_anew = true; }
    /// As it was seen last; without certificates and mechanisms.
    const std::vector<TokenInfo>& present() const { return m_present; }
    Task<Outcome<std::vector<TokenContents>>> contents() override;
    Task<Outcome<PinTicket>> expect_secrets(const TokenId& token, std::vector<UniqueFd> readers) override;
    void forget_secrets(const TokenId& token, PinTicket ticket) override;
    /// Waits for a signing window, and no window opens beside it: C_Logout would end both.
    Task<Outcome<AdministrationResult>> carry_out(AdministrationGrant grant) override;

    const ModuleConfig& config() const { return m_config; }
    /// 0 while no worker runs; for `doctor` and for tests that end it.
    int worker_pid() const { return m_worker && m_worker->alive() ? m_worker->pid() : 0; }

private:
    Task<Outcome<std::shared_ptr<WorkerProcess>>> worker();
    Task<Outcome<std::vector<ReportedToken>>> ask(RequestKind kind);
    Task<Outcome<std::vector<ReportedContents>>> ask_contents();
    /// After a restart of pcscd, a sleep: worth one more look by a worker that begins anew.
    template <class Reported> bool sees_nothing_any_more(const Outcome<std::vector<Reported>>& answer) const {
        return (answer ? answer->empty() : is_stale(answer.error().code)) && may_be_blind();
    }
    static bool is_stale(Errc code);
    bool may_be_blind() const;
    bool any_use() const; ///< a program has a window on a key
    bool may_start_anew() const { return !m_window_open && m_awaited.empty() && m_worker && m_worker->idle(); }
    TokenInfo described(ReportedToken token);
    void note(const std::vector<TokenInfo>& present);
    void failed(const Error& error);
    Outcome<std::shared_ptr<ReadyKey>> ready_key(const Grant& grant);
    Task<void> close_window(std::shared_ptr<WorkerProcess> worker);
    Task<Outcome<void>> sign_all(std::shared_ptr<WorkerProcess> worker, const Grant& grant, SigningRecord& record);
    CertificateRef certificate_of(const Bytes& der);

    net::any_io_executor m_executor;
    launcher::Launcher& m_launcher;
    net::thread_pool& m_verifiers;
    ModuleConfig m_config;
    Deadlines m_deadlines;
    std::shared_ptr<WorkerProcess> m_worker;
    std::uint32_t m_generation = 0; ///< which worker a PIN ticket belongs to
    std::uint32_t m_next_ticket = 1;
    std::vector<std::weak_ptr<UseWindow>> m_uses;
    std::set<std::uint64_t> m_awaited; ///< PIN tickets that this worker holds
    std::function<void()> m_changed;
    std::vector<TokenInfo> m_present;
    std::chrono::steady_clock::time_point m_look_again; ///< after a module that did not even start
    bool m_starting = false, m_window_open = false, m_window_closing = false, m_looking = false, m_start_anew = false;
    std::optional<Error> m_start_fault; ///< of the last start
    ipc::Event m_started, m_window_closed;
    std::shared_ptr<ReadyKey> m_key;                    ///< of the last window: the next one is likely to be the same person's
    std::vector<TokenInfo> m_seen;                      ///< at the last reading,
    std::chrono::steady_clock::time_point m_seen_until; ///< and how long it counts as recent
    std::map<std::string, CertificateRef> m_read;       ///< by SHA-256: reading X.509 anew for every request would cost more than the signature
};

} // namespace jk::pkcs11
