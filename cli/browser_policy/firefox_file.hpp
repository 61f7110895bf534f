// Firefox' policies.json is one file for everybody: our hosts are put into LocalNetworkAccess.SkipDomains and taken out again, the rest of the text
// stays byte for byte. Pure; any thread.
#pragma once
#include "jurukunci/outcome.hpp"

#include <optional>
#include <string>
#include <vector>

namespace jk::browser_policy {

/// What of the file is ours.
struct FirefoxShare {
    std::vector<std::string> hosts; ///< in SkipDomains, which nobody else had put there
    std::vector<std::string> made;  ///< "SkipDomains", "LocalNetworkAccess", "policies": objects that were not there before
};

struct FirefoxMerge {
    std::optional<std::string> text; ///< nothing: no file
    FirefoxShare share;
};

/// `base` with `hosts`; nothing is no file. What somebody else has there, in SkipDomains too, is neither changed nor counted as ours.
/// A text that is no JSON, or in which a place on the way is of the wrong kind, is refused: errc browser_policy_refused with {reason}.
Outcome<FirefoxMerge> merge_firefox(const std::optional<std::string>& base, const std::vector<std::string>& hosts);

/// `text` without `share`, where others may have written meanwhile. Nothing if the file itself was ours and nothing of others is in it.
Outcome<std::optional<std::string>> without_share(const std::string& text, const FirefoxShare& share, bool made_file);

/// A page on such a host would be let in; but SkipDomains also counts for the address that is called, and this one would open every program
/// of this computer to every page.
bool opens_this_computer(const std::string& host);

/// What others wrote there that defeats the browser's question: for the person who reads, in English. The text has been merged.
std::vector<std::string> warnings_of_firefox(const std::string& text);

} // namespace jk::browser_policy
