// Closing a segment: written, on the disk, read back and found whole, named (segment_writing.cpp); then a row says so; only then its rows leave the
// database.
#include "agent/audit/segments.hpp"
#include "agent/store/state_folder.hpp"

#include <algorithm>

namespace jk::audit {
namespace {

namespace fs = std::filesystem;

/// What has been done with. Every other kind of row stays, also those that this file has not heard of: blocks, open steps, what was lost.
constexpr const char* kinds_that_go = "('agent', 'bundle', 'consent', 'consent-again', 'refused', 'login-refused', 'window', 'started', 'signed', "
                                      "'item-failed', 'use', 'use-failed', 'end', 'enrolment', 'provisioning-refused')";

bool something_is_open(SQLite::Database& database) {
    SQLite::Statement open(database, "SELECT operation FROM log INDEXED BY log_bounds WHERE kind IN ('consent', 'end') GROUP BY operation "
                                     "HAVING sum(kind = 'end') = 0 LIMIT 1");
    return open.executeStep();
}

/// Files that a crash left before their rows were taken out: their rows are in the database. A log never had a segment that no row names.
void remove_strays(const fs::path& folder, const std::vector<Segment>& known) {
    std::error_code ec;
    std::vector<fs::path> strays;
    for (const auto& entry : fs::directory_iterator(folder, ec)) {
        const auto name = entry.path().filename().string();
        const bool ours = name.starts_with("catatan-") && (name.ends_with(".jsonl") || name.ends_with(".jsonl.new"));
        const bool named = std::ranges::any_of(known, [&](const Segment& segment) { return segment.file == name; });
        if (ours && !named) strays.push_back(entry.path());
    }
    for (const auto& stray : strays) fs::remove(stray, ec);
}

} // namespace

Outcome<std::optional<SegmentPlan>> Segments::plan(WallTime at) {
    if (auto ok = m_log.fold(); !ok) return ok.error();
    auto& database = m_log.database().raw();
    const auto known = segments_of(database);
    if (!known) return known.error();
    SegmentPlan plan;
    if (!known->empty()) plan.before = {known->back().last, known->back().hash};
    try {
        // One row besides the last segment's own, and nothing that a later row belongs to.
        if (m_log.head().row <= plan.before.row + 1 || something_is_open(database)) return std::optional<SegmentPlan>();
    } catch (const SQLite::Exception& e) {
        return Error{Errc::audit_unreadable, e.what()}.with("reason", e.what());
    }
    if (auto ok = m_log.commit(store::Durability::machine, [] { return done(); }); !ok) return ok.error(); // a checkpoint at the last row
    auto& segment = plan.segment;
    segment.first = plan.before.row + 1;
    segment.last = m_log.head().row;
    segment.hash = m_log.head().hash;
    segment.file = "catatan-" + std::to_string(segment.first) + "-" + std::to_string(segment.last) + ".jsonl";
    segment.until = at;
    if (auto ok = store::make_private_folder(m_folder); !ok)
        return Error{Errc::output_unwritable, ok.error().detail}.with("file", m_folder.string()).with("reason", ok.error().detail);
    remove_strays(m_folder, *known);
    return std::optional(std::move(plan));
}

void Segments::discard(const Segment& segment) {
    std::error_code ec;
    fs::remove(m_folder / segment.file, ec); // what stays is a stray, and goes with the next plan
}

Outcome<bool> Segments::adopt(const Segment& segment) {
    if (m_log.head().row != segment.last || m_log.head().hash != segment.hash) {
        discard(segment);
        return false;
    }
    auto said = m_log.commit(store::Durability::machine, [&] { return m_log.append("segment", "", body_of(segment)), done(); });
    if (!said) return said.error();
    return true;
}

Outcome<bool> Segments::take_out(int at_most) {
    auto& database = m_log.database().raw();
    const auto base = base_of(database);
    if (!base) return base.error();
    const auto going = "FROM log WHERE row <= " + std::to_string(base->row) + " AND kind IN " + kinds_that_go;
    const auto next = [&]() -> std::optional<std::int64_t> {
        SQLite::Statement rows(database, "SELECT row " + going + " ORDER BY row LIMIT 1");
        return rows.executeStep() ? std::optional(rows.getColumn(0).getInt64()) : std::nullopt;
    };
    bool more = false;
    try {
        if (!next()) return false;
    } catch (const SQLite::Exception& e) {
        return Error{Errc::audit_unreadable, e.what()}.with("reason", e.what());
    }
    auto taken = m_log.commit(store::Durability::process, [&] {
        database.exec("DROP TRIGGER log_is_append_only_d");
        database.exec("DELETE FROM log WHERE row IN (SELECT row " + going + " ORDER BY row LIMIT " + std::to_string(at_most) + ")");
        const auto left = next();
        more = left.has_value();
        // A row that stays keeps its checkpoint: some count only together with it (checkpointed_rows.hpp).
        database.exec("DELETE FROM checkpoint WHERE row < " + std::to_string(left.value_or(base->row)) + " AND row NOT IN (SELECT row FROM log)");
        database.exec("CREATE TRIGGER log_is_append_only_d BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END");
        return done();
    });
    if (!taken) return taken.error();
    return more;
}

Outcome<void> Segments::take_all_out() {
    for (;;) {
        const auto more = take_out(20'000);
        if (!more) return more.error();
        if (!*more) return done();
    }
}

Outcome<std::optional<Segment>> Segments::close(ExportFacts facts) {
    if (auto ok = take_all_out(); !ok) return ok.error(); // of one that was cut off
    auto planned = plan(facts.at);
    if (!planned) return planned.error();
    if (!*planned) return std::optional<Segment>();
    auto segment = write_segment(m_state, std::move(**planned), facts, m_key);
    if (!segment) return segment.error();
    if (auto adopted = adopt(*segment); !adopted) return adopted.error();
    if (auto ok = take_all_out(); !ok) return ok.error();
    return std::optional(std::move(*segment));
}

} // namespace jk::audit
