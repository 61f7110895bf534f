// Origin: scheme, host and port of a web application, exact. RFC 6454 serialisation; https only; no wildcard, no user, no path.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace jk::policy {

class Origin {
public:
    /// Only the exact serialisation a browser sends: lower-case scheme and host, no default port, no trailing dot or slash, ASCII (punycode).
    static std::optional<Origin> parse(std::string_view text);
    const std::string& text() const { return m_text; }
    std::string_view host() const;
    friend bool operator==(const Origin&, const Origin&) = default;

private:
    explicit Origin(std::string text) : m_text(std::move(text)) {}
    std::string m_text;
};

/// Host of an https URL without user, or empty. For links that become QR codes.
std::optional<std::string> https_host(std::string_view url);

} // namespace jk::policy
