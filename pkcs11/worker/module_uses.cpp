#include "pkcs11/worker/module_uses.hpp"

#include "x509/ec_point.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace jk::pkcs11 {
namespace {

constexpr std::size_t max_result = 1024;

} // namespace

Task<Outcome<std::shared_ptr<UseWindow>>> WorkerUse::open(net::any_io_executor executor, net::thread_pool& preparers,
                                                          std::shared_ptr<WorkerProcess> worker, UseGrant grant, Failed failed) {
    OpenUseRequest request;
    request.serial = grant.token().serial;
    request.pin = grant.pin();
    request.operations = grant.terms().operations;
    request.seconds = static_cast<std::uint32_t>(grant.terms().duration.count());
    request.only = grant.terms().only;
    for (const auto& key : grant.keys()) request.keys.push_back({key.certificate->id, key.certificate->public_key, key.may_sign, key.may_decrypt});
    RequestId id = 0;
    auto asked = worker->request(RequestKind::open_use, id);
    write(asked, request);
    auto answer = co_await worker->call(id, asked.take());
    if (!answer) co_return answer.error();
    ipc::Reader reader(*answer);
    auto reply = read_open_use_reply(reader);
    if (!reply) co_return reply.error();
    auto window = std::make_shared<WorkerUse>(executor, preparers, std::move(worker), std::move(grant), std::move(*reply), std::move(failed));
    if (window->m_opened.custody.size() != window->m_grant.keys().size())
        co_return Error{Errc::token_failed, "custody of another number of keys"}.with("function", "open_use").with("result", "count");
    co_return std::shared_ptr<UseWindow>(std::move(window));
}

WorkerUse::~WorkerUse() {
    if (!m_worker->alive()) return;
    RequestId id = 0;
    auto request = m_worker->request(RequestKind::close_use, id);
    request.u64(m_opened.window);
    m_worker->expect(id, [](const Outcome<Bytes>&) {});
    net::co_spawn(m_executor, m_worker->send(request.take()), [keep = m_worker](std::exception_ptr, Outcome<void>) {});
}

Task<Outcome<Bytes>> WorkerUse::use(KeyTask task, std::function<Outcome<void>()> record) {
    const auto key = std::ranges::find_if(m_grant.keys(), [&](const auto& k) { return k.certificate->id == task.certificate; });
    if (key == m_grant.keys().end()) co_return Error{Errc::digest_not_granted, "another key"};
    const auto certificate = key->certificate;
    if (const auto* peer = std::get_if<PeerPoint>(&task.what); peer != nullptr && !x509::is_on_curve(*certificate, peer->point))
        co_return Error{Errc::decryption_failed, "a point that is not on the key's curve"};
    if (!m_worker->alive()) co_return Error{Errc::use_ended, "the worker ended before"}; // nothing was tried: the person may be asked anew
    RequestId id = 0;
    auto request = m_worker->request(RequestKind::use, id);
    request.u64(m_opened.window);
    frames::write(request, task);
    struct Waiting {
        ipc::Event answered;
        std::optional<Outcome<Bytes>> answer;
    };
    const auto waiting = std::make_shared<Waiting>(Waiting{ipc::Event(m_executor), std::nullopt});
    m_worker->expect(id, [waiting](Outcome<Bytes> reply) {
        waiting->answer = std::move(reply);
        waiting->answered.notify();
    });
    const auto worker = m_worker;
    auto sent = co_await worker->send(request.take());
    if (!sent) worker->end();
    m_answer_wait.begin();
    const auto recorded = record(); // beside the token's work it costs no time
    while (!waiting->answer) co_await waiting->answered.wait();
    m_answer_wait.end();
    if (!recorded) co_return recorded.error();
    auto& answer = *waiting->answer;
    if (!answer) {
        m_failed(answer.error());
        co_return answer.error();
    }
    ipc::Reader reader(*answer);
    const auto result = reader.bytes(max_result);
    if (auto ok = reader.end(); !ok) co_return ok.error();
    if (const auto* to_sign = std::get_if<DigestToSign>(&task.what))
        if (auto ok = verify(*certificate, *to_sign, result); !ok) co_return ok.error();
    if (const auto* message = std::get_if<MessageToSign>(&task.what))
        if (!x509::ed25519_verifies(*certificate, message->message, result)) co_return Errc::signature_wrong;
    co_return Bytes(result.begin(), result.end());
}

Outcome<std::shared_ptr<x509::SignatureCheck>> WorkerUse::check_for(const Certificate& certificate, const Mechanism& mechanism) {
    const auto name = certificate.id.sha256.hex() + mechanism.name();
    if (const auto known = m_checks.find(name); known != m_checks.end()) return known->second;
    auto check = x509::SignatureCheck::for_certificate(certificate, mechanism);
    if (!check) return std::move(check).error();
    auto ready = std::make_shared<x509::SignatureCheck>(std::move(*check));
    if (m_grant.terms().operations >= x509::SignatureCheck::many) net::post(m_preparers, [ready] { ready->expect_many(); });
    return m_checks[name] = std::move(ready);
}

/// A swapped token or key shows here, and a module that signs something else.
Outcome<void> WorkerUse::verify(const Certificate& certificate, const DigestToSign& task, ByteView raw) {
    auto check = check_for(certificate, task.mechanism);
    if (!check) return check.error();
    std::optional<Bytes> der;
    ByteView signature = raw;
    if (task.mechanism.key == KeyKind::ec) {
        der = x509::ecdsa_to_der(raw);
        const auto half = static_cast<std::size_t>((certificate.key_bits + 7) / 8);
        if (!der || raw.size() != 2 * half) return Error{Errc::signature_wrong, "r and s cannot be read"};
        signature = *der;
    }
    const x509::SignatureCheck::Claim claim[] = {{task.digest, signature}};
    if (!(*check)->verify(claim).front()) return Errc::signature_wrong;
    return done();
}

} // namespace jk::pkcs11
