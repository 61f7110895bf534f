#include "pkcs11/worker/module_tokens.hpp"

#include "pkcs11/worker/module_uses.hpp"
#include "pkcs11/worker/pace.hpp"
#include "x509/read_certificate.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace jk::pkcs11 {
namespace {

constexpr std::size_t max_read_certificates = 256;
constexpr std::chrono::seconds recent{2};
constexpr std::chrono::seconds believed_to_see{2}; ///< a worker that shows no token is asked whether a new one sees more, no more often

} // namespace

/// A module answers so when what it knew of readers and cards is over: after a sleep, a restart of pcscd, a removal it did not notice.
bool ModuleTokens::is_stale(Errc code) {
    switch (code) {
    case Errc::token_absent:
    case Errc::token_removed:
    case Errc::token_swapped:
    case Errc::token_failed:
    case Errc::module_unusable: return true;
    default: return false;
    }
}

bool ModuleTokens::may_be_blind() const { return m_worker && m_worker->age() >= believed_to_see && may_start_anew(); }

bool ModuleTokens::any_use() const {
    return std::ranges::any_of(m_uses, [](const auto& use) { return !use.expired(); });
}

ModuleTokens::ModuleTokens(net::any_io_executor executor, launcher::Launcher& launcher, net::thread_pool& verifiers, ModuleConfig config,
                           Deadlines deadlines, std::function<void()> changed)
    : m_executor(executor), m_launcher(launcher), m_verifiers(verifiers), m_config(std::move(config)), m_deadlines(deadlines),
      m_changed(std::move(changed)), m_started(executor), m_window_closed(executor) {}

Task<Outcome<std::shared_ptr<WorkerProcess>>> ModuleTokens::worker() {
    for (;;) { // whoever waited looks at both again: another may have begun to start one
        if (m_starting) {
            co_await m_started.wait();
            if (!m_starting && m_start_fault) co_return *m_start_fault; // the next who comes tries again
        } else if (m_start_anew && m_window_closing) { // the old one logs out; the next question in the same breath is for its successor
            co_await m_window_closed.wait();
        } else {
            break;
        }
    }
    if (m_start_anew && may_start_anew()) {
        m_worker->end();
        m_start_anew = false;
    }
    if (m_worker && m_worker->alive()) co_return m_worker;
    m_starting = true;
    m_start_anew = false;
    m_start_fault.reset();
    m_awaited.clear();
    Outcome<std::shared_ptr<WorkerProcess>> started;
    try {
        started = co_await WorkerProcess::start(m_executor, m_launcher, m_config, m_deadlines);
    } catch (const std::exception& e) { // whoever waits must not wait for ever
        started = Error{Errc::device_failed, e.what()}.with("reason", e.what());
    }
    m_starting = false;
    if (!started) m_start_fault = started.error();
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
    // While it signs, or is prepared, nobody waits for its answer: it would be that of before.
    if (knows()) co_return m_seen;
    co_return co_await tokens();
}

Task<Outcome<std::vector<ReportedToken>>> ModuleTokens::ask(RequestKind kind) {
    auto running = co_await worker();
    if (!running) co_return running.error();
    RequestId id = 0;
    auto request = (*running)->request(kind, id);
    auto reply = co_await (*running)->call(id, request.take());
    if (!reply) co_return reply.error();
    ipc::Reader reader(*reply);
    auto reported = read_tokens(reader);
    if (auto ok = reader.end(); !ok) co_return ok.error();
    std::erase_if(reported, [this](const ReportedToken& token) { return !m_config.serves(token.manufacturer, token.model, token.label); });
    co_return reported;
}

TokenInfo ModuleTokens::described(ReportedToken token) {
    std::erase_if(token.mechanisms, [&](const Mechanism& mechanism) { return m_config.rules_out(token, mechanism); });
    TokenInfo info{{m_config.name, std::move(token.serial)},
                   std::move(token.label),
                   std::move(token.manufacturer),
                   std::move(token.model),
                   token.pin_state,
                   token.pin_pad,
                   std::move(token.mechanisms),
                   {},
                   token.eddsa && !m_config.rules_out(token, "EdDSA"),
                   token.ecdh && !m_config.rules_out(token, "ECDH"),
                   std::move(token.hashed_there)};
    for (const auto& der : token.certificates)
        if (auto certificate = certificate_of(der)) info.certificates.push_back(std::move(certificate));
    return info;
}

Task<Outcome<std::vector<TokenInfo>>> ModuleTokens::tokens() {
    auto reported = co_await ask(RequestKind::discover);
    if (sees_nothing_any_more(reported)) {
        m_start_anew = true;
        reported = co_await ask(RequestKind::discover);
    }
    if (!reported) {
        note({});
        co_return reported.error();
    }
    std::vector<TokenInfo> all;
    for (auto& token : *reported) all.push_back(described(std::move(token)));
    note(all);
    m_seen = all;
    m_seen_until = std::chrono::steady_clock::now() + recent;
    co_return all;
}

Task<void> ModuleTokens::look() {
    const auto now = std::chrono::steady_clock::now();
    if (m_looking || m_window_open || m_starting || now < m_look_again) co_return;
    m_looking = true;
    auto reported = co_await ask(RequestKind::look);
    m_looking = false;
    if (m_window_open) co_return; // what it saw is of before
    std::vector<TokenInfo> all;
    if (reported)
        for (auto& token : *reported) all.push_back(described(std::move(token)));
    else
        m_look_again = std::chrono::steady_clock::now() + believed_to_see;
    note(all);
    if (all.empty() && m_worker && m_worker->age() >= believed_to_see) m_start_anew = true;
}

/// Tries, the token itself: something may have changed.
void ModuleTokens::failed(const Error& error) {
    m_seen_until = {};
    if (is_stale(error.code)) m_start_anew = true;
}

void ModuleTokens::note(const std::vector<TokenInfo>& present) {
    const auto same = [](const TokenInfo& a, const TokenInfo& b) { return a.id == b.id && a.label == b.label && a.pin_state == b.pin_state; };
    if (std::ranges::is_permutation(m_present, present, same)) return;
    m_present.clear();
    for (const auto& token : present) {
        auto& kept = m_present.emplace_back(token);
        kept.mechanisms.clear();
        kept.hashed_there.clear();
        kept.certificates.clear();
    }
    m_seen_until = {};
    m_changed();
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
        failed(reply.error());
        co_return reply.error();
    }
    m_awaited.insert(ticket.value);
    ipc::Reader answer(*reply);
    const auto state = read_pin_state(answer);
    const bool to_be_changed = answer.flag();
    if (auto ok = answer.end(); !ok) co_return ok.error();
    co_return AwaitedPin{ticket, state, to_be_changed};
}

void ModuleTokens::forget_pin(const TokenId&, PinTicket ticket) {
    if (!m_worker || !m_worker->alive() || ticket.value >> 32 != m_generation) return; // died with its worker
    m_awaited.erase(ticket.value);
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
    m_awaited.erase(grant.pin().value);
    const auto running = m_worker;
    Outcome<void> outcome;
    try {
        outcome = co_await sign_all(running, grant, record);
    } catch (const std::exception& e) { // the window is closed whatever happens, or no other would ever open
        outcome = Error{Errc::device_failed, e.what()}.with("reason", e.what());
    }
    if (!outcome) failed(outcome.error());
    // Whoever waits for the signatures does not wait for the logout; the next window does.
    m_window_closing = true;
    net::co_spawn(m_executor, close_window(running), [](const std::exception_ptr& escaped) {
        if (escaped) spdlog::error("a login window was not closed in order");
    });
    co_return outcome;
}

Task<Outcome<std::shared_ptr<UseWindow>>> ModuleTokens::open_use(UseGrant grant) {
    while (m_window_open) co_await m_window_closed.wait();
    if (!m_worker || !m_worker->alive() || grant.pin().value >> 32 != m_generation)
        co_return Error{Errc::module_crashed, "the worker ended after the PIN was typed"}.with("module", m_config.name);
    m_awaited.erase(grant.pin().value);
    WorkerUse::Failed told = [this](const Error& error) {
        if (error.code != Errc::token_failed) failed(error); // one operation's fault may not end the windows of others
    };
    auto opened = co_await WorkerUse::open(m_executor, m_verifiers, m_worker, std::move(grant), std::move(told));
    if (!opened) {
        failed(opened.error());
        co_return opened;
    }
    std::erase_if(m_uses, [](const auto& use) { return use.expired(); });
    m_uses.emplace_back(*opened);
    co_return opened;
}

Task<void> ModuleTokens::close_window(std::shared_ptr<WorkerProcess> running) {
    if (running->alive()) {
        RequestId id = 0;
        auto request = running->request(RequestKind::close, id);
        (void)co_await running->call(id, request.take());
    }
    m_window_open = m_window_closing = false;
    m_window_closed.notify();
}

Outcome<std::shared_ptr<ReadyKey>> ModuleTokens::ready_key(const Grant& grant) {
    if (m_key && m_key->certificate->id == grant.certificate()->id && m_key->mechanism == grant.mechanism()) return m_key;
    auto check = x509::SignatureCheck::for_certificate(*grant.certificate(), grant.mechanism());
    if (!check) return std::move(check).error();
    return m_key = std::make_shared<ReadyKey>(ReadyKey{grant.certificate(), grant.mechanism(), std::move(*check), 0});
}

Task<Outcome<void>> ModuleTokens::sign_all(std::shared_ptr<WorkerProcess> running, const Grant& grant, SigningRecord& record) {
    auto key = ready_key(grant);
    if (!key) co_return key.error();
    RequestId id = 0;
    auto request = running->request(RequestKind::open, id);
    write(request, OpenRequest{grant.token().serial, grant.certificate()->id, grant.certificate()->public_key, grant.mechanism(), grant.pin(),
                               grant.sealed(), m_config.parallel, grant.hashed()});
    auto opened = co_await running->call(id, request.take());
    if (!opened) co_return opened.error();
    ipc::Reader reader(*opened);
    const auto custody = read_custody(reader);
    if (auto ok = reader.end(); !ok) co_return ok.error();
    if (auto ok = record.opened(custody); !ok) co_return ok.error();

    auto items = std::make_shared<ItemsInFlight>(m_executor, m_verifiers, grant, *key);
    const std::size_t total = grant.sealed().size();
    const bool had_many = (*key)->asked_for >= x509::SignatureCheck::many;
    (*key)->asked_for += total;
    // Beside the first signatures; until it is there they are verified one by one.
    if (!had_many && (*key)->asked_for >= x509::SignatureCheck::many) net::post(m_verifiers, [ready = *key] { ready->check.expect_many(); });
    Pace pace(m_config.parallel);
    Outcome<void> outcome = done();
    for (std::size_t next = 0; next < total || items->in_flight() > 0;) {
        // Filled up when half of it is done: then rows and frames carry many items.
        if (const auto most = pace.most(); next < total && items->in_flight() <= most / 2) {
            std::vector<ItemIndex> batch;
            for (auto room = most - items->in_flight(); room > 0 && next < total; --room) batch.push_back(next++);
            outcome = record.starting(batch);
            if (outcome) {
                items->sent(batch.size());
                WorkerProcess::ItemHandler handler = [items](ItemIndex index, Outcome<Bytes> reply) { items->replied(index, std::move(reply)); };
                co_await running->sign(std::move(batch), std::move(handler)); // a lost worker answers for each item with its error
            }
        }
        if (!outcome) next = total;
        auto results = co_await items->results();
        if (results.empty()) continue;
        pace.finished(results.size());
        const auto fatal = std::ranges::find_if(results, [](const auto& r) { return !r.signature && ends_login_window(r.signature.error().code); });
        std::optional<Error> stop;
        if (fatal != results.end()) stop = fatal->signature.error();
        if (auto ok = record.finished(std::move(results)); !ok && outcome) outcome = ok.error();
        if (stop && outcome) outcome = *stop;
        if (!outcome) next = total; // what is in flight is still waited for and recorded
    }
    co_return outcome;
}

} // namespace jk::pkcs11
