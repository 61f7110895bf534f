// jurukunci browser-policy: the registry as policy files of the browsers, so that a listed page may call the agent without a question, and the
// way back.
#include "cli/browser_policy/policy_files.hpp"
#include "cli/commands/commands.hpp"

#include "agent/config/configuration.hpp"
#include "jurukunci/clock.hpp"

#include <boost/json/array.hpp>

namespace jk::cli {
namespace {

namespace fs = std::filesystem;
using browser_policy::JudgedRoot;
using browser_policy::ListedPage;
using browser_policy::Plan;
using browser_policy::PolicyFile;

/// The registry that belongs to this root: an image's own where it has one.
Outcome<std::vector<ListedPage>> listed_pages(const fs::path& root) {
    std::error_code ec;
    const auto inside = root / "etc/jurukunci";
    const auto configuration = config::read(root != "/" && fs::exists(inside / "profile.yaml", ec) ? inside : config::system_folder());
    if (!configuration) return configuration.error();
    const auto now = SystemClock().now();
    std::vector<ListedPage> pages;
    for (const auto& application : configuration->profile.applications)
        if (!application.until || now <= *application.until) pages.push_back({application.origin.text(), std::string(application.origin.host())});
    return pages;
}

std::string_view state_of(const PolicyFile& file) {
    if (file.current()) return file.now ? "current" : "none";
    if (!file.now) return "missing";
    return file.wanted ? "different" : "to-be-removed";
}

json::object as_json(const JudgedRoot& root, const Plan& plan) {
    json::array files, warnings;
    for (const auto& file : plan.files)
        files.push_back(json::object{{"browser", file.browser},
                                     {"path", root.shown(file.path)},
                                     {"state", state_of(file)},
                                     {"content", file.wanted ? json::value(*file.wanted) : json::value(nullptr)}});
    for (const auto& warning : plan.warnings) warnings.emplace_back(warning);
    return {{"current", plan.current()}, {"denyOthers", plan.deny_others}, {"files", files}, {"warnings", warnings}};
}

/// What is, or what `write` would do about it.
void tell(const Console& console, const JudgedRoot& root, const Plan& plan, bool before_writing) {
    for (const auto& file : plan.files) {
        const auto name = file.browser + ": " + root.shown(file.path);
        if (file.current())
            console.line("✓ " + name + (file.now ? "" : " (tidak diperlukan)"), "✓ " + name + (file.now ? "" : " (not needed)"));
        else if (!file.wanted)
            console.line("✗ " + name + (before_writing ? " akan dihapus" : " tidak diperlukan lagi"),
                         "✗ " + name + (before_writing ? " will be removed" : " is no longer needed"));
        else if (!file.now)
            console.line("✗ " + name + (before_writing ? " akan dibuat" : " belum ada"),
                         "✗ " + name + (before_writing ? " will be made" : " is missing"));
        else
            console.line("✗ " + name + (before_writing ? " akan diubah" : " tidak sesuai"),
                         "✗ " + name + (before_writing ? " will be changed" : " does not match"));
        if (before_writing && file.wanted) console.line(*file.wanted);
    }
    for (const auto& warning : plan.warnings) console.line("! " + warning);
}

} // namespace

int show_browser_policy(const Console& console, const BrowserPolicyOptions& options) {
    const auto root = JudgedRoot::open(options.root);
    if (!root) return console.fail(root.error());
    const auto pages = listed_pages(options.root);
    if (!pages) return console.fail(pages.error());
    const auto plan = browser_policy::plan(*root, *pages, options.default_deny ? std::optional(true) : std::nullopt);
    if (!plan) return console.fail(plan.error());
    tell(console, *root, *plan, true);
    console.result(as_json(*root, *plan));
    return 0;
}

int write_browser_policy(const Console& console, const BrowserPolicyOptions& options) {
    const auto root = JudgedRoot::open(options.root);
    if (!root) return console.fail(root.error());
    const auto pages = listed_pages(options.root);
    if (!pages) return console.fail(pages.error());
    auto plan = browser_policy::write(*root, *pages, options.default_deny);
    if (!plan) return console.fail(plan.error());
    for (auto& file : plan->files) file.now = file.wanted;
    tell(console, *root, *plan, false);
    console.line("Buka ulang peramban agar berlaku.", "Restart the browsers for this to take effect.");
    console.result(as_json(*root, *plan));
    return 0;
}

int undo_browser_policy(const Console& console, const BrowserPolicyOptions& options) {
    const auto root = JudgedRoot::open(options.root);
    if (!root) return console.fail(root.error());
    const auto changed = browser_policy::undo(*root);
    if (!changed) return console.fail(changed.error());
    json::array files;
    for (const auto& path : *changed) {
        files.emplace_back(path);
        console.line("✓ " + path + " dikembalikan", "✓ " + path + " is as it was");
    }
    if (changed->empty()) console.line("Tidak ada kebijakan peramban dari Jurukunci.", "There is no browser policy of Jurukunci.");
    console.result({{"restored", files}});
    return 0;
}

int check_browser_policy(const Console& console, const BrowserPolicyOptions& options) {
    const auto root = JudgedRoot::open(options.root);
    if (!root) return console.fail(root.error());
    const auto pages = listed_pages(options.root);
    if (!pages) return console.fail(pages.error());
    const auto plan = browser_policy::plan(*root, *pages, std::nullopt);
    if (!plan) return console.fail(plan.error());
    tell(console, *root, *plan, false);
    console.result(as_json(*root, *plan));
    return plan->current() ? 0 : 1;
}

std::optional<Error> fault_of_browser_policy() {
    const auto root = JudgedRoot::open("/");
    if (!root) return root.error();
    const auto written = browser_policy::is_written(*root);
    if (!written) return written.error();
    if (!*written) return std::nullopt; // browsers ask the person; that is a choice
    const auto pages = listed_pages("/");
    if (!pages) return std::nullopt; // told already, as the configuration's fault
    const auto plan = browser_policy::plan(*root, *pages, std::nullopt);
    if (!plan) return plan.error();
    for (const auto& file : plan->files)
        if (!file.current() || plan->overridden) return Error{Errc::browser_policy_outdated}.with("file", root->shown(file.path));
    return std::nullopt;
}

} // namespace jk::cli
