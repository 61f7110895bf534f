#include "agent/doors/http/connection.hpp"

#include "ipc/strict_json.hpp"
#include "jurukunci/displayed_text.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <spdlog/spdlog.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>

namespace jk::doors {
namespace {

constexpr std::size_t body_chunk = 64u << 10, document_chunk = 256u << 10;
constexpr std::size_t max_parameters = 16;
constexpr std::uint64_t worth_reading = 4u << 20; ///< a refused request's body up to this size is read past, so that the connection lives on

auto as_value(boost::system::error_code& ec) { return net::redirect_error(net::use_awaitable, ec); }

void log_refusal(const RequestHeader& header, const Error& error) {
    spdlog::info("refused {} {} from {}: {}", std::string(header.method_string()), displayed(header.target(), 100), displayed(header["Origin"], 100),
                 error.log_line());
}

} // namespace

void Connection::close() {
    m_expendable = false; // its place is free as soon as its coroutine has noticed; nobody counts on it twice
    boost::system::error_code ignored;
    m_stream.socket().close(ignored);
}

bool Connection::hung_up() {
    char byte;
    const auto n = ::recv(m_stream.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

Task<void> Connection::serve() {
    for (;;) {
        Parser parser;
        if (!co_await next_request(parser)) break;
        const bool goes_on = co_await handle(parser);
        m_expendable = true;
        if (!goes_on) break;
    }
    co_await linger();
}

/// False when the peer is gone, too slow, or sends no HTTP.
Task<bool> Connection::next_request(Parser& parser) {
    parser.header_limit(m_limits.header_bytes);
    parser.body_limit(boost::none); // judged below, before a byte of it is read
    boost::system::error_code ec;
    if (m_buffer.size() == 0) {
        m_stream.expires_after(m_limits.idle);
        const auto n = co_await m_stream.async_read_some(m_buffer.prepare(4096), as_value(ec));
        if (ec) co_return false;
        m_buffer.commit(n);
    }
    m_stream.expires_after(m_limits.header);
    co_await http::async_read_header(m_stream, m_buffer, parser, as_value(ec));
    m_stream.expires_never();
    // Let go while the bytes were on their way to us: whoever cannot be answered is not obeyed either.
    co_return !ec && m_stream.socket().is_open();
}

/// True when another request may follow on this connection.
Task<bool> Connection::handle(Parser& parser) {
    const auto& header = parser.get().base();
    Checked checked;
    Response response;
    auto body = Body::unread;
    auto passed = check(header, checked);
    m_expendable = !passed || checked.preflight || !checked.route->needs_session;
    if (!passed) {
        log_refusal(header, passed.error());
        response = error_response(passed.error(), checked.call.language);
    } else if (checked.preflight) {
        response.status = http::status::no_content;
        response.preflight = true;
        response.preflight_private_network = header["Access-Control-Request-Private-Network"] == "true";
    } else if (checked.route->body == BodyKind::document) {
        response = co_await read_document(parser, std::move(checked.call), body);
    } else {
        std::optional<Error> fault;
        if (checked.route->body == BodyKind::json) {
            auto text = co_await read_text(parser);
            if (!text && text.error().code == Errc::page_gone) co_return false;
            auto value = text ? ipc::parse_json(*text) : Outcome<json::value>(text.error());
            if (value)
                checked.call.body = std::move(*value);
            else
                fault = value.error();
        }
        const auto language = checked.call.language;
        if (fault)
            response = error_response(*fault, language);
        else
            response = co_await m_calls.answer(*checked.route, std::move(checked.call));
    }
    // After HEAD and CONNECT a client expects other bytes than ours, and where a body ends is not sure: nothing may follow them.
    const bool plain = header.method() != http::verb::head && header.method() != http::verb::connect && check_framing(header);
    Audience audience{checked.origin, plain && parser.keep_alive() && parser.get().version() == 11, header.method() == http::verb::head};
    if (body == Body::partly_read) audience.keep_alive = false;
    if (body == Body::unread && !parser.is_done() && audience.keep_alive) {
        const bool small = parser.content_length().value_or(worth_reading + 1) <= worth_reading;
        bool drained = false;
        if (small) drained = co_await discard_body(parser);
        if (!drained) audience.keep_alive = false;
    }
    co_return co_await write(response, audience) && audience.keep_alive;
}

Outcome<void> Connection::check(const RequestHeader& header, Checked& checked) {
    auto& call = checked.call;
    const auto& profile = m_calls.rooms().gate.profile();
    call.language = language_of(header);
    call.port = m_port;
    call.method = header.method();
    if (auto ok = check_host(header, m_port); !ok) return ok;
    auto caller = check_origin(header, profile, m_calls.rooms().clock.now());
    if (!caller) return caller.error();
    checked.origin = caller->origin;
    call.caller = std::move(*caller);
    if (auto ok = check_fetch_metadata(header); !ok) return ok;
    if (auto ok = check_framing(header); !ok) return ok;
    if (header.method() == http::verb::options) {
        if (header.count("Access-Control-Request-Method") != 1) return Error{Errc::method_refused}.with("allowed", "GET, POST, DELETE");
        checked.preflight = true;
        return done();
    }
    if (auto ok = split_target(header.target(), call); !ok) return ok;
    auto route = find_route(header.method(), call.path);
    if (!route) return route.error();
    checked.route = *route;
    if (checked.route->body == BodyKind::json)
        if (auto ok = check_content_type(header, {"application/json"}); !ok) return ok;
    if (checked.route->body == BodyKind::document)
        if (auto ok = check_content_type(header, {"application/pdf", "application/octet-stream"}); !ok) return ok;
    if (checked.route->needs_session) {
        const auto token = bearer_token(header);
        if (!token || !m_calls.rooms().sessions.knows(*token, call.caller.origin)) return Errc::session_missing;
    }
    call.hung_up = [this] { return hung_up(); };
    return done();
}

/// Each parameter once, and not more than any call has: none is passed over in silence.
Outcome<void> Connection::split_target(std::string_view target, Call& call) {
    const auto mark = target.find('?');
    call.path = target.substr(0, mark);
    auto query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        const auto equals = std::min(pair.find('='), pair.size());
        const std::string name(pair.substr(0, equals));
        const bool fresh = call.query.emplace(name, pair.substr(std::min(equals + 1, pair.size()))).second;
        if (!fresh) return Error{Errc::request_malformed}.with("field", "?" + name).with("fault", "stands there twice");
        if (call.query.size() > max_parameters) return Error{Errc::request_malformed}.with("field", "?").with("fault", "has too many parameters");
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return done();
}

/// Body bytes as they come; 0 at the end.
Task<std::size_t> Connection::read_some(Parser& parser, std::uint8_t* to, std::size_t count, boost::system::error_code& ec) {
    auto& body = parser.get().body();
    body.data = to;
    body.size = count;
    co_await http::async_read(m_stream, m_buffer, parser, as_value(ec));
    if (ec == http::error::need_buffer) ec = {};
    co_return count - body.size;
}

Task<Outcome<std::string>> Connection::read_text(Parser& parser) {
    const auto length = parser.content_length().value_or(0);
    if (length > m_limits.json_bytes)
        co_return Error{Errc::too_large}.with("what", "body").with("limit", std::to_string(m_limits.json_bytes >> 20) + " MiB");
    std::string text(length, '\0');
    std::size_t got = 0;
    m_stream.expires_after(m_limits.body);
    while (!parser.is_done() && got < length) {
        boost::system::error_code ec;
        got += co_await read_some(parser, reinterpret_cast<std::uint8_t*>(text.data()) + got, length - got, ec);
        if (ec) co_return Errc::page_gone;
    }
    m_stream.expires_never();
    co_return text;
}

/// Straight from the socket, because the parser would carry each byte through a buffer of its own; what came with the header comes first.
Task<Response> Connection::read_document(Parser& parser, Call call, Body& body) {
    if (auto ok = no_more_query(call); !ok) co_return error_response(ok.error(), call.language);
    auto left = parser.content_length().value_or(0);
    auto upload = m_calls.rooms().documents.library().begin(call.caller.owner, left);
    if (!upload) co_return error_response(upload.error(), call.language);
    body = Body::partly_read;
    Bytes chunk(std::min<std::uint64_t>(left, document_chunk));
    while (left > 0) {
        boost::system::error_code ec;
        const auto wanted = net::buffer(chunk.data(), std::min<std::uint64_t>(left, chunk.size()));
        auto n = net::buffer_copy(wanted, m_buffer.data());
        m_buffer.consume(n);
        m_stream.expires_after(m_limits.body); // each piece anew: a slow line is no attack, a silent one is
        if (n == 0) n = co_await m_stream.async_read_some(wanted, as_value(ec));
        if (ec) co_return error_response(Error{Errc::page_gone}, call.language);
        if (auto ok = upload->write({chunk.data(), n}); !ok) co_return error_response(ok.error(), call.language);
        left -= n;
    }
    body = Body::read;
    m_stream.expires_never();
    co_return co_await m_calls.received(std::move(call), std::move(*upload));
}

Task<bool> Connection::discard_body(Parser& parser) {
    Bytes chunk(body_chunk);
    m_stream.expires_after(m_limits.body);
    while (!parser.is_done()) {
        boost::system::error_code ec;
        (void)co_await read_some(parser, chunk.data(), chunk.size(), ec);
        if (ec) co_return false;
    }
    m_stream.expires_never();
    co_return true;
}

Task<bool> Connection::write(const Response& response, Audience audience) {
    if (response.document) co_return co_await write_document(*response.document, audience);
    auto message = to_message(response, audience);
    boost::system::error_code ec;
    http::response_serializer<http::string_body> serializer(message);
    m_stream.expires_after(m_limits.body);
    if (audience.wants_header_only)
        co_await http::async_write_header(m_stream, serializer, as_value(ec));
    else
        co_await http::async_write(m_stream, serializer, as_value(ec));
    m_stream.expires_never();
    co_return !ec;
}

Task<bool> Connection::write_document(const documents::StoredDocument& document, const Audience& audience) {
    auto message = document_header(document, audience);
    http::response_serializer<http::empty_body> serializer(message);
    boost::system::error_code ec;
    m_stream.expires_after(m_limits.body);
    co_await http::async_write_header(m_stream, serializer, as_value(ec));
    m_stream.expires_never();
    if (ec) co_return false;
    const bool base_sent = co_await send_file(*document.base);
    if (!base_sent) co_return false;
    if (!document.tail) co_return true;
    co_return co_await send_file(*document.tail);
}

/// From the page cache to the socket without passing through our memory.
Task<bool> Connection::send_file(const documents::Piece& piece) {
    auto& socket = m_stream.socket();
    socket.native_non_blocking(true);
    auto at = static_cast<off_t>(piece.offset());
    const auto end = static_cast<off_t>(piece.offset() + piece.size());
    while (at < end) {
        const auto n = ::sendfile(socket.native_handle(), piece.fd(), &at, static_cast<std::size_t>(std::min<off_t>(end - at, 1 << 20)));
        if (n > 0 || (n < 0 && errno == EINTR)) continue;
        if (n == 0 || errno != EAGAIN) co_return false;
        net::steady_timer stalled(socket.get_executor(), m_limits.body);
        stalled.async_wait([&socket](const boost::system::error_code& ec) {
            boost::system::error_code ignored;
            if (!ec) socket.cancel(ignored);
        });
        boost::system::error_code ec;
        co_await socket.async_wait(net::socket_base::wait_write, as_value(ec));
        if (ec) co_return false;
    }
    co_return true;
}

/// Says goodbye so that the peer can read our last answer: a close with unread bytes would be a reset. For a second, however much comes: a page
/// that is told "too large" is still sending.
Task<void> Connection::linger() {
    auto& socket = m_stream.socket();
    boost::system::error_code ec;
    socket.shutdown(net::socket_base::shutdown_send, ec);
    m_stream.expires_after(std::chrono::seconds(1));
    Bytes chunk(body_chunk);
    while (!ec) (void)co_await m_stream.async_read_some(net::buffer(chunk), as_value(ec));
    close();
}

} // namespace jk::doors
