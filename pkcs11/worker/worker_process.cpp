#include "pkcs11/worker/worker_process.hpp"

#include "ipc/blocking_channel.hpp"
#include "ipc/log_escape.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <fnmatch.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace jk::pkcs11 {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::chrono::seconds believable{1}; ///< the board is read a moment after the clock

Error crashed(const ModuleConfig& config) {
    return Error{Errc::module_crashed, "jurukunci-worker for " + config.name + " ended"}.with("module", config.name);
}

Error timed_out(const ModuleConfig& config, Call call, std::chrono::milliseconds limit) {
    return Error{Errc::token_timed_out, std::string(name_of(call)) + " of " + config.name}
        .with("function", std::string(name_of(call)))
        .with("module", config.name)
        .with("seconds", std::to_string(std::chrono::duration_cast<std::chrono::seconds>(limit).count()));
}

/// Names are at most 32 bytes, patterns too: fnmatch cannot run away.
bool fits(const std::string& pattern, const std::string& name) { return pattern.empty() || fnmatch(pattern.c_str(), name.c_str(), 0) == 0; }

} // namespace

bool ModuleConfig::serves(const std::string& manufacturer, const std::string& model, const std::string& label) const {
    return tokens.empty() || std::ranges::any_of(tokens, [&](const TokenPattern& t) {
               return fits(t.manufacturer, manufacturer) && fits(t.model, model) && fits(t.label, label);
           });
}

bool ModuleConfig::rules_out(const ReportedToken& token, std::string_view word) const {
    return std::ranges::any_of(quirks, [&](const TokenQuirk& quirk) {
        if (!fits(quirk.manufacturer, token.manufacturer) || !fits(quirk.model, token.model) || !fits(quirk.firmware, token.firmware)) return false;
        return std::ranges::find(quirk.without, word) != quirk.without.end();
    });
}

bool ModuleConfig::rules_out(const ReportedToken& token, const Mechanism& mechanism) const {
    return rules_out(token, mechanism.padding_scheme()) || rules_out(token, mechanism.crypto_algorithm()) ||
           rules_out(token, name_of(mechanism.hash));
}

WorkerProcess::WorkerProcess(net::any_io_executor executor, ModuleConfig config, Deadlines deadlines, CallBoard board, UniqueFd socket)
    : m_executor(executor), m_config(std::move(config)), m_deadlines(deadlines), m_board(std::move(board)), m_channel(executor, std::move(socket)),
      m_last_progress(std::chrono::steady_clock::now()), m_watch_wanted(executor) {}

Task<Outcome<std::shared_ptr<WorkerProcess>>> WorkerProcess::start(net::any_io_executor executor, launcher::Launcher& launcher, ModuleConfig config,
                                                                   Deadlines deadlines) {
    auto ends = ipc::socket_pair();
    if (!ends) co_return ends.error();
    auto board = CallBoard::create();
    if (!board) co_return board.error();
    launcher::Command command;
    command.program = "jurukunci-worker";
    command.arguments = {config.path};
    if (config.relaxed_sandbox) command.arguments.emplace_back("relaxed");
    command.environment = config.environment;
    command.fds.push_back(std::move(ends->second));
    command.fds.push_back(board->share());
    auto worker = std::make_shared<WorkerProcess>(executor, std::move(config), deadlines, std::move(*board), std::move(ends->first));
    auto child = co_await launcher.start(std::move(command));
    if (!child) co_return child.error();
    worker->m_child = std::move(*child);

    // Reading starts when the greeting is already waited for, a turn of the loop later: a quick worker has sent it by now. It ends with the socket.
    net::post(executor, [executor, worker] { net::co_spawn(executor, worker->read(), ipc::LogEscape{"worker client"}); });
    auto greeting = co_await worker->call(0, Bytes());
    if (!greeting) {
        worker->end();
        co_return greeting.error();
    }
    co_return worker;
}

ipc::Writer WorkerProcess::request(RequestKind kind, RequestId& id) {
    id = m_next++;
    return jk::pkcs11::start(id, kind);
}

void WorkerProcess::expect(RequestId id, Handler handler) {
    if (!m_alive) {
        handler(m_killed_for ? *m_killed_for : crashed(m_config));
        return;
    }
    if (m_waiting.empty()) m_last_progress = std::chrono::steady_clock::now();
    m_waiting.emplace(id, std::move(handler));
    if (!m_watching) {
        m_watching = true;
        net::co_spawn(m_executor, watch(),
                      [self = shared_from_this()](const std::exception_ptr& escaped) { ipc::LogEscape{"worker client"}(escaped); });
    }
}

Task<Outcome<Bytes>> WorkerProcess::call(RequestId id, Bytes request, std::vector<UniqueFd> fds) {
    struct Waiting {
        ipc::Event answered;
        std::optional<Outcome<Bytes>> answer;
    };
    auto waiting = std::make_shared<Waiting>(Waiting{ipc::Event(m_executor), std::nullopt});
    expect(id, [waiting](Outcome<Bytes> answer) {
        waiting->answer = std::move(answer);
        waiting->answered.notify();
    });
    if (!request.empty()) {
        auto sent = co_await m_channel.send(std::move(request), std::move(fds));
        if (!sent) end(); // the reader fails all that wait
    }
    while (!waiting->answer) co_await waiting->answered.wait();
    co_return std::move(*waiting->answer);
}

Task<void> WorkerProcess::sign(std::vector<ItemIndex> items, ItemHandler handler) {
    RequestId first = 0;
    auto asked = request(RequestKind::sign, first);
    m_next = first + static_cast<RequestId>(items.size());
    asked.u32(static_cast<std::uint32_t>(items.size()));
    for (const auto item : items) asked.u64(item);
    for (std::size_t i = 0; i < items.size(); ++i)
        expect(first + static_cast<RequestId>(i), [handler, item = items[i]](Outcome<Bytes> reply) { handler(item, std::move(reply)); });
    auto sent = co_await m_channel.send(asked.take());
    if (!sent) end();
}

Task<void> WorkerProcess::read() {
    const auto self = shared_from_this();
    for (;;) {
        auto frame = co_await m_channel.receive();
        if (!frame) break;
        m_last_progress = std::chrono::steady_clock::now();
        ipc::Reader reader(frame->body);
        const auto id = reader.u32();
        const auto place = m_waiting.find(id);
        if (reader.failed() || place == m_waiting.end()) break; // an answer nobody asked for: the module owns this process now
        const auto handler = std::move(place->second);
        m_waiting.erase(place);
        if (auto error = read_error(reader))
            handler(std::move(*error));
        else
            handler(Bytes(frame->body.begin() + 5, frame->body.end()));
    }
    m_alive = false;
    m_channel.close();
    m_child.kill();
    fail_all(m_killed_for ? *m_killed_for : crashed(m_config));
    m_watch_wanted.notify();
}

/// The error to end the worker with, or the moment to look again.
std::optional<Error> WorkerProcess::overdue(SteadyTime now, SteadyTime& next) const {
    bool inside = false;
    next = now + m_deadlines.ordinary;
    for (int lane = 0; lane < CallBoard::lanes; ++lane) {
        const auto running = m_board.running(lane);
        if (running.call == Call::none) continue;
        inside = true;
        const auto limit = m_deadlines.of(running.call);
        // The page is the worker's word. No call starts in the future; a call that starts anew for ever meets the limit below.
        if (running.since > now + believable || now - running.since >= limit) return timed_out(m_config, running.call, limit);
        next = std::min(next, running.since + limit);
    }
    const auto longest = m_deadlines.key_generation + m_deadlines.ordinary;
    if (now - m_last_progress >= longest) return timed_out(m_config, Call::none, longest);
    if (!inside) {
        // Outside every C_* call there is only our own code, which answers at once.
        if (now - m_last_progress >= m_deadlines.ordinary) return timed_out(m_config, Call::none, m_deadlines.ordinary);
        next = std::min(next, m_last_progress + m_deadlines.ordinary);
    }
    return std::nullopt;
}

/// Runs while somebody waits, sleeps from deadline to deadline, and costs nothing in between.
Task<void> WorkerProcess::watch() {
    while (m_alive && !m_waiting.empty()) {
        SteadyTime next;
        if (auto error = overdue(std::chrono::steady_clock::now(), next)) {
            spdlog::warn("{}", error->log_line());
            m_killed_for = std::move(error);
            end();
            break;
        }
        co_await m_watch_wanted.wait_until(next);
    }
    m_watching = false;
}

void WorkerProcess::fail_all(const Error& error) {
    for (auto& [id, handler] : std::exchange(m_waiting, {})) handler(error);
}

void WorkerProcess::end() {
    if (!m_alive) return;
    m_alive = false;
    m_child.kill();
    m_channel.close();
    fail_all(m_killed_for ? *m_killed_for : crashed(m_config));
}

} // namespace jk::pkcs11
