// The subcommands; each returns the exit code of docs/protocol: 0 done or valid, 1 refused or not valid, 2 usage, 3 token or PIN,
// 4 cancelled by the person, 5 agent, network or storage unavailable.
#pragma once
#include "cli/console.hpp"

#include <optional>
#include <string>
#include <vector>

namespace jk::cli {

int status(const Console& console);
int tokens(const Console& console);
int certificates(const Console& console);
int duties_show(const Console& console);

struct SignOptions {
    std::vector<std::string> inputs;
    std::string output; ///< a file, or a folder for several inputs
    std::string format = "pades";
    std::string level = "B";
    std::string visible; ///< PAGE,X,Y,WIDTH,HEIGHT in points
    std::string field;
    std::string task_kind;
    std::string certificate; ///< file with DER or PEM
    bool replace = false;
};
int sign(const Console& console, const SignOptions& options);

int verify(const Console& console, const std::string& file, const std::string& detached);
int prompt(const Console& console);
/// `bundle_file`: where the support bundle goes; empty for none.
int doctor(const Console& console, const std::string& bundle_file);

/// A hypothetical request; empty members are not said.
struct ExplainOptions {
    std::string file, origin, purpose, task_kind, format, certificate, delegation, at;
    int items = 0;
};
int policy_show(const Console& console);
int policy_check(const Console& console);
/// 0: nothing that was judged refuses; 1: refused.
int policy_explain(const Console& console, const ExplainOptions& options);

struct BundleOptions {
    std::string folder, output, holders, blocked; ///< files with JSON lists; empty: none
    std::string expires;                          ///< the last day, UTC
    int version = 0;
};
int policy_bundle_make(const Console& console, const BundleOptions& options);
/// `pinned`: a folder with ra/*.pem; empty: the system's.
int policy_bundle_show(const Console& console, const std::string& file, const std::string& pinned);

struct TokenOptions {
    std::string serial, label, key, purpose, key_id; ///< empty: as the agent decides
    std::string case_file, certificate_file, certificate_sha256;
    std::string output; ///< of a certificate request
    std::string reason, officer, minutes;
    std::vector<std::string> witnesses;
    bool without_so_pin = false;
};
/// `step` as in docs/protocol/provisioning.md.
int token_step(const Console& console, const std::string& step, const TokenOptions& options);
int token_show(const Console& console);

struct BrowserPolicyOptions {
    std::string root = "/";    ///< of the machine, or of an image
    bool default_deny = false; ///< Chromium's family: every other page is refused unasked
};
int show_browser_policy(const Console& console, const BrowserPolicyOptions& options);
int write_browser_policy(const Console& console, const BrowserPolicyOptions& options);
int undo_browser_policy(const Console& console, const BrowserPolicyOptions& options);
int check_browser_policy(const Console& console, const BrowserPolicyOptions& options);
/// For doctor: what is wrong with this machine's policies, where some were written.
std::optional<Error> fault_of_browser_policy();

} // namespace jk::cli
