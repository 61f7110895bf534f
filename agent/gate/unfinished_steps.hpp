// What a step that was cut off still wants, and what comes next on its token. Pure; any thread.
// docs/adr/0023-a-step-is-open-until-the-token-says.md.
#pragma once
#include "agent/audit/provisioning_rows.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace jk::gate {

/// A token, and what a person who looks at it should know.
struct ShownContents {
    TokenContents contents;
    std::vector<audit::OpenProvisioning> interrupted;
};

/// The step was on this token. A blank one has no serial yet; afterwards it is known by the label that it was to get.
bool is_on(const audit::OpenProvisioning& open, const TokenContents& token);

/// The one step that settles it, but for a destruction, which settles everything. None: any step that ends well on the token does.
std::optional<ProvisioningKind> wanted_by(const audit::OpenProvisioning& open);

bool settles(ProvisioningKind ended_well, const audit::OpenProvisioning& open);

/// The command that comes next: what a cut-off step wants, then what the token's state says. Empty where nothing is missing.
std::string_view next_step(const ShownContents& token);

/// Nobody's token gets a first PIN or a new SO-PIN while something else has to come first: step_interrupted names it.
Outcome<void> judge_unfinished(ProvisioningKind kind, const ShownContents& token);

} // namespace jk::gate
