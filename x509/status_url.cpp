#include "x509/status_url.hpp"

#include <algorithm>

namespace jk::x509 {
namespace {

constexpr std::size_t most = 1024, most_host = 253;

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

} // namespace

std::optional<StatusUrl> StatusUrl::parse(std::string_view text) {
    constexpr std::string_view scheme = "http://";
    if (text.size() > most || !text.starts_with(scheme)) return std::nullopt;
    text.remove_prefix(scheme.size());
    const auto end = std::min(text.find_first_of("/?#"), text.size());
    const auto authority = text.substr(0, end);
    const auto rest = text.substr(end);
    StatusUrl url;
    const auto colon = authority.find(':');
    url.host = authority.substr(0, colon);
    if (colon != std::string_view::npos) url.port = authority.substr(colon + 1);
    const bool host_fits = !url.host.empty() && url.host.size() <= most_host && is_alphanumeric(url.host.front()) &&
                           is_alphanumeric(url.host.back()) &&
                           std::ranges::all_of(url.host, [](char c) { return is_alphanumeric(c) || c == '.' || c == '-'; });
    const bool port_fits = !url.port.empty() && url.port.size() <= 5 && url.port.front() != '0' &&
                           std::ranges::all_of(url.port, [](char c) { return c >= '0' && c <= '9'; }) && std::stoi(url.port) <= 65'535;
    // Printable ASCII without what could end a request's line.
    const bool rest_fits = std::ranges::all_of(rest, [](char c) { return c > ' ' && c < 0x7f && c != '#' && c != '"' && c != '\\'; });
    if (!host_fits || !port_fits || !rest_fits) return std::nullopt;
    url.target = rest.empty() || rest.front() != '/' ? "/" + std::string(rest) : std::string(rest);
    return url;
}

} // namespace jk::x509
