// The policy files of one machine: what they are, what they should be, and the two changes, `write` and `undo`. Nothing is written before every
// file has been judged. One thread; two processes at once wait for nobody: the second is refused.
#pragma once
#include "cli/browser_policy/judged_root.hpp"
#include "cli/browser_policy/policy_record.hpp"

namespace jk::browser_policy {

/// A web application that is listed and whose approval has not run out.
struct ListedPage {
    std::string origin;
    std::string host;
};

struct PolicyFile {
    std::string browser; ///< "Chromium"
    std::string path;    ///< below the root
    std::optional<std::string> now, wanted;
    RecordedFile entry; ///< as it would be recorded after writing `wanted`
    bool current() const { return now == wanted; }
};

struct Plan {
    bool deny_others = false;
    PolicyRecord record;
    std::vector<PolicyFile> files;
    std::vector<std::string> warnings; ///< "FILE: what others have written there"; nothing of it is changed
    bool overridden = false;           ///< by a file of others that a browser prefers to ours
    bool current() const;              ///< the files are as they should be, and count
};

inline constexpr const char* record_path = "var/lib/jurukunci/browser-policy.json";

/// Looks and changes nothing. `deny_others`: Chromium's family refuses all other pages without asking; nothing: as it was written last.
Outcome<Plan> plan(const JudgedRoot& root, const std::vector<ListedPage>& pages, std::optional<bool> deny_others);

/// Makes the files as planned, looking again under the lock.
Outcome<Plan> write(const JudgedRoot& root, const std::vector<ListedPage>& pages, bool deny_others);

/// Takes away what is ours: a file that nobody else has changed becomes byte for byte what it was, of others only our entries go. Then the
/// record and the folders that were made. Answers the files that changed.
Outcome<std::vector<std::string>> undo(const JudgedRoot& root);

/// Whether `write` was ever done here and not undone.
Outcome<bool> is_written(const JudgedRoot& root);

} // namespace jk::browser_policy
