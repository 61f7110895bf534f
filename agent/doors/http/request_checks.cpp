#include "agent/doors/http/request_checks.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/field.hpp>

#include <algorithm>

namespace jk::doors {
namespace {

/// The value, if the field stands there exactly once. Two of them are a trick or a broken proxy.
std::optional<std::string> single(const RequestHeader& header, std::string_view name) {
    if (header.count(name) != 1) return std::nullopt;
    return std::string(header[name]);
}

} // namespace

Outcome<void> check_host(const RequestHeader& header, unsigned short port) {
    const auto host = single(header, "Host");
    const auto suffix = ":" + std::to_string(port);
    if (host)
        for (const char* name : {"127.0.0.1", "localhost", "[::1]"})
            if (*host == name + suffix) return done();
    return Error{Errc::host_refused, host.value_or("missing or twice")};
}

Outcome<CallerIdentity> check_origin(const RequestHeader& header, const policy::Profile& profile, WallTime now) {
    const auto origin = single(header, "Origin");
    if (!origin)
        return Error{Errc::origin_refused}
            .with("origin", header.count("Origin") == 0 ? "(tanpa Origin)" : "(lebih dari satu Origin)")
            .citing(profile.regulation.approved_applications_citation);
    return policy::judge_origin(profile, *origin, now);
}

Outcome<void> check_fetch_metadata(const RequestHeader& header) {
    // Absent from old browsers and from http://name; where it stands it must be right.
    if (header.count("Sec-Fetch-Mode") > 0 && single(header, "Sec-Fetch-Mode") != "cors") return Error{Errc::cross_site_refused, "Sec-Fetch-Mode"};
    if (header.count("Sec-Fetch-Dest") > 0 && single(header, "Sec-Fetch-Dest") != "empty") return Error{Errc::cross_site_refused, "Sec-Fetch-Dest"};
    if (header.count("Upgrade") > 0) return Error{Errc::cross_site_refused, "Upgrade"};
    return done();
}

Outcome<void> check_framing(const RequestHeader& header) {
    if (header.count("Transfer-Encoding") > 0) return Errc::length_required;
    const auto lengths = header.count("Content-Length");
    const bool carries_body = header.method() == http::verb::post || header.method() == http::verb::put;
    if (lengths > 1 || (carries_body && lengths == 0)) return Errc::length_required;
    // Digits only: "5, 5", which the parser takes as RFC 9110 8.6 permits, is two lengths to somebody else.
    if (lengths == 1 && !std::ranges::all_of(std::string_view(header["Content-Length"]), [](char c) { return c >= '0' && c <= '9'; }))
        return Errc::length_required;
    if (!carries_body && lengths == 1 && header["Content-Length"] != "0")
        return Error{Errc::request_malformed}.with("field", "body").with("fault", "is not expected here");
    return done();
}

Outcome<void> check_content_type(const RequestHeader& header, std::initializer_list<std::string_view> allowed) {
    const auto type = single(header, "Content-Type").value_or("");
    auto name = std::string_view(type).substr(0, type.find(';'));
    while (name.ends_with(' ')) name.remove_suffix(1);
    for (const auto candidate : allowed)
        if (boost::beast::iequals(name, candidate)) return done();
    std::string list;
    for (const auto candidate : allowed) list += (list.empty() ? "" : " or ") + std::string(candidate);
    return Error{Errc::content_type_refused}.with("allowed", list);
}

std::optional<std::string> bearer_token(const RequestHeader& header) {
    const auto value = single(header, "Authorization");
    if (!value || value->size() > 200 ||
        !boost::beast::iequals(std::string_view(*value).substr(0, std::min<std::size_t>(7, value->size())), "Bearer "))
        return std::nullopt;
    return value->substr(7);
}

Language language_of(const RequestHeader& header) {
    const auto wanted = std::string(header["Accept-Language"]);
    return wanted.starts_with("en") ? Language::english : Language::indonesian;
}

} // namespace jk::doors
