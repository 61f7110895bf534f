#include "agent/reports/loss_decision.hpp"

#include "ipc/json_fields.hpp"
#include "ipc/strict_json.hpp"

namespace jk::reports {
namespace {

namespace json = boost::json;

Error refused(const std::string& why) { return Error{Errc::ra_decision_refused, why}.with("reason", why); }

bool about_a_log(const json::value& value) {
    const auto* o = value.if_object();
    const auto* decision = o != nullptr ? o->if_contains("decision") : nullptr;
    return decision != nullptr && decision->is_string() && decision->get_string() == "log-lost";
}

} // namespace

Outcome<std::optional<audit::LossDecision>> read_loss_decision(std::string_view text, const std::string& environment) {
    const auto value = ipc::parse_json(text);
    if (!value || !about_a_log(*value)) return std::optional<audit::LossDecision>();
    ipc::JsonFields fields(*value, "");
    audit::LossDecision decision;
    const auto type = fields.text("type", 64);
    (void)fields.text("decision", 16);
    decision.loss = fields.text("loss", 64);
    decision.device = fields.text("device", 64);
    const auto meant_for = fields.text("environment", 16);
    decision.number = fields.text("number", 200);
    decision.date = fields.text("date", 32);
    decision.officer = fields.text("officer", 200);
    decision.reason = fields.optional_text("reason", 2000).value_or("");
    if (auto ok = fields.end(); !ok) return refused("isinya tidak sesuai (" + ok.error().sentence(Language::english) + ")");
    if (type != "jurukunci-ra-decision") return refused("bukan keputusan RA");
    if (meant_for != environment) return refused("untuk lingkungan lain");
    if (!parse_rfc3339(decision.date)) return refused("tanpa tanggal");
    if (decision.loss.empty() || decision.device.empty()) return refused("tidak menyebut kehilangan dan kunci agen yang dimaksud");
    decision.document = sha256(bytes_of(text));
    return std::optional(std::move(decision));
}

} // namespace jk::reports
