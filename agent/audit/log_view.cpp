#include "agent/audit/log_view.hpp"

#include "agent/audit/segments.hpp"

#include <algorithm>

namespace jk::audit {
namespace {

Bytes blob_of(const SQLite::Column& column) {
    const auto* bytes = static_cast<const std::uint8_t*>(column.getBlob());
    return bytes == nullptr ? Bytes() : Bytes(bytes, bytes + column.getBytes());
}

StoredRow row_of(SQLite::Statement& rows) {
    return {rows.getColumn(0).getInt64(),  rows.getColumn(1).getInt64(), rows.getColumn(2).getString(), rows.getColumn(3).getString(),
            rows.getColumn(4).getString(), blob_of(rows.getColumn(5)),   blob_of(rows.getColumn(6))};
}

StoredRow row_of(TailRow row) {
    const auto bytes = [](const Digest& digest) { return Bytes(digest.value().begin(), digest.value().end()); };
    return {row.row, row.at_ms, std::move(row.kind), std::move(row.operation), std::move(row.body), bytes(row.previous), bytes(row.hash)};
}

/// What `work` answers, with SQLite's exceptions as an error.
template <class Work> auto reading(Work&& work) -> decltype(work()) {
    try {
        return work();
    } catch (const SQLite::Exception& e) {
        return Error{Errc::audit_unreadable, e.what()}.with("reason", e.what());
    }
}

} // namespace

Outcome<std::unique_ptr<LogView>> LogView::open(const std::filesystem::path& file) {
    std::error_code ec;
    if (!std::filesystem::exists(file, ec)) return Error{Errc::audit_absent, file.string()}.with("file", file.string());
    // The tail first: what the agent folds after this look is in the database when we look there. The other way round rows would be missed.
    auto tail = Tail::rows_in(std::filesystem::path(file).replace_extension(".tail"));
    if (!tail) return std::move(tail).error();
    return reading([&]() -> Outcome<std::unique_ptr<LogView>> {
        auto database = std::make_unique<SQLite::Database>(file.string(), SQLite::OPEN_READONLY, 2000);
        auto& opened = *database;
        std::unique_ptr<LogView> view(new LogView(std::move(database), opened));
        view->look(std::move(*tail));
        return view;
    });
}

Outcome<std::unique_ptr<LogView>> LogView::of(SQLite::Database& database) {
    return reading([&]() -> Outcome<std::unique_ptr<LogView>> {
        std::unique_ptr<LogView> view(new LogView(nullptr, database));
        view->look({});
        return view;
    });
}

void LogView::look(std::vector<TailRow> tail) {
    m_moment = std::make_unique<SQLite::Transaction>(m_database);
    SQLite::Statement newest(m_database, "SELECT row, hash FROM log ORDER BY row DESC LIMIT 1");
    const Digest start = genesis();
    Bytes hash(start.value().begin(), start.value().end());
    if (newest.executeStep()) {
        m_last_in_database = newest.getColumn(0).getInt64();
        hash = blob_of(newest.getColumn(1));
    }
    for (auto& row : tail) {
        if (row.row <= last_row() || row.row - last_row() != 1 || !std::ranges::equal(row.previous.value(), hash)) continue;
        hash.assign(row.hash.value().begin(), row.hash.value().end());
        m_waiting.push_back(row_of(std::move(row)));
    }
}

Outcome<void> LogView::rows(std::int64_t first, std::int64_t last, const std::function<Outcome<void>(const StoredRow&)>& each) const {
    return reading([&]() -> Outcome<void> {
        SQLite::Statement stored(m_database, "SELECT row, at, kind, operation, body, prev, hash FROM log WHERE row BETWEEN ? AND ? ORDER BY row");
        stored.bind(1, first);
        stored.bind(2, last);
        while (stored.executeStep())
            if (auto ok = each(row_of(stored)); !ok) return ok;
        for (const auto& row : m_waiting) {
            if (row.row < first || row.row > last) continue;
            if (auto ok = each(row); !ok) return ok;
        }
        return done();
    });
}

Outcome<void> LogView::checkpoints(std::int64_t first, std::int64_t last, const std::function<Outcome<void>(const StoredCheckpoint&)>& each) const {
    return reading([&]() -> Outcome<void> {
        SQLite::Statement points(m_database, "SELECT row, hash, signature FROM checkpoint WHERE row BETWEEN ? AND ? ORDER BY row");
        points.bind(1, first);
        points.bind(2, last);
        while (points.executeStep())
            if (auto ok = each({points.getColumn(0).getInt64(), blob_of(points.getColumn(1)), blob_of(points.getColumn(2))}); !ok) return ok;
        return done();
    });
}

Outcome<std::int64_t> LogView::count_checkpoints(std::int64_t first, std::int64_t last) const {
    return reading([&]() -> Outcome<std::int64_t> {
        SQLite::Statement count(m_database, "SELECT count(*) FROM checkpoint WHERE row BETWEEN ? AND ?");
        count.bind(1, first);
        count.bind(2, last);
        count.executeStep();
        return count.getColumn(0).getInt64();
    });
}

Outcome<std::optional<Bytes>> LogView::hash_of(std::int64_t row) const {
    for (const auto& waiting : m_waiting)
        if (waiting.row == row) return std::optional(waiting.hash);
    return reading([&]() -> Outcome<std::optional<Bytes>> {
        SQLite::Statement query(m_database, "SELECT hash FROM log WHERE row = ?");
        query.bind(1, row);
        return query.executeStep() ? std::optional(blob_of(query.getColumn(0))) : std::nullopt;
    });
}

Outcome<Head> LogView::base() const { return base_of(m_database); }

Outcome<bool> LogView::has_hash(const Digest& hash) const {
    for (const auto& waiting : m_waiting)
        if (std::ranges::equal(waiting.hash, hash.value())) return true;
    return reading([&]() -> Outcome<bool> {
        SQLite::Statement query(m_database, "SELECT 1 FROM log WHERE hash = ?");
        query.bindNoCopy(1, hash.value().data(), 32);
        return query.executeStep();
    });
}

Outcome<std::optional<std::int64_t>> LogView::one_number(const char* sql, std::int64_t bound) const {
    return reading([&]() -> Outcome<std::optional<std::int64_t>> {
        SQLite::Statement query(m_database, sql);
        query.bind(1, bound);
        if (!query.executeStep() || query.getColumn(0).isNull()) return std::optional<std::int64_t>();
        return std::optional(query.getColumn(0).getInt64());
    });
}

Outcome<std::optional<std::int64_t>> LogView::first_since(WallTime time) const {
    const std::int64_t bound = time.time_since_epoch().count();
    auto found = one_number("SELECT min(row) FROM log WHERE at >= ?", bound);
    if (!found || *found) return found;
    const auto waiting = std::ranges::find_if(m_waiting, [&](const StoredRow& row) { return row.at_ms >= bound; });
    return waiting == m_waiting.end() ? std::optional<std::int64_t>() : std::optional(waiting->row);
}

Outcome<std::optional<std::int64_t>> LogView::last_until(WallTime time) const {
    const std::int64_t bound = time.time_since_epoch().count();
    const auto waiting = std::find_if(m_waiting.rbegin(), m_waiting.rend(), [&](const StoredRow& row) { return row.at_ms <= bound; });
    if (waiting != m_waiting.rend()) return std::optional(waiting->row);
    return one_number("SELECT max(row) FROM log WHERE at <= ?", bound);
}

} // namespace jk::audit
