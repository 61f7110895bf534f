// The agent's half of administration: ModuleTokens as TokenAdministration.
#include "pkcs11/worker/administration_messages.hpp"
#include "pkcs11/worker/module_tokens.hpp"

#include <functional>

namespace jk::pkcs11 {
namespace {

/// The window closes whatever happens, or no other would ever open.
class Closing {
public:
    explicit Closing(std::function<void()> close) : m_close(std::move(close)) {}
    ~Closing() { m_close(); }
    Closing(const Closing&) = delete;
    Closing& operator=(const Closing&) = delete;

private:
    std::function<void()> m_close;
};

} // namespace

Task<Outcome<std::vector<ReportedContents>>> ModuleTokens::ask_contents() {
    auto running = co_await worker();
    if (!running) co_return running.error();
    RequestId id = 0;
    auto request = (*running)->request(RequestKind::contents, id);
    auto reply = co_await (*running)->call(id, request.take());
    if (!reply) co_return reply.error();
    ipc::Reader reader(*reply);
    auto reported = read_contents(reader);
    if (auto ok = reader.end(); !ok) co_return ok.error();
    std::erase_if(reported, [this](const ReportedContents& token) {
        return !m_config.serves(token.contents.manufacturer, token.contents.model, token.contents.label);
    });
    co_return reported;
}

Task<Outcome<std::vector<TokenContents>>> ModuleTokens::contents() {
    // A window that signs is not disturbed by a look at every object.
    while (m_window_open) co_await m_window_closed.wait();
    auto reported = co_await ask_contents();
    if (!any_use() && sees_nothing_any_more(reported)) { // who looks does not end a program's window
        m_start_anew = true;
        reported = co_await ask_contents();
    }
    if (!reported) co_return reported.error();
    std::vector<TokenContents> all;
    for (auto& token : *reported) {
        auto contents = std::move(token.contents);
        contents.id.module = m_config.name;
        for (auto& certificate : token.certificates)
            contents.certificates.push_back({std::move(certificate.id), std::move(certificate.label), certificate_of(certificate.der)});
        all.push_back(std::move(contents));
    }
    co_return all;
}

Task<Outcome<PinTicket>> ModuleTokens::expect_secrets(const TokenId& token, std::vector<UniqueFd> readers) {
    auto running = co_await worker();
    if (!running) co_return running.error();
    const PinTicket ticket{std::uint64_t(m_generation) << 32 | m_next_ticket++};
    RequestId id = 0;
    auto request = (*running)->request(RequestKind::expect_secrets, id);
    request.u64(ticket.value).text(token.serial);
    auto reply = co_await (*running)->call(id, request.take(), std::move(readers));
    if (!reply) {
        failed(reply.error());
        co_return reply.error();
    }
    m_awaited.insert(ticket.value);
    co_return ticket;
}

void ModuleTokens::forget_secrets(const TokenId& token, PinTicket ticket) { forget_pin(token, ticket); }

Task<Outcome<AdministrationResult>> ModuleTokens::carry_out(AdministrationGrant grant) {
    while (m_window_open) co_await m_window_closed.wait();
    if (!m_worker || !m_worker->alive() || grant.secrets().value >> 32 != m_generation)
        co_return Error{Errc::module_crashed, "the worker ended after the PIN was typed"}.with("module", m_config.name);
    m_awaited.erase(grant.secrets().value);
    m_window_open = true;
    const Closing closing([this] {
        m_seen_until = {}; // whatever came of it, the token is not as it was seen
        m_window_open = false;
        m_window_closed.notify();
    });
    const auto running = m_worker;
    RequestId id = 0;
    auto request = running->request(RequestKind::administer, id);
    write(request, grant);
    auto reply = co_await running->call(id, request.take());
    if (!reply) {
        failed(reply.error());
        co_return reply.error();
    }
    ipc::Reader reader(*reply);
    auto result = read_result(reader);
    if (auto ok = reader.end(); !ok) co_return ok.error();
    result.token.module = m_config.name;
    co_return result;
}

} // namespace jk::pkcs11
