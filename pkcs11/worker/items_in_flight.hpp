// ItemsInFlight: one window's items between the worker, the verifying thread and the coroutine that keeps the record.
// Whoever has something for the next one hands over all of it at once: a thread woken per item would cost more than the item.
// Owner: the coroutine, and whoever still works on an item, by shared_ptr. Loop side and verifying thread meet under one mutex.
#pragma once
#include "ipc/event.hpp"
#include "jurukunci/grant.hpp"
#include "jurukunci/signature.hpp"
#include "x509/signature_check.hpp"

#include <boost/asio/thread_pool.hpp>

#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace jk::pkcs11 {

/// A public key made ready, and whose it is. One window uses it at a time, on the verifying thread or, where it is small, on the loop.
struct ReadyKey {
    CertificateRef certificate;
    Mechanism mechanism;
    x509::SignatureCheck check;
    std::size_t asked_for = 0; ///< in all windows so far
};

class ItemsInFlight : public std::enable_shared_from_this<ItemsInFlight> {
public:
    ItemsInFlight(net::any_io_executor executor, net::thread_pool& verifiers, const Grant& grant, std::shared_ptr<ReadyKey> key);

    /// These went to the worker.
    void sent(std::size_t items) { m_in_flight += items; }
    /// The worker's answer for one of them.
    void replied(ItemIndex index, Outcome<Bytes> reply);
    /// What is verified by now; at least one, unless nothing is in flight.
    Task<std::vector<ItemResult>> results();
    std::size_t in_flight() const { return m_in_flight; }

private:
    struct Reply {
        ItemIndex index;
        Outcome<Bytes> answer;
    };
    void verify();
    std::vector<ItemResult> verified(std::span<Reply> replies) const;
    void collect();

    net::any_io_executor m_executor;
    net::thread_pool& m_verifiers;
    ipc::Event m_returned;
    const std::vector<Digest> m_sealed;
    const Mechanism m_mechanism;
    const bool m_on_loop; ///< verified where they arrive
    const std::shared_ptr<ReadyKey> m_key;
    std::size_t m_in_flight = 0;       ///< at the worker, or being verified
    std::vector<ItemResult> m_results; ///< verified, waiting for the coroutine

    std::mutex m_mutex; ///< of what follows
    std::vector<Reply> m_replies;
    std::vector<ItemResult> m_verified;
    bool m_verifying = false, m_told = false;
};

} // namespace jk::pkcs11
