#include "agent/audit/loss.hpp"

#include "agent/audit/body_text.hpp"
#include "jurukunci/encoding.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace jk::audit {
namespace {

namespace json = boost::json;

/// A first row of this kind that cannot be read is a loss that no decision fits.
Loss read_body(const std::string& body) {
    boost::system::error_code ec;
    const auto value = json::parse(body, ec);
    Loss loss;
    if (ec || !value.is_object()) return loss;
    const auto& o = value.as_object();
    loss.id = text(o, "loss");
    loss.found = text(o, "found");
    loss.set_aside = text(o, "setAside");
    loss.noticed = parse_rfc3339(text(o, "noticed")).value_or(WallTime{});
    const auto* known = o.if_contains("known");
    if (known == nullptr || !known->is_object()) return loss;
    const auto& head = known->get_object();
    const auto* row = head.if_contains("row");
    const auto bytes = from_hex(text(head, "sha256"));
    const auto hash = bytes ? Digest::from(HashFunction::sha256, *bytes) : std::nullopt;
    if (row != nullptr && row->is_int64() && hash) loss.known = {row->get_int64(), *hash};
    return loss;
}

} // namespace

Outcome<std::optional<Loss>> loss_before(SQLite::Database& log) {
    try {
        SQLite::Statement first(log, "SELECT body FROM log WHERE row = 1 AND kind = 'log-lost'");
        if (!first.executeStep()) return std::optional<Loss>();
        auto loss = read_body(first.getColumn(0).getString());
        SQLite::Statement decision(log, "SELECT 1 FROM log WHERE kind = 'log-decision' AND operation = ? LIMIT 1");
        decision.bind(1, loss.id);
        loss.decided = !loss.id.empty() && decision.executeStep();
        return std::optional(std::move(loss));
    } catch (const SQLite::Exception& e) {
        return Error{Errc::audit_unavailable, e.what()}.with("reason", e.what());
    }
}

} // namespace jk::audit
