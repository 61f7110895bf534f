// RawPage: the real agent, and requests written byte by byte as no browser would write them.
#pragma once
#include "tests/support/running_agent.hpp"

#include <algorithm>

namespace jk::test {

/// All that came back on one connection, up to its end.
struct Heard {
    std::string bytes;
    int answers() const { return count("HTTP/1.1 "); }
    bool says(const std::string& text) const { return bytes.find(text) != std::string::npos; }
    int count(const std::string& text) const {
        int n = 0;
        for (std::size_t at = 0; (at = bytes.find(text, at)) != std::string::npos; at += text.size()) ++n;
        return n;
    }
};

struct RawPage : RunningAgent {
    using RunningAgent::RunningAgent;
    std::string host() const { return "127.0.0.1:" + std::to_string(port()); }
    /// Request line, Host, Origin and `more`; the empty line is the caller's.
    std::string head(const std::string& line, const std::string& more = "") const {
        return line + " HTTP/1.1\r\nHost: " + host() + "\r\nOrigin: " + origin + "\r\n" + more;
    }
    std::string with_session(const std::string& line, const std::string& more = "") {
        return head(line, "Authorization: Bearer " + token() + "\r\n" + more);
    }
    HttpAnswer raw(const std::string& bytes) const {
        RawConnection connection(port());
        connection.send(bytes);
        return connection.receive(15);
    }
    /// Says `bytes`, then nothing more, and listens until the agent closes.
    Heard say(const std::string& bytes) const {
        RawConnection connection(port());
        connection.send(bytes);
        connection.finish();
        return {connection.receive_all(20)};
    }
    HttpAnswer hello_with(const std::string& headers) const { return raw("GET /v1/hello HTTP/1.1\r\n" + headers + "\r\n"); }
    HttpAnswer post_json(const std::string& path, const std::string& body) {
        return raw(with_session("POST " + path, "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n") +
                   "\r\n" + body);
    }
    bool is_well() const { return raw(head("GET /v1/hello") + "\r\n").status == 200; }
};

} // namespace jk::test
