// ModuleTokens: the tokens of one module. Starts its worker when needed and anew after a crash; one login window at a time.
// Owner: AllTokens. Lives on the event loop.
#pragma once
#include "jurukunci/token.hpp"
#include "pkcs11/worker/items_in_flight.hpp"
#include "pkcs11/worker/worker_process.hpp"

#include <boost/asio/thread_pool.hpp>

#include <map>

namespace jk::pkcs11 {

class ModuleTokens final : public Token {
public:
    /// `verifiers` runs the verification of signatures beside the event loop.
    ModuleTokens(net::any_io_executor executor, launcher::Launcher& launcher, net::thread_pool& verifiers, ModuleConfig config,
                 Deadlines deadlines = {});

    Task<Outcome<std::vector<TokenInfo>>> tokens() override;
    Task<Outcome<std::vector<TokenInfo>>> recent_tokens() override;
    Task<Outcome<AwaitedPin>> expect_pin(const TokenId& token, UniqueFd reader) override;
    void forget_pin(const TokenId& token, PinTicket ticket) override;
    Task<Outcome<void>> sign(Grant grant, SigningRecord& record) override;

    const ModuleConfig& config() const { return m_config; }
    /// 0 while no worker runs; for `doctor` and for tests that end it.
    int worker_pid() const { return m_worker && m_worker->alive() ? m_worker->pid() : 0; }

private:
    Task<Outcome<std::shared_ptr<WorkerProcess>>> worker();
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
    bool m_starting = false, m_window_open = false;
    ipc::Event m_started, m_window_closed;
    std::shared_ptr<ReadyKey> m_key;                    ///< of the last window: the next one is likely to be the same person's
    std::vector<TokenInfo> m_seen;                      ///< at the last reading,
    std::chrono::steady_clock::time_point m_seen_until; ///< and how long it counts as recent
    std::map<std::string, CertificateRef> m_read;       ///< by SHA-256: reading X.509 anew for every request would cost more than the signature
};

} // namespace jk::pkcs11
