// Export: rows and checkpoints as JSON Lines, for an auditor without this program. docs/protocol/audit.md has the format and
// docs/protocol/verify_audit.py judges it. Nothing is left out or made better: a damaged log gives an export that shows the damage.
#pragma once
#include "agent/audit/bounds.hpp"

#include <functional>
#include <string>

namespace jk::audit {

/// What the first line says beside the range.
struct ExportFacts {
    std::string program, profile, environment;
    WallTime at{};
    Bytes device_key; ///< SubjectPublicKeyInfo, DER
};

struct Exported {
    std::int64_t rows = 0, checkpoints = 0;
    std::int64_t last_row = 0;
    Bytes last_hash; ///< of the last row that was written
};

/// Takes a whole line, its line feed included.
using LineSink = std::function<Outcome<void>(std::string_view line)>;

/// audit_range_empty where the range has no row.
Outcome<Exported> export_rows(const LogView& log, const RowRange& range, const ExportFacts& facts, const LineSink& sink);

} // namespace jk::audit
