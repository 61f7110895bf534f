// What is asked of every request before its path is looked at, in the order of docs/protocol/http.md. Pure functions of the header.
#pragma once
#include "agent/policy/rules.hpp"

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>

#include <optional>
#include <string>

namespace jk::doors {

namespace http = boost::beast::http;
using RequestHeader = http::request_header<http::fields>;

/// Exactly one Host, and it is this agent: defeats DNS rebinding.
Outcome<void> check_host(const RequestHeader& header, unsigned short port);
/// Exactly one Origin, and the registry has it.
Outcome<CallerIdentity> check_origin(const RequestHeader& header, const policy::Profile& profile, WallTime now);
/// Where a browser says how it came to send this: by fetch in CORS mode, not by navigation, image, script or beacon.
Outcome<void> check_fetch_metadata(const RequestHeader& header);
/// Length known, no second framing.
Outcome<void> check_framing(const RequestHeader& header);
/// Exactly one Content-Type, and (parameters aside) one of those allowed.
Outcome<void> check_content_type(const RequestHeader& header, std::initializer_list<std::string_view> allowed);
/// The bearer token, if there is exactly one well-formed Authorization.
std::optional<std::string> bearer_token(const RequestHeader& header);
Language language_of(const RequestHeader& header);

} // namespace jk::doors
