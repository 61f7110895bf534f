// Connection: one TCP connection of one browser: requests in order, each checked, answered, and bounded in time and size.
// Lives on the event loop, from accept to close.
#pragma once
#include "agent/doors/http/calls.hpp"
#include "agent/doors/http/request_checks.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

namespace jk::doors {

struct ConnectionLimits {
    std::chrono::steady_clock::duration idle = std::chrono::seconds(15);  ///< between requests
    std::chrono::steady_clock::duration header = std::chrono::seconds(5); ///< from a request's first byte to the end of its header
    std::chrono::steady_clock::duration body = std::chrono::seconds(10);  ///< a whole JSON body; for a document, between two of its pieces
    std::uint32_t header_bytes = 16u << 10;
    std::uint64_t json_bytes = 4u << 20;
};

class Connection {
public:
    Connection(boost::beast::tcp_stream stream, unsigned short port, Calls& calls, const ConnectionLimits& limits)
        : m_stream(std::move(stream)), m_port(port), m_calls(calls), m_limits(limits) {}
    Task<void> serve();
    /// May be let go when the door is full: it waits between requests, or carries one that has shown no session.
    bool expendable() const { return m_expendable; }
    void close();

private:
    using Parser = http::request_parser<http::buffer_body>;
    struct Checked {
        Response refusal;
        std::string origin; ///< for CORS, once known to be listed
        const Route* route = nullptr;
        Call call;
        bool preflight = false;
    };

    Task<bool> next_request(Parser& parser);
    Task<bool> handle(Parser& parser);
    Outcome<void> check(const RequestHeader& header, Checked& checked);
    static Outcome<void> split_target(std::string_view target, Call& call);
    Task<Outcome<std::string>> read_text(Parser& parser);
    enum class Body { unread, partly_read, read };
    Task<Response> read_document(Parser& parser, Call call, Body& body);
    Task<std::size_t> read_some(Parser& parser, std::uint8_t* to, std::size_t count, boost::system::error_code& ec);
    Task<bool> discard_body(Parser& parser);
    Task<bool> write(const Response& response, Audience audience);
    Task<bool> write_document(const documents::StoredDocument& document, const Audience& audience);
    Task<bool> send_file(const documents::Piece& piece);
    Task<void> linger();
    bool hung_up();

    boost::beast::tcp_stream m_stream;
    unsigned short m_port;
    Calls& m_calls;
    const ConnectionLimits& m_limits;
    boost::beast::flat_buffer m_buffer;
    bool m_expendable = true;
};

} // namespace jk::doors
