#include "agent/policy/origin.hpp"

#include <algorithm>
#include <charconv>

namespace jk::policy {
namespace {

constexpr std::string_view scheme = "https://";

bool is_label(std::string_view label) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !label.empty() && label.size() <= 63 && std::ranges::all_of(label, fits) && label.front() != '-' && label.back() != '-';
}

bool is_host(std::string_view host) {
    if (host.empty() || host.size() > 253) return false;
    for (;;) {
        const auto dot = host.find('.');
        if (!is_label(host.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        host.remove_prefix(dot + 1);
    }
}

bool is_port(std::string_view port) {
    unsigned number = 0;
    const auto [end, ec] = std::from_chars(port.data(), port.data() + port.size(), number);
    return ec == std::errc() && end == port.data() + port.size() && number > 0 && number < 65536 && number != 443 && port.front() != '0';
}

} // namespace

std::optional<Origin> Origin::parse(std::string_view text) {
    if (!text.starts_with(scheme)) return std::nullopt;
    const auto authority = text.substr(scheme.size());
    const auto colon = authority.find(':');
    if (!is_host(authority.substr(0, colon))) return std::nullopt;
    if (colon != std::string_view::npos && (colon + 1 == authority.size() || !is_port(authority.substr(colon + 1)))) return std::nullopt;
    return Origin(std::string(text));
}

std::string_view Origin::host() const {
    const auto authority = std::string_view(m_text).substr(scheme.size());
    return authority.substr(0, authority.find(':'));
}

std::optional<std::string> https_host(std::string_view url) {
    if (url.size() > 2048 || !url.starts_with(scheme)) return std::nullopt;
    if (!std::ranges::all_of(url, [](char c) { return c > 0x20 && c < 0x7f; })) return std::nullopt; // what stands in a QR code is plain
    const auto rest = url.substr(scheme.size());
    const auto authority = rest.substr(0, rest.find_first_of("/?#"));
    if (authority.find('@') != std::string_view::npos || authority.find('\\') != std::string_view::npos) return std::nullopt;
    const auto colon = authority.find(':');
    if (!is_host(authority.substr(0, colon))) return std::nullopt;
    if (colon != std::string_view::npos && (colon + 1 == authority.size() || !is_port(authority.substr(colon + 1)))) return std::nullopt;
    return std::string(authority.substr(0, colon));
}

} // namespace jk::policy
