// LossDecision: the RA's signed word about a log that was lost: the keys of this device may be used again. CMS over a small JSON object;
// docs/protocol/reports.md, "Decisions". Bytes from outside.
#pragma once
#include "agent/audit/custody.hpp"

#include <string_view>

namespace jk::reports {

/// The signed part. No value: it is not about a log, and may be about a case. ra_decision_refused where it is, and is not whole.
Outcome<std::optional<audit::LossDecision>> read_loss_decision(std::string_view text, const std::string& environment);

} // namespace jk::reports
