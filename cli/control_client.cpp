#include "cli/control_client.hpp"

#include "ipc/strict_json.hpp"

#include <boost/json/serialize.hpp>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdlib>
#include <cstring>

namespace jk::cli {

std::filesystem::path control_socket() {
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    return std::filesystem::path(runtime != nullptr ? runtime : "/nonexistent") / "jurukunci" / "control.sock";
}

Outcome<ControlClient> ControlClient::connect(const std::filesystem::path& path) {
    const auto absent = Error{Errc::agent_absent}.with("path", path.string());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.string().size() >= sizeof address.sun_path) return absent;
    std::strcpy(address.sun_path, path.c_str());
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return absent;
    return ControlClient(std::move(socket));
}

Error error_from(const json::object& error) {
    const auto text = [&](std::string_view name) {
        const auto* value = error.if_contains(name);
        return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    Error e(errc_of_code(text("code")), text("message"));
    e.citation = text("citation");
    return e;
}

Outcome<ControlClient::Answer> ControlClient::call(json::object request, std::span<const int> fds) {
    const auto text = json::serialize(request);
    if (auto sent = m_channel.send(bytes_of(text), fds); !sent)
        return Error{Errc::agent_absent, sent.error().detail}.with("path", control_socket().string());
    auto frame = m_channel.receive();
    if (!frame) return Error{Errc::agent_absent, frame.error().detail}.with("path", control_socket().string());
    auto value = ipc::parse_json(text_of(frame->body));
    if (!value || !value->is_object())
        return Error{Errc::device_failed, "the agent's answer cannot be read"}.with("reason", "the agent's answer cannot be read");
    auto& answer = value->get_object();
    if (const auto* ok = answer.if_contains("ok"); ok != nullptr && ok->is_object())
        return Answer{ok->get_object(), std::move(frame->fds), std::nullopt};
    if (const auto* error = answer.if_contains("error"); error != nullptr && error->is_object()) return Answer{{}, {}, error->get_object()};
    return Error{Errc::device_failed, "the agent's answer is neither ok nor error"}.with("reason", "the agent's answer is neither ok nor error");
}

} // namespace jk::cli
