#include "cli/browser_policy/chromium_file.hpp"

#include "cli/browser_policy/json_outline.hpp"

namespace jk::browser_policy {

std::optional<std::string> chromium_file(const std::vector<std::string>& origins, bool deny_others) {
    if (origins.empty() && !deny_others) return std::nullopt;
    std::string text = "{\n  \"LoopbackNetworkAllowedForUrls\": [";
    for (const auto& origin : origins) text += (&origin == &origins.front() ? "\n    " : ",\n    ") + quoted(origin);
    text += origins.empty() ? "]" : "\n  ]";
    if (deny_others) text += ",\n  \"LoopbackNetworkBlockedForUrls\": [\"*\"]";
    return text + "\n}\n";
}

bool speaks_of_loopback(const std::string& text) {
    return text.find("\"LoopbackNetworkAllowedForUrls\"") != std::string::npos || text.find("\"LoopbackNetworkBlockedForUrls\"") != std::string::npos;
}

} // namespace jk::browser_policy
