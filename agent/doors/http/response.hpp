// Answers of the HTTP door: JSON, nothing, or a document to stream; and the headers every answer carries.
#pragma once
#include "agent/documents/library.hpp"
#include "agent/doors/shape/error_json.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>
#include <string>

namespace jk::doors {

namespace http = boost::beast::http;

struct Response {
    http::status status = http::status::ok;
    std::optional<json::value> body;
    documents::StoredDocumentRef document; ///< streamed instead of a body
    std::string allow;                     ///< with 405: the methods that the path has
    bool preflight = false;
    bool preflight_private_network = false;
};

Response json_response(http::status status, json::value body);
Response error_response(const Error& error, Language language);

/// For whom the answer is: CORS headers only for an origin the registry lists.
struct Audience {
    std::string origin; ///< empty: nobody we know
    bool keep_alive = true;
    bool wants_header_only = false; ///< HEAD: what followed the header would be taken for the next answer
};

http::response<http::string_body> to_message(const Response& response, const Audience& audience);
/// The header before a streamed document.
http::response<http::empty_body> document_header(const documents::StoredDocument& document, const Audience& audience);

} // namespace jk::doors
