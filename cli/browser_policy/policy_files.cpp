#include "cli/browser_policy/policy_files.hpp"

#include "cli/browser_policy/chromium_file.hpp"
#include "cli/browser_policy/json_outline.hpp"

#include <algorithm>

namespace jk::browser_policy {
namespace {

constexpr std::size_t max_record_bytes = 16 << 20;
constexpr const char* firefox_path = "etc/firefox/policies/policies.json";
constexpr const char* firefox_own_copies[] = {"usr/lib/firefox-esr/distribution/policies.json", "usr/lib/firefox/distribution/policies.json",
                                              "usr/lib64/firefox/distribution/policies.json", "opt/firefox/distribution/policies.json"};

struct OwnFile {
    const char* browser;
    const char* path;
};
constexpr OwnFile own_files[] = {{"Chromium", "etc/chromium/policies/managed/jurukunci.json"},
                                 {"Google Chrome", "etc/opt/chrome/policies/managed/jurukunci.json"},
                                 {"Microsoft Edge", "etc/opt/edge/policies/managed/jurukunci.json"}};

Error refuse(const JudgedRoot& root, const std::string& path, const std::string& reason) {
    return Error{Errc::browser_policy_refused, reason}.with("file", root.shown(path)).with("reason", reason);
}

/// The texts' errors do not know where the text came from.
Error of_file(Error error, const JudgedRoot& root, const std::string& path) { return std::move(error.with("file", root.shown(path))); }

bool is_ours(const RecordedFile& entry, const std::optional<std::string>& text) {
    return text && std::ranges::find(entry.written, *text) != entry.written.end();
}

Outcome<PolicyRecord> read_record(const JudgedRoot& root) {
    const auto text = root.read(record_path, max_record_bytes);
    if (!text) return text.error();
    auto record = PolicyRecord::read(*text);
    if (!record) return of_file(record.error(), root, record_path);
    return record;
}

/// What Firefox' file would be without us.
Outcome<std::optional<std::string>> without_us(const JudgedRoot& root, const RecordedFile& entry, const std::optional<std::string>& now) {
    if (is_ours(entry, now)) return entry.original;
    if (!now || (entry.share.hosts.empty() && entry.share.made.empty())) return now;
    auto text = without_share(*now, entry.share, !entry.original);
    if (!text) return of_file(text.error(), root, firefox_path);
    return text;
}

RecordedFile entry_of(const PolicyRecord& record, const std::string& path) {
    const auto found = record.files.find(path);
    return found == record.files.end() ? RecordedFile{} : found->second;
}

Outcome<PolicyFile> plan_own_file(const JudgedRoot& root, const PolicyRecord& record, const OwnFile& own, const std::optional<std::string>& wanted) {
    PolicyFile file;
    file.browser = own.browser;
    file.path = own.path;
    file.wanted = wanted;
    auto now = root.read(own.path, max_policy_bytes);
    if (!now) return now.error();
    file.now = std::move(*now);
    if (file.now && !is_ours(entry_of(record, own.path), file.now) && file.now != wanted)
        return refuse(root, own.path, "is not as Jurukunci wrote it: somebody else's, or changed by hand; move it away first");
    if (wanted) file.entry.written = {*wanted};
    return file;
}

Outcome<PolicyFile> plan_firefox(const JudgedRoot& root, const PolicyRecord& record, const std::vector<ListedPage>& pages) {
    PolicyFile file;
    file.browser = "Firefox";
    file.path = firefox_path;
    auto now = root.read(firefox_path, max_policy_bytes);
    if (!now) return now.error();
    file.now = std::move(*now);
    auto base = without_us(root, entry_of(record, firefox_path), file.now);
    if (!base) return base.error();
    std::vector<std::string> hosts;
    for (const auto& page : pages)
        if (!opens_this_computer(page.host) && std::ranges::find(hosts, page.host) == hosts.end()) hosts.push_back(page.host);
    auto merge = merge_firefox(*base, hosts);
    if (!merge) return of_file(merge.error(), root, firefox_path);
    if (!*base && merge->text)
        for (const auto* other : firefox_own_copies)
            if (root.exists(other)) return refuse(root, firefox_path, "would switch off " + root.shown(other) + "; copy that one here first");
    file.wanted = std::move(merge->text);
    file.entry = {std::move(*base), {}, std::move(merge->share)};
    if (file.wanted && !file.entry.share.hosts.empty()) file.entry.written = {*file.wanted};
    return file;
}

void warn(const JudgedRoot& root, const std::vector<ListedPage>& pages, Plan& plan) {
    for (const auto& own : own_files) {
        const auto others = root.beside(own.path);
        if (!others) continue; // it has been judged already
        for (const auto& other : *others) {
            const auto text = root.read(other, max_policy_bytes);
            if (!text || !*text || !speaks_of_loopback(**text)) continue;
            // of two files the browser takes the last by name, and nothing of the other
            const bool wins = other > own.path;
            plan.overridden = plan.overridden || wins;
            plan.warnings.push_back(root.shown(other) + (wins ? ": sets the same policies and counts instead of ours; take them out of it"
                                                              : ": sets the same policies, which count no more beside ours"));
        }
    }
    for (const auto& page : pages)
        if (opens_this_computer(page.host))
            plan.warnings.push_back(root.shown(firefox_path) + ": " + page.host + " is left out: it would open this computer to every page");
    for (const auto& file : plan.files)
        if (file.path == firefox_path && file.wanted)
            for (const auto& warning : warnings_of_firefox(*file.wanted)) plan.warnings.push_back(root.shown(firefox_path) + ": " + warning);
}

Outcome<void> put(const JudgedRoot& root, const std::string& path, const std::optional<std::string>& text, std::vector<std::string>& made) {
    return text ? root.write(path, *text, made) : root.remove(path);
}

void unite(std::vector<std::string>& into, const std::vector<std::string>& more) {
    for (const auto& one : more)
        if (std::ranges::find(into, one) == into.end()) into.push_back(one);
}

} // namespace

bool Plan::current() const { return !overridden && std::ranges::all_of(files, &PolicyFile::current); }

Outcome<Plan> plan(const JudgedRoot& root, const std::vector<ListedPage>& pages, std::optional<bool> deny_others) {
    auto record = read_record(root);
    if (!record) return record.error();
    Plan plan;
    plan.deny_others = deny_others.value_or(record->deny_others);
    std::vector<std::string> origins;
    for (const auto& page : pages) origins.push_back(page.origin);
    const auto wanted = chromium_file(origins, plan.deny_others);
    for (const auto& own : own_files) {
        auto file = plan_own_file(root, *record, own, wanted);
        if (!file) return file.error();
        plan.files.push_back(std::move(*file));
    }
    auto firefox = plan_firefox(root, *record, pages);
    if (!firefox) return firefox.error();
    plan.files.push_back(std::move(*firefox));
    plan.record = std::move(*record);
    warn(root, pages, plan);
    return plan;
}

Outcome<Plan> write(const JudgedRoot& root, const std::vector<ListedPage>& pages, bool deny_others) {
    if (auto judged = plan(root, pages, deny_others); !judged) return judged; // before a folder is made for the lock
    std::vector<std::string> made;
    const auto lock = root.lock_folder_of(record_path, made);
    if (!lock) return lock.error();
    auto planned = plan(root, pages, deny_others);
    if (!planned) return planned;

    // First the record, in words that fit before and after the change; then the files; then the record as it is.
    auto after = planned->record;
    after.deny_others = deny_others;
    unite(after.folders, made);
    for (const auto& file : planned->files) after.files[file.path] = file.entry;
    auto during = after;
    for (const auto& [path, before] : planned->record.files) {
        auto& entry = during.files[path];
        unite(entry.written, before.written);
        unite(entry.share.hosts, before.share.hosts);
        unite(entry.share.made, before.share.made);
    }
    std::vector<std::string> folders;
    if (auto ok = root.write(record_path, during.text(), folders); !ok) return ok.error();
    for (const auto& file : planned->files) {
        const auto ok = file.current() ? done() : put(root, file.path, file.wanted, folders);
        unite(during.folders, folders);
        unite(after.folders, folders);
        if (!ok) {
            std::vector<std::string> none;
            if (auto kept = root.write(record_path, during.text(), none); !kept) return kept.error();
            return ok.error();
        }
    }
    if (auto ok = root.write(record_path, after.text(), folders); !ok) return ok.error();
    return planned;
}

Outcome<std::vector<std::string>> undo(const JudgedRoot& root) {
    std::vector<std::string> changed, made;
    const auto written = is_written(root);
    if (!written) return written.error();
    if (!*written) return changed;
    const auto lock = root.lock_folder_of(record_path, made);
    if (!lock) return lock.error();
    const auto record = read_record(root);
    if (!record) return record.error();
    struct Change {
        std::string path;
        std::optional<std::string> text;
    };
    std::vector<Change> changes;
    for (const auto& [path, entry] : record->files) {
        const auto now = root.read(path, max_policy_bytes);
        if (!now) return now.error();
        auto wanted = *now;
        if (path == firefox_path) {
            auto without = without_us(root, entry, *now);
            if (!without) return without.error();
            wanted = std::move(*without);
        } else if (*now && is_ours(entry, *now)) {
            wanted.reset();
        } else if (*now && !entry.written.empty()) {
            return refuse(root, path, "is not as Jurukunci wrote it: somebody else's, or changed by hand; move it away first");
        }
        if (wanted != *now) changes.push_back({path, std::move(wanted)});
    }
    for (const auto& change : changes) {
        if (auto ok = put(root, change.path, change.text, made); !ok) return ok.error();
        changed.push_back(root.shown(change.path));
    }
    if (auto ok = root.remove(record_path); !ok) return ok.error();
    for (auto folder = record->folders.rbegin(); folder != record->folders.rend(); ++folder)
        if (auto ok = root.remove_empty_folder(*folder); !ok) return ok.error();
    return changed;
}

Outcome<bool> is_written(const JudgedRoot& root) {
    const auto text = root.read(record_path, max_record_bytes);
    if (!text) return text.error();
    return text->has_value();
}

} // namespace jk::browser_policy
