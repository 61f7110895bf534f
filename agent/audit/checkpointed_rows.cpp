#include "agent/audit/checkpointed_rows.hpp"

#include <boost/json/parse.hpp>

namespace jk::audit {
namespace {

namespace json = boost::json;

ByteView blob(const SQLite::Column& column) {
    return {static_cast<const std::uint8_t*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())};
}

} // namespace

std::string text_in(const json::object& body, std::string_view name) {
    const auto* value = body.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Outcome<std::vector<CheckpointedRow>> checkpointed_rows(Log& log, const store::DeviceKey& key, std::string_view kind, std::size_t& left_out) {
    std::vector<CheckpointedRow> all;
    left_out = 0;
    try {
        auto& database = log.database().raw();
        database.exec("CREATE INDEX IF NOT EXISTS log_records ON log(kind) WHERE kind IN ('acknowledged', 'certificate-status', 'replaced')");
        SQLite::Statement query(database, "SELECT l.row, l.at, l.operation, l.body, l.prev, c.hash, c.signature FROM log l INDEXED BY log_records "
                                          "LEFT JOIN checkpoint c ON c.row = l.row "
                                          "WHERE l.kind IN ('acknowledged', 'certificate-status', 'replaced') AND l.kind = ? ORDER BY l.row");
        query.bind(1, std::string(kind));
        while (query.executeStep()) {
            const auto operation = query.getColumn(2).getString(), body = query.getColumn(3).getString();
            const auto previous = Digest::from(HashFunction::sha256, blob(query.getColumn(4)));
            const auto shown = Digest::from(HashFunction::sha256, blob(query.getColumn(5)));
            const RowContent content{query.getColumn(1).getInt64(), kind, operation, body};
            const auto row = query.getColumn(0).getInt64();
            boost::system::error_code fault;
            auto value = json::parse(body, fault);
            const bool ours = previous && shown && row_hash(*previous, content) == *shown &&
                              key.verifies(checkpoint_message(row, *shown), blob(query.getColumn(6))) && !fault && value.is_object();
            if (!ours) {
                ++left_out;
                continue;
            }
            all.push_back({row, WallTime(std::chrono::milliseconds(content.at_ms)), std::move(value.get_object())});
        }
        return all;
    } catch (const std::exception& e) {
        return Error{Errc::audit_unavailable, e.what()}.with("reason", e.what());
    }
}

} // namespace jk::audit
