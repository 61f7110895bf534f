// Loss: that a device key's earlier log is gone, damaged or replaced. It is the first row of the log that follows; until the RA's decision about it is
// a row, too, the agent only reads. docs/protocol/audit.md, "A lost log".
#pragma once
#include "agent/audit/head.hpp"
#include "jurukunci/clock.hpp"
#include "jurukunci/outcome.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <optional>
#include <string>
#include <vector>

namespace jk::audit {

/// A head that something beside the database remembers.
struct Witness {
    std::string from; ///< "audit.head", "reports.db", …
    Head head;
};

struct Loss {
    std::string id; ///< random: a decision names it, and fits no other loss
    WallTime noticed{};
    std::string found;     ///< what stood where the log should: "absent", "empty", "shorter", "replaced", "damaged", "of another key"
    Head known;            ///< the furthest head that a witness had
    std::string set_aside; ///< folder beside the log with what was found
    bool decided = false;
};

/// Of this log: what its first row says, if that is a loss.
Outcome<std::optional<Loss>> loss_before(SQLite::Database& log);

} // namespace jk::audit
