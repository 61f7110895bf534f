// ControlClient: asks the agent over its control socket and waits. docs/protocol/control.md.
#pragma once
#include "ipc/blocking_channel.hpp"
#include "jurukunci/outcome.hpp"

#include <boost/json/object.hpp>

#include <filesystem>
#include <optional>
#include <vector>

namespace jk::cli {

namespace json = boost::json;

/// $XDG_RUNTIME_DIR/jurukunci/control.sock
std::filesystem::path control_socket();

class ControlClient {
public:
    static Outcome<ControlClient> connect(const std::filesystem::path& socket = control_socket());

    struct Answer {
        json::object body;
        std::vector<UniqueFd> fds;
        std::optional<json::object> refusal; ///< the agent said no: its error object, with sentences that name things this program does not know
    };
    /// An error here means that there was no answer.
    Outcome<Answer> call(json::object request, std::span<const int> fds = {});
    ipc::BlockingChannel& channel() { return m_channel; }

private:
    explicit ControlClient(UniqueFd socket) : m_channel(std::move(socket)) {}
    ipc::BlockingChannel m_channel;
};

/// What stands under "error" in an answer.
Error error_from(const json::object& error);

} // namespace jk::cli
