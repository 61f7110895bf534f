// RaDecision: the RA's signed word about one case. CMS over a small JSON object; docs/protocol/reports.md, "Decisions". Bytes from outside.
#pragma once
#include "agent/reports/casebook.hpp"
#include "agent/reports/loss_decision.hpp"
#include "jurukunci/certificate.hpp"

#include <variant>

namespace jk::reports {

/// What the RA may decide: about a case, or about a log that was lost.
using RaWord = std::variant<RaVerdict, audit::LossDecision>;

/// Refused as ra_decision_refused unless one of `pinned` signed it and it is meant for this environment.
Outcome<RaWord> read_ra_decision(ByteView cms, const std::vector<CertificateRef>& pinned, const std::string& environment);

/// The signed part alone, for the tests of its parser.
Outcome<RaVerdict> read_decision_text(std::string_view text, const std::string& environment);

} // namespace jk::reports
