// HandPrompter: a program of the same user that speaks to the control door frame by frame, as a prompter that a test moves by hand.
#pragma once
#include "ipc/blocking_channel.hpp"
#include "jurukunci/bytes.hpp"
#include "tests/support/running_agent.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <optional>
#include <stdexcept>

namespace jk::test {

/// One connection to the control door.
inline ipc::BlockingChannel control_channel(const RunningAgent& t) {
    UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = t.site().control_socket();
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("no control door at " + path.string());
    return ipc::BlockingChannel(std::move(fd));
}

class HandPrompter {
public:
    explicit HandPrompter(const RunningAgent& t) : m_channel(control_channel(t)) {
        say({{"register", "test"}});
        if (!frame(5000) || !m_last.contains("registered")) throw std::runtime_error("not registered");
    }

    /// Asks to be a prompter of kind `kind`, and goes.
    static void say_once(const RunningAgent& t, const std::string& kind) {
        auto channel = control_channel(t);
        const auto text = json::serialize(json::object{{"register", kind}});
        (void)channel.send(bytes_of(text));
        (void)channel.receive();
    }

    void say(const json::object& o) {
        const auto text = json::serialize(o);
        (void)m_channel.send(bytes_of(text));
    }
    /// The next frame, if one comes in time.
    std::optional<json::object> frame(int milliseconds) {
        pollfd waiting{m_channel.fd(), POLLIN, 0};
        if (poll(&waiting, 1, milliseconds) != 1) return std::nullopt;
        auto frame = m_channel.receive();
        if (!frame) return std::nullopt;
        m_last = json::parse(text_of(frame->body)).as_object();
        if (!frame->fds.empty()) m_pin = std::move(frame->fds[0]);
        return m_last;
    }
    /// The next frame that is not the news of tokens that come and go, if one comes in time.
    std::optional<json::object> said_to_person(int milliseconds) {
        auto next = frame(milliseconds);
        while (next && next->contains("tokensChanged")) next = frame(milliseconds);
        return next;
    }
    /// Waits for the next question.
    std::optional<json::object> question(int milliseconds = 10'000) {
        for (auto next = frame(milliseconds); next; next = frame(milliseconds))
            if (next->contains("ask")) return next->at("ask").as_object();
        return std::nullopt;
    }
    /// Bytes on the PIN's way, as they are.
    void write_pin(const std::string& bytes) { (void)::send(m_pin.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); }
    void type_pin(const std::string& pin) { write_pin(static_cast<char>(pin.size()) + pin); }
    void close_pin() { m_pin.reset(); }
    void agree(const json::object& question) { say({{"id", question.at("id")}, {"answer", "yes"}, {"rejected", json::array{}}}); }
    void decline(const json::object& question) { say({{"id", question.at("id")}, {"answer", "no"}}); }

private:
    ipc::BlockingChannel m_channel;
    json::object m_last;
    UniqueFd m_pin;
};

} // namespace jk::test
