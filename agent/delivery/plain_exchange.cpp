#include "agent/delivery/plain_exchange.hpp"

#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace jk::delivery {
namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;

ErrandAnswer carry_out(const Errand& errand) {
    net::io_context io;
    net::ip::tcp::socket socket(io);
    net::ip::tcp::resolver resolver(io);
    net::connect(socket, resolver.resolve(errand.host, errand.port));
    http::request<http::vector_body<std::uint8_t>> request(http::string_to_verb(errand.method), errand.target, 11);
    request.set(http::field::host, errand.port == "80" ? errand.host : errand.host + ":" + errand.port);
    request.set(http::field::connection, "close");
    for (const auto& [name, value] : errand.headers) request.set(name, value);
    request.body() = errand.body;
    request.prepare_payload();
    http::write(socket, request);

    boost::beast::flat_buffer buffer;
    http::response_parser<http::vector_body<std::uint8_t>> parser;
    parser.header_limit(16u << 10);
    parser.body_limit(errand.most);
    http::read(socket, buffer, parser);
    ErrandAnswer answer;
    answer.status = static_cast<int>(parser.get().result_int());
    answer.body = std::move(parser.get().body());
    return answer;
}

} // namespace

ErrandAnswer plain_exchange(const Errand& errand) {
    try {
        return carry_out(errand);
    } catch (const std::exception& e) {
        return {0, {}, std::string(e.what()).substr(0, 900)};
    }
}

} // namespace jk::delivery
