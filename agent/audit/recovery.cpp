#include "agent/audit/recovery.hpp"

#include "agent/audit/body_text.hpp"

#include <boost/json/parse.hpp>

namespace jk::audit {
namespace {

namespace json = boost::json;

struct Open {
    std::int64_t row;
    std::int64_t at;
    std::string operation, body;
};

std::vector<Open> open_operations(SQLite::Database& database) {
    SQLite::Statement query(database, "SELECT row, at, operation, body FROM log AS c WHERE kind = 'consent' AND operation IN ("
                                      "SELECT operation FROM log INDEXED BY log_bounds WHERE kind IN ('consent', 'end') "
                                      "GROUP BY operation HAVING sum(kind = 'end') = 0) ORDER BY row");
    std::vector<Open> all;
    while (query.executeStep())
        all.push_back({query.getColumn(0).getInt64(), query.getColumn(1).getInt64(), query.getColumn(2).getString(), query.getColumn(3).getString()});
    return all;
}

void mark(InterruptedOperation& operation, const json::value* index, LeftAs state) {
    if (index == nullptr || !index->is_int64()) return;
    const auto i = static_cast<std::size_t>(index->get_int64());
    if (i < operation.items.size()) operation.items[i].left_as = state;
}

InterruptedOperation read_consent(const Open& open, std::string_view current_boot_id) {
    InterruptedOperation operation;
    const auto body = json::parse(open.body).as_object();
    operation.operation = open.operation;
    operation.request_id = text(body, "requestId");
    operation.fingerprint = text(body, "requestSha256");
    operation.origin = text(body, "origin");
    operation.format = text(body, "format");
    operation.level = text(body, "level");
    operation.consented_at = WallTime(std::chrono::milliseconds(open.at));
    const auto before = text(body, "boot") == current_boot_id ? LeftAs::not_reached : LeftAs::unknown;
    for (const auto& item : body.at("items").as_array()) operation.items.push_back({text(item.as_object(), "name"), before});
    for (const auto& index : body.at("rejected").as_array()) mark(operation, &index, LeftAs::rejected);
    return operation;
}

void follow(SQLite::Database& database, const Open& open, InterruptedOperation& operation) {
    SQLite::Statement rows(database, "SELECT kind, body FROM log WHERE row > ? AND operation = ? ORDER BY row");
    rows.bind(1, open.row);
    rows.bind(2, open.operation);
    while (rows.executeStep()) {
        const auto kind = rows.getColumn(0).getString();
        const auto body = json::parse(rows.getColumn(1).getString()).as_object();
        if (kind == "consent-again")
            for (const auto& index : body.at("rejected").as_array()) mark(operation, &index, LeftAs::rejected);
        if (kind == "started")
            for (const auto& index : body.at("items").as_array()) mark(operation, &index, LeftAs::unknown);
        if (kind == "use" && !operation.items.empty()) operation.items.front().left_as = LeftAs::unknown; // the one that was consented to
        if (kind == "signed") mark(operation, body.if_contains("item"), LeftAs::signed_);
        if (kind == "item-failed") mark(operation, body.if_contains("item"), LeftAs::failed);
    }
}

} // namespace

Outcome<std::vector<InterruptedOperation>> recover(Journal& journal, std::string_view current_boot_id) {
    std::vector<InterruptedOperation> interrupted;
    try {
        auto& database = journal.log().database().raw();
        for (const auto& open : open_operations(database)) {
            auto operation = read_consent(open, current_boot_id);
            follow(database, open, operation);
            interrupted.push_back(std::move(operation));
        }
    } catch (const std::exception& e) { // SQLite, JSON: somebody changed the rows
        return Error{Errc::audit_broken, e.what()}.with("reason", e.what());
    }
    if (interrupted.empty()) return interrupted;
    auto closed = journal.log().commit(store::Durability::machine, [&] {
        for (const auto& operation : interrupted) {
            std::vector<ItemIndex> unknown, not_reached;
            for (std::size_t i = 0; i < operation.items.size(); ++i) {
                if (operation.items[i].left_as == LeftAs::unknown) unknown.push_back(i);
                if (operation.items[i].left_as == LeftAs::not_reached) not_reached.push_back(i);
            }
            journal.recovered(operation.operation, unknown, not_reached);
        }
        return done();
    });
    if (!closed) return closed.error();
    return interrupted;
}

} // namespace jk::audit
