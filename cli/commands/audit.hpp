// jurukunci audit: the user's own log, read from the disk. Exit codes as in commands.hpp.
#pragma once
#include "cli/console.hpp"

namespace jk::cli {

struct AuditOptions {
    std::string since, until; ///< a row's number or a time, inclusive; empty: none
    std::string output;
    bool replace = false;
    int limit = 1000; ///< rows that are shown at once
};

int audit_verify(const Console& console);
/// While no agent runs: closes a segment now; deletes those that are older than the years of retention.yaml.
int audit_rotate(const Console& console);
int audit_prune(const Console& console);
/// Exit 1 while a loss is not decided.
int audit_lost(const Console& console);
/// JSON Lines for an auditor; docs/protocol/audit.md.
int audit_export(const Console& console, const AuditOptions& options);
int audit_since(const Console& console, const AuditOptions& options);
int audit_stats(const Console& console, const AuditOptions& options);

} // namespace jk::cli
