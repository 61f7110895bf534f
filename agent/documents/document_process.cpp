#include "agent/documents/document_process.hpp"

#include "ipc/blocking_channel.hpp"

#include <boost/asio/co_spawn.hpp>

#include <thread>

namespace jk::documents {
namespace {

/// The process ends itself after its own limit; this one is for the case that it could not even be started.
constexpr auto patience = std::chrono::seconds(
#ifdef JURUKUNCI_SANITIZED
    130
#else
    25
#endif
);

std::size_t most_lives() {
    static const std::size_t processors = std::thread::hardware_concurrency(); // reads /sys each time
    return std::max<std::size_t>(2, processors);
}

Error ended(const char* how) { return Error{Errc::document_not_examined, how}.with("reason", how); }

} // namespace

DocumentProcess::DocumentProcess(net::any_io_executor executor, launcher::Launcher& launcher) : m_executor(executor), m_launcher(launcher), m_changed(executor) {}

Task<Outcome<void>> DocumentProcess::warm_up() {
    while (m_starting) co_await m_changed.wait();
    if (m_program && m_program->is_open() && m_child.running()) co_return done();
    m_starting = true;
    Outcome<void> outcome = done();
    auto ends = ipc::socket_pair();
    if (ends) {
        launcher::Command command;
        command.program = "jurukunci-document";
        command.fds.push_back(std::move(ends->second));
        auto child = co_await m_launcher.start(std::move(command));
        if (child) {
            m_child = std::move(*child);
            m_program = std::make_unique<ipc::Channel>(m_executor, std::move(ends->first));
        } else {
            outcome = child.error();
        }
    } else {
        outcome = ends.error();
    }
    m_starting = false;
    m_changed.notify();
    co_return outcome;
}

Task<Outcome<Bytes>> DocumentProcess::ask(UniqueFd document, Bytes question) {
    while (m_lives >= most_lives()) co_await m_changed.wait();
    ++m_lives;
    struct Leave {
        DocumentProcess& self;
        ~Leave() {
            --self.m_lives;
            self.m_changed.notify();
        }
    } leave{*this};

    auto ready = co_await warm_up();
    if (!ready) co_return ready.error();
    auto ends = ipc::socket_pair();
    if (!ends) co_return ends.error();
    auto life = std::make_shared<ipc::Channel>(m_executor, std::move(ends->first));
    std::vector<UniqueFd> fds;
    fds.push_back(std::move(ends->second));
    fds.push_back(std::move(document));
    auto ordered = co_await m_program->send(Bytes(), std::move(fds));
    if (!ordered) {
        m_program.reset(); // started anew for the next document
        co_return ended("could not be started");
    }
    auto asked = co_await life->send(std::move(question));
    if (!asked) co_return ended("ended before it read the document");

    auto timer = std::make_shared<net::steady_timer>(m_executor, patience);
    timer->async_wait([life](const boost::system::error_code& ec) {
        if (!ec) life->close();
    });
    auto reply = co_await life->receive();
    timer->cancel();
    if (!reply) co_return ended("ended without an answer: the document is too complex or hostile");
    co_return std::move(reply->body);
}

Task<Outcome<Bytes>> DocumentProcess::ask(PieceRef document, Bytes question) {
    auto fd = document->export_read_only();
    if (!fd) co_return std::move(fd).error();
    co_return co_await ask(std::move(*fd), std::move(question));
}

Task<Outcome<Inspection>> DocumentProcess::inspect(PieceRef document) {
    auto reply = co_await ask(std::move(document), encode_inspect());
    if (!reply) co_return reply.error();
    ipc::Reader reader(*reply);
    co_return read_inspection(reader);
}

Task<Outcome<Update>> DocumentProcess::prepare(PieceRef document, PrepareRequest request) {
    auto reply = co_await ask(std::move(document), encode(request));
    if (!reply) co_return reply.error();
    ipc::Reader reader(*reply);
    auto update = read_update(reader);
    if (!update) co_return update;
    if (update->cms_room != request.cms_room || update->before.empty() || update->after.empty()) co_return ended("gave an update of another shape than asked for");
    co_return update;
}

Task<Outcome<void>> DocumentProcess::check(PieceRef document, CheckRequest request) {
    auto reply = co_await ask(std::move(document), encode(request));
    if (!reply) co_return reply.error();
    ipc::Reader reader(*reply);
    if (auto ok = read_answer(reader); !ok) co_return ok;
    if (!reader.end()) co_return ended("gave an answer that does not follow its form");
    co_return done();
}

Task<Outcome<std::string>> DocumentProcess::verify(UniqueFd document, VerifyRequest request) {
    auto reply = co_await ask(std::move(document), encode(request));
    if (!reply) co_return reply.error();
    ipc::Reader reader(*reply);
    co_return read_report(reader);
}

Task<Outcome<std::string>> DocumentProcess::verify(PieceRef document, VerifyRequest request) {
    auto fd = document->export_read_only();
    if (!fd) co_return std::move(fd).error();
    co_return co_await verify(std::move(*fd), std::move(request));
}

} // namespace jk::documents
