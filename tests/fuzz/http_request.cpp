// What a connection of the HTTP door believes of a request before its body: Beast's header parser, then the checks in their order.
#include "agent/doors/http/calls.hpp"
#include "agent/doors/http/request_checks.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

using namespace jk;

namespace {

constexpr unsigned short port = 17845;
constexpr const char* listed = "https://eoffice.example";

policy::Profile profile() {
    policy::Profile p;
    p.applications = {{*policy::Origin::parse(listed), "e-Office", "Diskominfo", "SK 1/2026", std::nullopt, {"eoffice.example"}}};
    return p;
}

void check_route(const doors::RequestHeader& header) {
    const auto target = std::string_view(header.target());
    const auto path = target.substr(0, target.find('?'));
    const auto route = doors::find_route(header.method(), path);
    if (!route) {
        fuzz::require(route.error().code == Errc::not_found || route.error().code == Errc::method_refused, "no route is 404 or 405");
        return;
    }
    fuzz::require((*route)->method == header.method(), "the route is the method's");
    if ((*route)->pattern.find('*') == std::string_view::npos) fuzz::require((*route)->pattern == path, "a plain route is its path");
    (void)doors::check_content_type(header, {"application/json"});
    (void)doors::check_content_type(header, {"application/pdf", "application/octet-stream"});
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto registry = profile();
    doors::http::request_parser<doors::http::buffer_body> parser;
    parser.header_limit(16u << 10);
    parser.body_limit(boost::none);
    boost::system::error_code ec;
    parser.put(boost::asio::buffer(data, size), ec);
    if (!parser.is_header_done()) return 0;
    const auto& header = parser.get().base();

    if (doors::check_host(header, port)) {
        const auto host = header["Host"];
        fuzz::require(header.count("Host") == 1 && (host == "127.0.0.1:17845" || host == "localhost:17845" || host == "[::1]:17845"),
                      "the host is us");
    }
    if (const auto caller = doors::check_origin(header, registry, WallTime{}))
        fuzz::require(header["Origin"] == listed && caller->origin == listed, "only a listed origin passes");
    (void)doors::check_fetch_metadata(header);
    if (doors::check_framing(header)) {
        const bool carries_body = header.method() == doors::http::verb::post || header.method() == doors::http::verb::put;
        fuzz::require(!parser.chunked(), "no chunked body passes");
        if (carries_body)
            fuzz::require(parser.content_length().has_value(), "Beast knows the length, too");
        else
            fuzz::require(parser.content_length().value_or(0) == 0, "Beast expects no body, either");
    }
    check_route(header);
    if (const auto token = doors::bearer_token(header)) fuzz::require(token->size() <= 200, "a token is short");
    (void)doors::language_of(header);
    return 0;
}
