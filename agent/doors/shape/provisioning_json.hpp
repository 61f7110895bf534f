// Provisioning as JSON: the request of a step, a step as it stands, a token's contents. Both doors speak it; docs/protocol/provisioning.md.
#pragma once
#include "agent/doors/shape/error_json.hpp"
#include "agent/gate/provisioning.hpp"

#include <boost/json/value.hpp>

namespace jk::doors {

/// Strict: unknown fields, and fields that do not belong to the step, are refused.
Outcome<ProvisioningRequest> read_provisioning_request(const json::value& body, CallerIdentity caller);
json::object provisioning_json(const gate::ProvisioningStep& step, Language language);
json::object contents_json(const gate::ShownContents& token, Language language);
/// For status: every step that was cut off.
json::array interrupted_json(const gate::Provisioning& provisioning, Language language);

} // namespace jk::doors
