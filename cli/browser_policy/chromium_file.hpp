// The policy of Chromium, Chrome and Edge: a file of our own, whole. Pure; any thread.
#pragma once
#include <optional>
#include <string>
#include <vector>

namespace jk::browser_policy {

/// The file for these origins; with `deny_others` every other page is refused without a question. Nothing where there is nothing to say.
/// Only the loopback policies: LocalNetworkAccessAllowedForUrls of versions before 146 would open the whole local network as well.
std::optional<std::string> chromium_file(const std::vector<std::string>& origins, bool deny_others);

/// Whether somebody else's policy file says something about the same policies; Chromium takes the last file by name, whole, and merges nothing.
bool speaks_of_loopback(const std::string& text);

} // namespace jk::browser_policy
