#include "agent/doors/http/response.hpp"

#include <boost/json/serialize.hpp>

namespace jk::doors {
namespace {

void add_common(http::fields& fields, const Audience& audience) {
    fields.set(http::field::cache_control, "no-store");
    fields.set("X-Content-Type-Options", "nosniff");
    fields.set("Cross-Origin-Resource-Policy", "same-origin"); // no img or script tag reads anything, even where the browser was permitted to ask
    fields.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    fields.set("Referrer-Policy", "no-referrer");
    if (audience.origin.empty()) return;
    fields.set(http::field::access_control_allow_origin, audience.origin);
    fields.set(http::field::vary, "Origin");
}

} // namespace

Response json_response(http::status status, json::value body) {
    Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

Response error_response(const Error& error, Language language) {
    auto response = json_response(static_cast<http::status>(error.entry().http_status), json::object{{"error", error_json(error, language)}});
    if (error.code == Errc::method_refused)
        for (const auto& [word, value] : error.words)
            if (word == "allowed") response.allow = value;
    return response;
}

http::response<http::string_body> to_message(const Response& response, const Audience& audience) {
    http::response<http::string_body> message{response.status, 11};
    add_common(message, audience);
    if (response.preflight) {
        message.set(http::field::access_control_allow_methods, "GET, POST, DELETE");
        message.set(http::field::access_control_allow_headers, "authorization, content-type");
        message.set(http::field::access_control_max_age, "600");
        if (response.preflight_private_network) message.set("Access-Control-Allow-Private-Network", "true"); // Chromium 98–141
    }
    // RFC 9110 15.5.2 and 15.5.6 demand them.
    if (response.status == http::status::unauthorized) message.set(http::field::www_authenticate, "Bearer");
    if (!response.allow.empty()) message.set(http::field::allow, response.allow);
    if (response.body) {
        message.set(http::field::content_type, "application/json");
        message.body() = json::serialize(*response.body);
    }
    message.keep_alive(audience.keep_alive);
    if (response.status != http::status::no_content) message.prepare_payload();
    return message;
}

http::response<http::empty_body> document_header(const documents::StoredDocument& document, const Audience& audience) {
    http::response<http::empty_body> message{http::status::ok, 11};
    add_common(message, audience);
    message.set(http::field::content_type, document.facts.mime_type);
    message.content_length(document.size());
    message.keep_alive(audience.keep_alive);
    return message;
}

} // namespace jk::doors
