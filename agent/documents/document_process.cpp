#include "agent/documents/document_process.hpp"

#include "ipc/blocking_channel.hpp"

#include <algorithm>
#include <thread>

namespace jk::documents {
namespace {

constexpr const char* no_answer = "ended without an answer: the document is too complex or hostile";

Error ended(const char* how) { return Error{Errc::document_not_examined, how}.with("reason", how); }
Error not_started(const std::string& why) { return Error{Errc::device_failed, why}.with("reason", why); }

} // namespace

bool ran_out(const Error& error) {
    return error.code == Errc::document_not_examined && std::ranges::any_of(error.words, [](const auto& word) {
               return word.first == "reason" && (word.second == no_answer || word.second == out_of_memory);
           });
}

/// A process that is confined already and waits for its one document. Whatever it does, it ends with this object.
struct DocumentProcess::Life {
    Life(net::any_io_executor executor, UniqueFd socket, UniqueFd pidfd, int pid)
        : channel(executor, std::move(socket)), process(std::move(pidfd), pid) {}
    ~Life() { process.kill(); }
    void end() {
        process.kill();
        channel.close();
    }
    ipc::Channel channel;
    launcher::Child process;
};

std::size_t DocumentProcess::lives() {
    static const std::size_t processors = std::thread::hardware_concurrency(); // reads /sys each time
    return std::max<std::size_t>(2, processors);
}

DocumentProcess::DocumentProcess(net::any_io_executor executor, launcher::Launcher& launcher, std::chrono::steady_clock::duration patience)
    : m_executor(executor), m_launcher(launcher), m_patience(patience), m_changed(executor), m_turns(executor, lives()) {}

Task<Outcome<void>> DocumentProcess::warm_up() {
    while (m_starting) co_await m_changed.wait();
    if (running()) co_return done();
    m_starting = true;
    auto outcome = co_await start_program();
    m_starting = false;
    m_changed.notify();
    co_return outcome;
}

Task<Outcome<void>> DocumentProcess::start_program() {
    auto ends = ipc::socket_pair();
    if (!ends) co_return ends.error();
    launcher::Command command;
    command.program = "jurukunci-document";
    command.environment.emplace_back("LD_BIND_NOW", "1"); // once here, instead of lazily and anew in each life
    command.fds.push_back(std::move(ends->second));
    auto child = co_await m_launcher.start(std::move(command));
    if (!child) co_return child.error();
    m_child = std::move(*child);
    m_program = std::make_shared<ipc::Channel>(m_executor, std::move(ends->first));
    const auto program = m_program;
    for (std::size_t i = 0; i < lives(); ++i) {
        auto ordered = co_await program->send(Bytes());
        if (!ordered) co_return ordered;
    }
    co_return done();
}

/// Takes a waiting life from the program's socket and orders the next one, which is born while this one works.
Task<Outcome<DocumentProcess::LifeRef>> DocumentProcess::next_life() {
    for (;;) {
        auto ready = co_await warm_up();
        if (!ready) co_return ready.error();
        if (!m_receiving && m_program) break;
        if (m_receiving) co_await m_changed.wait();
    }
    const auto program = m_program;
    m_receiving = true;
    auto born = co_await program->receive(64);
    m_receiving = false;
    m_changed.notify();
    Outcome<void> ordered = born ? done() : Outcome<void>(born.error());
    if (ordered) ordered = co_await program->send(Bytes());
    if (!ordered) {
        if (m_program == program) m_program.reset(); // started anew for the next document
        co_return not_started("jurukunci-document ended: " + ordered.error().detail);
    }
    ipc::Reader reader(born->body);
    const auto pid = static_cast<int>(reader.u32());
    if (!reader.end() || born->fds.size() != 2) co_return not_started("jurukunci-document could not make a process");
    co_return std::make_shared<Life>(m_executor, std::move(born->fds[0]), std::move(born->fds[1]), pid);
}

Task<Outcome<Bytes>> DocumentProcess::live(UniqueFd document, Bytes question, std::stop_token stop) {
    auto taken = co_await next_life();
    if (!taken) co_return taken.error();
    const LifeRef life = *taken;
    // Nothing that a life does keeps it alive: it is killed when nobody wants its answer, at its age, and when it has answered.
    const std::stop_callback on_stop(stop, [life] { life->end(); });
    auto age = std::make_shared<net::steady_timer>(m_executor, m_patience);
    age->async_wait([life](const boost::system::error_code& ec) {
        if (!ec) life->end();
    });
    std::vector<UniqueFd> fds;
    fds.push_back(std::move(document));
    Outcome<ipc::Frame> reply;
    auto asked = co_await life->channel.send(std::move(question), std::move(fds));
    if (asked)
        reply = co_await life->channel.receive();
    else
        reply = asked.error();
    age->cancel();
    life->end();
    if (stop.stop_requested()) co_return Errc::item_not_reached;
    if (!reply) co_return ended(no_answer);
    co_return std::move(reply->body);
}

Task<Outcome<Bytes>> DocumentProcess::ask(Asker asker, Errand errand, PieceRef document, Bytes question) {
    const auto turn = co_await m_turns.take(asker.owner, errand, asker.stop);
    if (!turn || asker.stop.stop_requested()) co_return Errc::item_not_reached;
    auto fd = document->export_read_only(); // only now: ten thousand waiting documents need no descriptors
    if (!fd) co_return std::move(fd).error();
    co_return co_await live(std::move(*fd), std::move(question), asker.stop);
}

Task<Outcome<Inspection>> DocumentProcess::inspect(Asker asker, PieceRef document) {
    auto reply = co_await ask(std::move(asker), Errand::look, std::move(document), encode_inspect());
    if (!reply) co_return reply.error();
    ipc::Reader reader(*reply);
    co_return read_inspection(reader);
}

Task<Outcome<Update>> DocumentProcess::prepare(Asker asker, PieceRef document, PrepareRequest request) {
    auto reply = co_await ask(std::move(asker), Errand::work, std::move(document), encode(request));
    if (!reply) co_return reply.error();
    ipc::Reader reader(*reply);
    auto update = read_update(reader);
    if (!update) co_return update;
    if (update->cms_room != request.cms_room || update->before.empty() || update->after.empty())
        co_return ended("gave an update of another shape than asked for");
    co_return update;
}

Task<Outcome<void>> DocumentProcess::check(Asker asker, PieceRef document, CheckRequest request) {
    auto reply = co_await ask(std::move(asker), Errand::work, std::move(document), encode(request));
    if (!reply) co_return reply.error();
    ipc::Reader reader(*reply);
    if (auto ok = read_answer(reader); !ok) co_return ok;
    if (!reader.end()) co_return ended("gave an answer that does not follow its form");
    co_return done();
}

Task<Outcome<std::string>> DocumentProcess::verify(Asker asker, UniqueFd document, VerifyRequest request) {
    const auto turn = co_await m_turns.take(asker.owner, Errand::work, asker.stop);
    if (!turn) co_return Errc::item_not_reached;
    auto reply = co_await live(std::move(document), encode(request), asker.stop);
    if (!reply) co_return reply.error();
    ipc::Reader reader(*reply);
    co_return read_report(reader);
}

Task<Outcome<std::string>> DocumentProcess::verify(Asker asker, PieceRef document, VerifyRequest request) {
    auto fd = document->export_read_only();
    if (!fd) co_return std::move(fd).error();
    co_return co_await verify(std::move(asker), std::move(*fd), std::move(request));
}

} // namespace jk::documents
