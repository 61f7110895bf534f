#include "agent/audit/export.hpp"

#include "jurukunci/encoding.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <limits>

namespace jk::audit {
namespace {

namespace json = boost::json;

constexpr std::int64_t end_of_year_9999 = 253'402'300'799'999; ///< milliseconds

/// To the millisecond, because the hash covers it. A time that RFC 3339 cannot say stays a number.
json::value time_of(std::int64_t at_ms) {
    if (at_ms < 0 || at_ms > end_of_year_9999) return at_ms;
    auto text = rfc3339(WallTime(std::chrono::milliseconds(at_ms)));
    const auto thousandths = std::to_string(1000 + at_ms % 1000).substr(1);
    text.insert(text.size() - 1, "." + thousandths);
    return json::value(text);
}

/// An Ed25519 key has 44 bytes, so one line holds it.
std::string pem_of_key(const Bytes& der) { return "-----BEGIN PUBLIC KEY-----\n" + to_base64(der) + "\n-----END PUBLIC KEY-----\n"; }

Outcome<void> put(const LineSink& sink, const json::object& object) { return sink(json::serialize(object) + "\n"); }

} // namespace

Outcome<Exported> export_rows(const LogView& log, const RowRange& range, const ExportFacts& facts, const LineSink& sink) {
    if (range.empty()) return Error{Errc::audit_range_empty}.with("last", std::to_string(log.last_row()));
    // The checkpoint of the row before ties the first row down; one beyond the last row tells of rows that are gone.
    const auto first_point = range.first - 1, last_point = range.to_the_end ? std::numeric_limits<std::int64_t>::max() : range.last;
    const auto points = log.count_checkpoints(first_point, last_point);
    if (!points) return points.error();
    json::object head{{"format", "jurukunci audit export"},
                      {"version", 1},
                      {"exportedAt", rfc3339(facts.at)},
                      {"program", facts.program},
                      {"profile", facts.profile},
                      {"environment", facts.environment},
                      {"deviceKey", pem_of_key(facts.device_key)},
                      {"first", range.first},
                      {"last", range.last},
                      {"checkpoints", *points}};
    if (auto ok = put(sink, head); !ok) return std::move(ok).error();

    Exported exported;
    auto ok = log.rows(range.first, range.last, [&](const StoredRow& row) {
        ++exported.rows;
        exported.last_row = row.row;
        exported.last_hash = row.hash;
        return put(sink, {{"row", row.row},
                          {"at", time_of(row.at_ms)},
                          {"kind", row.kind},
                          {"operation", row.operation},
                          {"body", row.body},
                          {"prev", to_hex(row.previous)},
                          {"hash", to_hex(row.hash)}});
    });
    if (!ok) return std::move(ok).error();
    ok = log.checkpoints(first_point, last_point, [&](const StoredCheckpoint& point) {
        ++exported.checkpoints;
        return put(sink, {{"checkpoint", point.row}, {"hash", to_hex(point.hash)}, {"signature", to_hex(point.signature)}});
    });
    if (!ok) return std::move(ok).error();
    return exported;
}

} // namespace jk::audit
