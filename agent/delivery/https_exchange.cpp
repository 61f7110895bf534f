#include "agent/delivery/https_exchange.hpp"

#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace jk::delivery {
namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;

void set_up(net::ssl::context& context, const Errand& errand) {
    context.set_options(net::ssl::context::no_tlsv1 | net::ssl::context::no_tlsv1_1 | net::ssl::context::no_compression);
    context.add_certificate_authority(net::buffer(errand.ca));
    context.use_certificate_chain(net::buffer(errand.chain));
    context.use_private_key(net::buffer(errand.key), net::ssl::context::pem);
    context.set_verify_mode(net::ssl::verify_peer | net::ssl::verify_fail_if_no_peer_cert);
}

ErrandAnswer carry_out(const Errand& errand) {
    net::io_context io;
    net::ssl::context context(net::ssl::context::tls_client);
    set_up(context, errand);
    net::ssl::stream<net::ip::tcp::socket> stream(io, context);
    stream.set_verify_callback(net::ssl::host_name_verification(errand.host));
    if (SSL_set_tlsext_host_name(stream.native_handle(), errand.host.c_str()) != 1) return {0, {}, "SNI"};
    net::ip::tcp::resolver resolver(io);
    net::connect(stream.lowest_layer(), resolver.resolve(errand.host, errand.port));
    stream.handshake(net::ssl::stream_base::client);

    http::request<http::vector_body<std::uint8_t>> request(http::string_to_verb(errand.method), errand.target, 11);
    request.set(http::field::host, errand.port == "443" ? errand.host : errand.host + ":" + errand.port);
    request.set(http::field::connection, "close");
    for (const auto& [name, value] : errand.headers) request.set(name, value);
    request.body() = errand.body;
    request.prepare_payload();
    http::write(stream, request);

    boost::beast::flat_buffer buffer;
    http::response_parser<http::vector_body<std::uint8_t>> parser;
    parser.header_limit(16u << 10);
    parser.body_limit(errand.most);
    http::read(stream, buffer, parser);
    ErrandAnswer answer;
    answer.status = static_cast<int>(parser.get().result_int());
    answer.body = std::move(parser.get().body());
    return answer;
}

} // namespace

ErrandAnswer exchange(const Errand& errand) {
    try {
        return carry_out(errand);
    } catch (const std::exception& e) {
        return {0, {}, std::string(e.what()).substr(0, 900)};
    }
}

} // namespace jk::delivery
