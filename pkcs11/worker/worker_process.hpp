// WorkerProcess: one life of one jurukunci-worker, as the agent sees it. Every request gets exactly one answer: the worker's, or an error
// when it crashed, hung past the deadline of the function it is in, or hung up. Lives on the event loop; held by shared_ptr because its
// reading coroutine keeps it until the socket ends.
#pragma once
#include "ipc/channel.hpp"
#include "launcher/launcher.hpp"
#include "pkcs11/board/call_board.hpp"
#include "pkcs11/worker/messages.hpp"

#include <functional>
#include <map>
#include <memory>

namespace jk::pkcs11 {

/// Tokens that a module is there for, as CK_TOKEN_INFO names them: "*" and "?" as in file names, empty for any.
struct TokenPattern {
    std::string manufacturer, model, label;
};

/// What a token offers and cannot do; in modules.d with its reason.
struct TokenQuirk {
    std::string manufacturer, model, firmware; ///< patterns as above
    std::vector<std::string> without;          ///< "PSS", "PKCS1.5", "ECC", or a hash function
};

/// One entry of modules.d, after the agent judged its path.
struct ModuleConfig {
    std::string name;
    std::string path;
    std::vector<std::pair<std::string, std::string>> environment;
    std::uint32_t parallel = 1;         ///< sessions that may sign at once; real cards: 1
    bool relaxed_sandbox = false;       ///< quirk with a reason in modules.d
    std::vector<TokenPattern> tokens{}; ///< empty: all of them
    std::vector<TokenQuirk> quirks{};

    bool serves(const std::string& manufacturer, const std::string& model, const std::string& label) const;
    /// Whether a quirk of this token rules the mechanism out.
    bool rules_out(const ReportedToken& token, const Mechanism& mechanism) const;
    bool rules_out(const ReportedToken& token, std::string_view word) const;
};

class WorkerProcess : public std::enable_shared_from_this<WorkerProcess> {
public:
    using Handler = std::function<void(Outcome<Bytes>)>; ///< the reply's payload; called on the event loop

    /// Starts the program and waits until its module is loaded.
    static Task<Outcome<std::shared_ptr<WorkerProcess>>> start(net::any_io_executor executor, launcher::Launcher& launcher, ModuleConfig config,
                                                               Deadlines deadlines);

    ipc::Writer request(RequestKind kind, RequestId& id);
    /// Sends and waits.
    Task<Outcome<Bytes>> call(RequestId id, Bytes request, std::vector<UniqueFd> fds);
    Task<Outcome<Bytes>> call(RequestId id, Bytes request) { return call(id, std::move(request), std::vector<UniqueFd>()); }
    using ItemHandler = std::function<void(ItemIndex, Outcome<Bytes>)>;
    /// Asks for the signatures of these items of the open window; each is answered by itself, in whatever order.
    Task<void> sign(std::vector<ItemIndex> items, ItemHandler handler);
    /// Registers `handler` for `id`; the caller sends the request with send().
    void expect(RequestId id, Handler handler);
    Task<Outcome<void>> send(Bytes request) { return m_channel.send(std::move(request)); }

    bool alive() const { return m_alive; }
    /// Nobody waits for an answer.
    bool idle() const { return m_waiting.empty(); }
    std::chrono::steady_clock::duration age() const { return std::chrono::steady_clock::now() - m_begun; }
    int pid() const { return m_child.pid(); }
    void end();

    WorkerProcess(net::any_io_executor executor, ModuleConfig config, Deadlines deadlines, CallBoard board, UniqueFd socket);

private:
    Task<void> read();
    Task<void> watch();
    void fail_all(const Error& error);
    std::optional<Error> overdue(std::chrono::steady_clock::time_point now, std::chrono::steady_clock::time_point& next) const;

    net::any_io_executor m_executor;
    ModuleConfig m_config;
    Deadlines m_deadlines;
    const std::chrono::steady_clock::time_point m_begun = std::chrono::steady_clock::now();
    CallBoard m_board;
    ipc::Channel m_channel;
    launcher::Child m_child;
    std::map<RequestId, Handler> m_waiting;
    std::chrono::steady_clock::time_point m_last_progress;
    std::optional<Error> m_killed_for; ///< set when the agent ended it, and why
    ipc::Event m_watch_wanted;
    bool m_watching = false;
    bool m_alive = true;
    RequestId m_next = 1;
};

} // namespace jk::pkcs11
