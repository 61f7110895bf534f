#include "agent/audit/verify.hpp"

#include <algorithm>
#include <limits>

namespace jk::audit {
namespace {

std::optional<Digest> digest_in(const Bytes& bytes) { return Digest::from(HashFunction::sha256, bytes); }

class Verifier {
public:
    Verifier(const LogView& log, const store::DeviceKey& key) : m_log(log), m_key(key) {}

    Outcome<Verification> run() {
        auto base = m_log.base();
        if (!base && base.error().code != Errc::audit_broken) return std::move(base).error();
        if (base)
            m_base = *base;
        else
            fault(0, Fault::Kind::segment, base.error().detail);
        constexpr auto first = std::numeric_limits<std::int64_t>::min(), last = std::numeric_limits<std::int64_t>::max();
        if (auto ok = m_log.rows(first, last, [this](const StoredRow& row) { return judge(row); }); !ok) return std::move(ok).error();
        if (auto ok = m_log.checkpoints(first, last, [this](const StoredCheckpoint& point) { return judge(point); }); !ok)
            return std::move(ok).error();
        std::ranges::stable_sort(m_result.faults, {}, &Fault::row);
        return std::move(m_result);
    }

private:
    void fault(std::int64_t row, Fault::Kind kind, std::string text) {
        if (m_result.faults.size() < Verification::max_faults) m_result.faults.push_back({row, kind, std::move(text)});
    }

    Outcome<void> judge(const StoredRow& stored) {
        const auto row = stored.row;
        const auto previous = digest_in(stored.previous), hash = digest_in(stored.hash);
        Head& head = m_result.head;
        if (row <= m_base.row) return judge_kept(row, previous, hash, stored);
        if (head.row < m_base.row) head = m_base;
        if (row != head.row + 1) {
            const auto gap =
                head.row + 2 == row ? "row " + std::to_string(head.row + 1) : "rows " + std::to_string(head.row + 1) + "–" + std::to_string(row - 1);
            fault(head.row + 1, Fault::Kind::removed, gap + " removed");
        }
        auto linked = done();
        if (!previous || !hash || row_hash(*previous, stored.content()) != *hash)
            fault(row, Fault::Kind::changed, "row " + std::to_string(row) + " changed after it was written");
        else if (*previous != head.hash && row == head.row + 1)
            linked = broken_link(row, *previous);
        head = {row, hash.value_or(Digest{})};
        ++m_result.rows;
        return linked;
    }

    /// Its neighbours are in a segment; where it stands among them is judged there.
    Outcome<void> judge_kept(std::int64_t row, const std::optional<Digest>& previous, const std::optional<Digest>& hash, const StoredRow& stored) {
        if (!previous || !hash || row_hash(*previous, stored.content()) != *hash)
            fault(row, Fault::Kind::changed, "row " + std::to_string(row) + " changed after it was written");
        else if (row == m_base.row && *hash != m_base.hash)
            fault(row, Fault::Kind::changed, "row " + std::to_string(row) + " is not the one that its segment ends with");
        m_result.head = {row, hash.value_or(Digest{})};
        ++m_result.rows;
        return done();
    }

    /// The row itself is as it was written, but not here: it follows another row than the one before it.
    Outcome<void> broken_link(std::int64_t row, const Digest& previous) {
        const auto elsewhere = m_log.has_hash(previous);
        if (!elsewhere) return elsewhere.error();
        if (previous == genesis() || *elsewhere)
            fault(row, Fault::Kind::reordered, "row " + std::to_string(row) + " re-ordered: it was written after another row");
        else
            fault(row, Fault::Kind::removed, "before row " + std::to_string(row) + " something was removed or replaced");
        return done();
    }

    Outcome<void> judge(const StoredCheckpoint& point) {
        const auto there = m_log.hash_of(point.row);
        if (!there) return there.error();
        const auto hash = digest_in(point.hash);
        const std::string name = "the checkpoint at row " + std::to_string(point.row);
        if (!hash || !m_key.verifies(checkpoint_message(point.row, *hash), point.signature))
            fault(point.row, Fault::Kind::checkpoint, name + " is not signed by this device");
        else if (!*there && point.row > m_result.head.row)
            fault(point.row, Fault::Kind::truncated, "the end of the log was removed: row " + std::to_string(point.row) + " was written and is gone");
        else if (point.row == m_base.row && *hash != m_base.hash)
            fault(point.row, Fault::Kind::checkpoint, name + " shows another row than the one that its segment ends with");
        else if (*there && **there != point.hash)
            fault(point.row, Fault::Kind::checkpoint, name + " shows another row than the one that stands there: rows up to it were replaced");
        return done();
    }

    const LogView& m_log;
    const store::DeviceKey& m_key;
    Head m_base;
    Verification m_result;
};

} // namespace

Outcome<Verification> verify(const LogView& log, const store::DeviceKey& key) { return Verifier(log, key).run(); }

Outcome<Verification> verify(SQLite::Database& database, const store::DeviceKey& key) {
    const auto log = LogView::of(database);
    if (!log) return log.error();
    return verify(**log, key);
}

} // namespace jk::audit
