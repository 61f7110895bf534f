// PolicyRecord: what of the machine's policy files is ours, so that it can be taken away again and nothing else. Kept in
// /var/lib/jurukunci/browser-policy.json. A value; any thread.
#pragma once
#include "cli/browser_policy/firefox_file.hpp"

#include <map>

namespace jk::browser_policy {

struct RecordedFile {
    std::optional<std::string> original; ///< what was there before us; nothing: no file
    /// What we wrote. Two while a change is under way: whichever of them is on the disk after a power cut is known as ours.
    std::vector<std::string> written;
    FirefoxShare share; ///< empty for files that are ours alone
};

struct PolicyRecord {
    bool deny_others = false;
    std::map<std::string, RecordedFile> files; ///< by path below the root
    std::vector<std::string> folders;          ///< that we made, outermost first

    /// Nothing known, where `text` is nothing. A damaged record is refused: guessing could take away what is not ours.
    static Outcome<PolicyRecord> read(const std::optional<std::string>& text);
    std::string text() const;
};

} // namespace jk::browser_policy
