#include "agent/audit/verify.hpp"

#include <algorithm>

namespace jk::audit {
namespace {

std::optional<Digest> digest_in(const SQLite::Column& column) {
    return Digest::from(HashFunction::sha256, {static_cast<const std::uint8_t*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())});
}

class Verifier {
public:
    Verifier(SQLite::Database& database, const store::DeviceKey& key) : m_database(database), m_key(key) {}

    Verification run() {
        read_rows();
        read_checkpoints();
        std::ranges::sort(m_result.faults, {}, &Fault::row);
        return std::move(m_result);
    }

private:
    void fault(std::int64_t row, Fault::Kind kind, std::string text) {
        if (m_result.faults.size() < Verification::max_faults) m_result.faults.push_back({row, kind, std::move(text)});
    }

    bool stands_elsewhere(const Digest& hash) {
        SQLite::Statement query(m_database, "SELECT 1 FROM log WHERE hash = ?");
        query.bindNoCopy(1, hash.value().data(), 32);
        return query.executeStep();
    }

    void read_rows() {
        SQLite::Statement rows(m_database, "SELECT row, at, kind, operation, body, prev, hash FROM log ORDER BY row");
        Head& head = m_result.head;
        while (rows.executeStep()) {
            const auto row = rows.getColumn(0).getInt64();
            const auto previous = digest_in(rows.getColumn(5)), hash = digest_in(rows.getColumn(6));
            const auto text = [&](int column) {
                return std::string_view(rows.getColumn(column).getText(), static_cast<std::size_t>(rows.getColumn(column).getBytes()));
            };
            if (row != head.row + 1) {
                const auto gap = head.row + 2 == row ? "row " + std::to_string(head.row + 1)
                                                     : "rows " + std::to_string(head.row + 1) + "–" + std::to_string(row - 1);
                fault(head.row + 1, Fault::Kind::removed, gap + " removed");
            }
            if (!previous || !hash || row_hash(*previous, {rows.getColumn(1).getInt64(), text(2), text(3), text(4)}) != *hash)
                fault(row, Fault::Kind::changed, "row " + std::to_string(row) + " changed after it was written");
            else if (*previous != head.hash && row == head.row + 1)
                broken_link(row, *previous);
            head = {row, hash.value_or(Digest{})};
            ++m_result.rows;
        }
    }

    /// The row itself is as it was written, but not here: it follows another row than the one before it.
    void broken_link(std::int64_t row, const Digest& previous) {
        if (previous == genesis() || stands_elsewhere(previous))
            fault(row, Fault::Kind::reordered, "row " + std::to_string(row) + " re-ordered: it was written after another row");
        else
            fault(row, Fault::Kind::removed, "before row " + std::to_string(row) + " something was removed or replaced");
    }

    void read_checkpoints() {
        SQLite::Statement points(m_database,
                                 "SELECT c.row, c.hash, c.signature, l.hash FROM checkpoint AS c LEFT JOIN log AS l ON l.row = c.row ORDER BY c.row");
        while (points.executeStep()) {
            const auto row = points.getColumn(0).getInt64();
            const auto hash = digest_in(points.getColumn(1));
            const auto column = points.getColumn(2);
            const ByteView signature(static_cast<const std::uint8_t*>(column.getBlob()), static_cast<std::size_t>(column.getBytes()));
            const std::string name = "the checkpoint at row " + std::to_string(row);
            if (!hash || !m_key.verifies(checkpoint_message(row, *hash), signature))
                fault(row, Fault::Kind::checkpoint, name + " is not signed by this device");
            else if (points.getColumn(3).isNull() && row > m_result.head.row)
                fault(row, Fault::Kind::truncated, "the end of the log was removed: row " + std::to_string(row) + " was written and is gone");
            else if (!points.getColumn(3).isNull() && digest_in(points.getColumn(3)) != hash)
                fault(row, Fault::Kind::checkpoint, name + " shows another row than the one that stands there: rows up to it were replaced");
        }
    }

    SQLite::Database& m_database;
    const store::DeviceKey& m_key;
    Verification m_result;
};

} // namespace

Outcome<Verification> verify(SQLite::Database& database, const store::DeviceKey& key) {
    try {
        return Verifier(database, key).run();
    } catch (const SQLite::Exception& e) {
        return Error{Errc::audit_unavailable, e.what()}.with("reason", e.what());
    }
}

} // namespace jk::audit
