// WorkerUse: one program's window on a key, as the agent holds it. Its destruction closes the window in the worker. Lives on the event loop.
#pragma once
#include "ipc/eager_loop.hpp"
#include "jurukunci/key_use.hpp"
#include "pkcs11/worker/use_messages.hpp"
#include "pkcs11/worker/worker_process.hpp"
#include "x509/signature_check.hpp"

#include <boost/asio/thread_pool.hpp>

#include <map>
#include <string>

namespace jk::pkcs11 {

class WorkerUse final : public UseWindow {
public:
    /// Told of each use that failed: the token may have changed.
    using Failed = std::function<void(const Error&)>;
    /// Asks the worker to log in and find the grant's keys.
    static Task<Outcome<std::shared_ptr<UseWindow>>> open(net::any_io_executor executor, net::thread_pool& preparers,
                                                          std::shared_ptr<WorkerProcess> worker, UseGrant grant, Failed failed);
    WorkerUse(net::any_io_executor executor, net::thread_pool& preparers, std::shared_ptr<WorkerProcess> worker, UseGrant grant, OpenUseReply reply,
              Failed failed)
        : m_executor(executor), m_preparers(preparers), m_worker(std::move(worker)), m_grant(std::move(grant)), m_opened(std::move(reply)),
          m_failed(std::move(failed)), m_answer_wait(m_executor) {}
    WorkerUse(const WorkerUse&) = delete;
    WorkerUse& operator=(const WorkerUse&) = delete;
    ~WorkerUse() override;

    const std::vector<KeyCustody>& custody() const override { return m_opened.custody; }
    Task<Outcome<Bytes>> use(KeyTask task, std::function<Outcome<void>()> record) override;

private:
    Outcome<void> verify(const Certificate& certificate, const DigestToSign& task, ByteView raw);
    Outcome<std::shared_ptr<x509::SignatureCheck>> check_for(const Certificate& certificate, const Mechanism& mechanism);

    net::any_io_executor m_executor;
    net::thread_pool& m_preparers;
    std::shared_ptr<WorkerProcess> m_worker;
    UseGrant m_grant;
    OpenUseReply m_opened;
    Failed m_failed;
    ipc::EagerWait m_answer_wait;
    std::map<std::string, std::shared_ptr<x509::SignatureCheck>> m_checks; ///< by certificate and mechanism
};

} // namespace jk::pkcs11
