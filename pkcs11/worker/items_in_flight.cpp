#include "pkcs11/worker/items_in_flight.hpp"

#include "ipc/wire.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace jk::pkcs11 {
namespace {

// To wake a thread and to be woken by it takes as long as verifying a signature of RSA, which is forty times quicker than making one.
constexpr std::size_t few = 2;      ///< of other keys
constexpr std::size_t at_once = 16; ///< verified together; the first of them must not wait long for the last

Outcome<Signature> to_signature(const Mechanism& mechanism, Outcome<Bytes> reply) {
    if (!reply) return std::move(reply).error();
    ipc::Reader reader(*reply);
    const auto raw = reader.bytes(1024);
    if (!reader.end() || raw.empty()) return Error{Errc::token_failed, "a reply without a signature"};
    if (mechanism.key == KeyKind::rsa) return Signature{Bytes(raw.begin(), raw.end())};
    auto der = x509::ecdsa_to_der(raw);
    if (!der) return Error{Errc::signature_wrong, "r and s cannot be read"};
    return Signature{std::move(*der)};
}

} // namespace

ItemsInFlight::ItemsInFlight(net::any_io_executor executor, net::thread_pool& verifiers, const Grant& grant, std::shared_ptr<ReadyKey> key)
    : m_executor(executor), m_verifiers(verifiers), m_returned(executor), m_sealed(grant.sealed()), m_mechanism(grant.mechanism()),
      m_on_loop(m_mechanism.key == KeyKind::rsa || m_sealed.size() <= few), m_key(std::move(key)) {}

void ItemsInFlight::replied(ItemIndex index, Outcome<Bytes> reply) {
    if (m_on_loop) {
        Reply one{index, std::move(reply)};
        std::ranges::move(verified({&one, 1}), std::back_inserter(m_results));
        --m_in_flight;
        m_returned.notify();
        return;
    }
    const std::lock_guard lock(m_mutex);
    m_replies.push_back({index, std::move(reply)});
    if (std::exchange(m_verifying, true)) return;
    net::post(m_verifiers, [self = shared_from_this()] { self->verify(); });
}

Task<std::vector<ItemResult>> ItemsInFlight::results() {
    while (m_in_flight > 0 && m_results.empty()) co_await m_returned.wait();
    co_return std::exchange(m_results, {});
}

/// On the verifying thread: verification costs as much as a signature, and beside the loop it costs no time.
void ItemsInFlight::verify() {
    for (;;) {
        std::vector<Reply> replies;
        {
            const std::lock_guard lock(m_mutex);
            replies.swap(m_replies);
            if (replies.empty()) {
                m_verifying = false;
                return;
            }
        }
        for (std::span<Reply> rest(replies); !rest.empty(); rest = rest.subspan(std::min(rest.size(), at_once))) {
            auto results = verified(rest.first(std::min(rest.size(), at_once)));
            const std::lock_guard lock(m_mutex);
            std::ranges::move(results, std::back_inserter(m_verified));
            if (!std::exchange(m_told, true)) net::post(m_executor, [self = shared_from_this()] { self->collect(); });
        }
    }
}

std::vector<ItemResult> ItemsInFlight::verified(std::span<Reply> replies) const {
    std::vector<ItemResult> results;
    std::vector<x509::SignatureCheck::Claim> claims;
    for (auto& reply : replies) {
        results.push_back({reply.index, to_signature(m_mechanism, std::move(reply.answer))});
        claims.push_back({m_sealed[reply.index], ByteView()});
    }
    for (std::size_t i = 0; i < results.size(); ++i)
        if (results[i].signature) claims[i].signature = results[i].signature->value;
    const auto verdicts = m_key->check.verify(claims);
    for (std::size_t i = 0; i < results.size(); ++i)
        if (results[i].signature && !verdicts[i]) results[i].signature = Errc::signature_wrong;
    return results;
}

void ItemsInFlight::collect() {
    {
        const std::lock_guard lock(m_mutex);
        m_told = false;
        m_in_flight -= m_verified.size();
        std::ranges::move(m_verified, std::back_inserter(m_results));
        m_verified.clear();
    }
    m_returned.notify();
}

} // namespace jk::pkcs11
