#include "pkcs11/worker/module_tokens.hpp"

#include "x509/read_certificate.hpp"
#include "x509/signature_check.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <mutex>

namespace jk::pkcs11 {
namespace {

constexpr std::size_t max_read_certificates = 256;
constexpr std::chrono::seconds recent{2};

/// After these nothing else in the window can succeed, or may.
bool ends_window(Errc code) {
    switch (code) {
    case Errc::token_removed:
    case Errc::token_swapped:
    case Errc::module_crashed:
    case Errc::token_timed_out:
    case Errc::key_mismatch:
    case Errc::signature_wrong:
    case Errc::digest_not_granted:
    case Errc::pin_incorrect:
    case Errc::pin_locked: return true;
    default: return false;
    }
}

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

ModuleTokens::ModuleTokens(net::any_io_executor executor, launcher::Launcher& launcher, net::thread_pool& verifiers, ModuleConfig config,
                           Deadlines deadlines)
    : m_executor(executor), m_launcher(launcher), m_verifiers(verifiers), m_config(std::move(config)), m_deadlines(deadlines), m_started(executor),
      m_window_closed(executor) {}

Task<Outcome<std::shared_ptr<WorkerProcess>>> ModuleTokens::worker() {
    while (m_starting) co_await m_started.wait();
    if (m_worker && m_worker->alive()) co_return m_worker;
    m_starting = true;
    auto started = co_await WorkerProcess::start(m_executor, m_launcher, m_config, m_deadlines);
    m_starting = false;
    m_started.notify();
    if (!started) co_return started.error();
    m_worker = *started;
    ++m_generation;
    co_return m_worker;
}

CertificateRef ModuleTokens::certificate_of(const Bytes& der) {
    const auto name = sha256(der).hex();
    if (const auto known = m_read.find(name); known != m_read.end()) return known->second;
    auto certificate = x509::read_certificate(der);
    if (!certificate) {
        spdlog::warn("module {}: a certificate on a token cannot be read: {}", m_config.name, certificate.error().detail);
        return nullptr;
    }
    if (m_read.size() >= max_read_certificates) m_read.clear();
    return m_read[name] = *certificate;
}

Task<Outcome<std::vector<TokenInfo>>> ModuleTokens::recent_tokens() {
    if (m_worker && m_worker->alive() && std::chrono::steady_clock::now() < m_seen_until) co_return m_seen;
    co_return co_await tokens();
}

Task<Outcome<std::vector<TokenInfo>>> ModuleTokens::tokens() {
    auto running = co_await worker();
    if (!running) co_return running.error();
    RequestId id = 0;
    auto request = (*running)->request(RequestKind::discover, id);
    auto reply = co_await (*running)->call(id, request.take());
    if (!reply) co_return reply.error();
    ipc::Reader reader(*reply);
    auto reported = read_tokens(reader);
    if (auto ok = reader.end(); !ok) co_return ok.error();
    std::vector<TokenInfo> all;
    for (auto& token : reported) {
        TokenInfo info{{m_config.name, std::move(token.serial)},
                       std::move(token.label),
                       std::move(token.manufacturer),
                       std::move(token.model),
                       token.pin_state,
                       token.pin_pad,
                       std::move(token.mechanisms),
                       {}};
        for (const auto& der : token.certificates)
            if (auto certificate = certificate_of(der)) info.certificates.push_back(std::move(certificate));
        all.push_back(std::move(info));
    }
    m_seen = all;
    m_seen_until = std::chrono::steady_clock::now() + recent;
    co_return all;
}

Task<Outcome<AwaitedPin>> ModuleTokens::expect_pin(const TokenId& token, UniqueFd reader) {
    auto running = co_await worker();
    if (!running) co_return running.error();
    const PinTicket ticket{std::uint64_t(m_generation) << 32 | m_next_ticket++};
    RequestId id = 0;
    auto request = (*running)->request(RequestKind::expect_pin, id);
    request.u64(ticket.value).text(token.serial);
    std::vector<UniqueFd> fds;
    fds.push_back(std::move(reader));
    auto reply = co_await (*running)->call(id, request.take(), std::move(fds));
    if (!reply) {
        m_seen_until = {};
        co_return reply.error();
    }
    ipc::Reader answer(*reply);
    const auto state = read_pin_state(answer);
    if (auto ok = answer.end(); !ok) co_return ok.error();
    co_return AwaitedPin{ticket, state};
}

void ModuleTokens::forget_pin(const TokenId&, PinTicket ticket) {
    if (!m_worker || !m_worker->alive() || ticket.value >> 32 != m_generation) return; // died with its worker
    RequestId id = 0;
    auto request = m_worker->request(RequestKind::forget_pin, id);
    request.u64(ticket.value);
    m_worker->expect(id, [](const Outcome<Bytes>&) {});
    net::co_spawn(m_executor, m_worker->send(request.take()), [keep = m_worker](std::exception_ptr, Outcome<void>) {});
}

Task<Outcome<void>> ModuleTokens::sign(Grant grant, SigningRecord& record) {
    while (m_window_open) co_await m_window_closed.wait();
    // The PIN is in the worker it was sent to; another life of the worker does not have it.
    if (!m_worker || !m_worker->alive() || grant.pin().value >> 32 != m_generation)
        co_return Error{Errc::module_crashed, "the worker ended after the PIN was typed"}.with("module", m_config.name);
    m_window_open = true;
    const auto running = m_worker;
    Outcome<void> outcome;
    try {
        outcome = co_await sign_all(running, grant, record);
    } catch (const std::exception& e) { // the window is closed whatever happens, or no other would ever open
        outcome = Error{Errc::device_failed, e.what()}.with("reason", e.what());
    }
    if (!outcome) m_seen_until = {}; // tries, the token itself: something may have changed
    // Whoever waits for the signatures does not wait for the logout; the next window does.
    net::co_spawn(m_executor, close_window(running), [](const std::exception_ptr& escaped) {
        if (escaped) spdlog::error("a login window was not closed in order");
    });
    co_return outcome;
}

Task<void> ModuleTokens::close_window(std::shared_ptr<WorkerProcess> running) {
    if (running->alive()) {
        RequestId id = 0;
        auto request = running->request(RequestKind::close, id);
        (void)co_await running->call(id, request.take());
    }
    m_window_open = false;
    m_window_closed.notify();
}

/// A public key made ready, and whose it is. Used by one window at a time.
struct ModuleTokens::Check {
    CertificateRef certificate;
    Mechanism mechanism;
    x509::SignatureCheck check;
};

Outcome<std::shared_ptr<ModuleTokens::Check>> ModuleTokens::check_for(const Grant& grant) {
    if (m_check && m_check->certificate->id == grant.certificate()->id && m_check->mechanism == grant.mechanism()) return m_check;
    auto check = x509::SignatureCheck::for_certificate(*grant.certificate(), grant.mechanism());
    if (!check) return std::move(check).error();
    return m_check = std::make_shared<Check>(Check{grant.certificate(), grant.mechanism(), std::move(*check)});
}

/// One window's items between the worker, the verifying thread and the coroutine that keeps the record.
/// Whoever has something for the next one hands over all of it at once: a thread woken per item would cost more than the item.
class ModuleTokens::Window : public std::enable_shared_from_this<Window> {
public:
    Window(net::any_io_executor executor, net::thread_pool& verifiers, const Grant& grant, std::shared_ptr<Check> check)
        : m_executor(executor), m_verifiers(verifiers), m_returned(executor), m_sealed(grant.sealed()), m_mechanism(grant.mechanism()),
          m_check(std::move(check)) {}

    void replied(ItemIndex index, Outcome<Bytes> reply) {
        const std::lock_guard lock(m_mutex);
        m_replies.push_back({index, std::move(reply)});
        if (std::exchange(m_verifying, true)) return;
        net::post(m_verifiers, [self = shared_from_this()] { self->verify(); });
    }

    /// At least one result, unless nothing is in flight.
    Task<std::vector<ItemResult>> results() {
        while (m_in_flight > 0 && m_results.empty()) co_await m_returned.wait();
        co_return std::exchange(m_results, {});
    }

    void sent(std::size_t items) { m_in_flight += items; }
    std::size_t in_flight() const { return m_in_flight; }

private:
    struct Reply {
        ItemIndex index;
        Outcome<Bytes> answer;
    };

    /// On the verifying thread: verification costs as much as a signature, and beside the loop it costs no time.
    void verify() {
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
            for (auto& reply : replies) {
                auto signature = to_signature(m_mechanism, std::move(reply.answer));
                if (signature && !m_check->check.verifies(m_sealed[reply.index], signature->value)) signature = Errc::signature_wrong;
                const std::lock_guard lock(m_mutex);
                m_verified.push_back({reply.index, std::move(signature)});
                if (!std::exchange(m_told, true)) net::post(m_executor, [self = shared_from_this()] { self->collect(); });
            }
        }
    }

    void collect() {
        {
            const std::lock_guard lock(m_mutex);
            m_told = false;
            m_in_flight -= m_verified.size();
            std::ranges::move(m_verified, std::back_inserter(m_results));
            m_verified.clear();
        }
        m_returned.notify();
    }

    net::any_io_executor m_executor;
    net::thread_pool& m_verifiers;
    ipc::Event m_returned;
    const std::vector<Digest> m_sealed;
    const Mechanism m_mechanism;
    const std::shared_ptr<Check> m_check;
    std::size_t m_in_flight = 0;       ///< at the worker, or being verified
    std::vector<ItemResult> m_results; ///< verified, waiting for the coroutine

    std::mutex m_mutex; ///< of what follows
    std::vector<Reply> m_replies;
    std::vector<ItemResult> m_verified;
    bool m_verifying = false, m_told = false;
};

/// How many digests may be at the worker. A crash leaves all of them unknown, so: no more than a token signs in five milliseconds,
/// and one beyond those being signed so that it never waits for us.
class Pace {
public:
    explicit Pace(std::size_t lanes) : m_lanes(lanes) {}
    void finished(std::size_t items) { m_finished += items; }
    std::size_t most() const {
        using namespace std::chrono;
        if (m_finished == 0) return m_lanes * 2;
        const auto per_item = duration<double>(steady_clock::now() - m_started) / static_cast<double>(m_finished);
        return m_lanes + std::clamp<std::size_t>(static_cast<std::size_t>(duration<double>(5ms) / per_item), 1, 64);
    }

private:
    std::size_t m_lanes, m_finished = 0;
    std::chrono::steady_clock::time_point m_started = std::chrono::steady_clock::now();
};

Task<Outcome<void>> ModuleTokens::sign_all(std::shared_ptr<WorkerProcess> running, const Grant& grant, SigningRecord& record) {
    auto check = check_for(grant);
    if (!check) co_return check.error();
    RequestId id = 0;
    auto request = running->request(RequestKind::open, id);
    write(request, OpenRequest{grant.token().serial, grant.certificate()->id, grant.certificate()->public_key, grant.mechanism(), grant.pin(),
                               grant.sealed(), m_config.parallel});
    auto opened = co_await running->call(id, request.take());
    if (!opened) co_return opened.error();
    ipc::Reader reader(*opened);
    const auto custody = read_custody(reader);
    if (auto ok = reader.end(); !ok) co_return ok.error();
    if (auto ok = record.opened(custody); !ok) co_return ok.error();

    auto window = std::make_shared<Window>(m_executor, m_verifiers, grant, *check);
    const std::size_t total = grant.sealed().size();
    Pace pace(m_config.parallel);
    Outcome<void> outcome = done();
    for (std::size_t next = 0; next < total || window->in_flight() > 0;) {
        // Filled up when half of it is done: then rows and frames carry many items.
        if (const auto most = pace.most(); next < total && window->in_flight() <= most / 2) {
            std::vector<ItemIndex> batch;
            for (auto room = most - window->in_flight(); room > 0 && next < total; --room) batch.push_back(next++);
            outcome = record.starting(batch);
            if (outcome) {
                window->sent(batch.size());
                WorkerProcess::ItemHandler handler = [window](ItemIndex index, Outcome<Bytes> reply) { window->replied(index, std::move(reply)); };
                co_await running->sign(std::move(batch), std::move(handler)); // a lost worker answers for each item with its error
            }
        }
        if (!outcome) next = total;
        auto results = co_await window->results();
        if (results.empty()) continue;
        pace.finished(results.size());
        const auto fatal = std::ranges::find_if(results, [](const auto& r) { return !r.signature && ends_window(r.signature.error().code); });
        std::optional<Error> stop;
        if (fatal != results.end()) stop = fatal->signature.error();
        if (auto ok = record.finished(std::move(results)); !ok && outcome) outcome = ok.error();
        if (stop && outcome) outcome = *stop;
        if (!outcome) next = total; // what is in flight is still waited for and recorded
    }
    co_return outcome;
}

} // namespace jk::pkcs11
