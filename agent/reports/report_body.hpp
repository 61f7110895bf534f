// ReportBody: what travels to the RA: a compact JWS (RFC 7515) of the case, signed with this installation's device key.
#pragma once
#include "agent/audit/signed_since.hpp"
#include "agent/reports/casebook.hpp"
#include "agent/store/device_key.hpp"

namespace jk::reports {

inline constexpr std::string_view report_type = "jurukunci-report+jws";
inline constexpr std::size_t max_report_body = 24u << 20;

json::object to_json(const audit::SignedThing& thing);
/// The applications among them, each once, in the order of their first signature.
json::array applications_of(const std::vector<audit::SignedThing>& things);

/// `things` is empty of value where the log cannot be read: the receiver is told so.
Outcome<Bytes> report_body(const ReportCase& report, const std::optional<std::vector<audit::SignedThing>>& things,
                           const std::vector<Attachment>& attachments, const store::DeviceKey& key);

} // namespace jk::reports
