// The casebook beside the log: what each knows of a block, and which of them is believed where they differ. The log is chained and witnessed,
// reports.db is a table that any program of the user can edit: of a block, the log's word counts, and the RA's signature of its end.
#include "agent/audit/body_text.hpp"
#include "agent/reports/casebook.hpp"
#include "jurukunci/encoding.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace jk::reports {
namespace {

using audit::text;

Error unusable(const std::string& why) { return Error{Errc::report_not_stored, why}.with("reason", why); }

json::object body_of(const std::string& id, const std::string& case_id, const policy::Block& block) {
    return {{"id", id},
            {"case", case_id},
            {"by", policy::name_of(block.by)},
            {"value", block.value},
            {"cause", policy::name_of(block.cause)},
            {"decryptionStays", block.decryption_stays},
            {"number", block.case_number},
            {"since", rfc3339(block.since)}};
}

} // namespace

std::vector<Casebook::StoredBlock> Casebook::stored_blocks(const std::string& where) {
    std::vector<StoredBlock> all;
    auto& rows =
        m_database->prepared("SELECT id, case_id, kind, value, cause, decryption_stays, case_number, since, lifted FROM blocks WHERE " + where);
    while (rows.executeStep()) {
        StoredBlock stored;
        stored.id = rows.getColumn(0).getString();
        stored.case_id = rows.getColumn(1).getString();
        // What cannot be read is taken for the worst: this is not the place to forget a block.
        stored.block.by = policy::blocked_by_named(rows.getColumn(2).getString()).value_or(policy::BlockedBy::everything);
        stored.block.value = rows.getColumn(3).getString();
        stored.block.cause = policy::block_cause_named(rows.getColumn(4).getString()).value_or(policy::BlockCause::damaged);
        stored.block.decryption_stays = rows.getColumn(5).getInt() == 1;
        stored.block.case_number = rows.getColumn(6).getString();
        stored.block.since = WallTime(std::chrono::milliseconds(rows.getColumn(7).getInt64()));
        if (!rows.getColumn(8).isNull()) stored.lifted = rows.getColumn(8).getString();
        all.push_back(std::move(stored));
    }
    return all;
}

/// A row that became `revoked` since the log was told is further than the log, and never a way out.
bool Casebook::says_the_same(const StoredBlock& row, const StoredBlock& logged) const {
    const auto &here = row.block, &there = logged.block;
    const bool revoked_since = here.cause == policy::BlockCause::revoked && there.cause != policy::BlockCause::revoked;
    const bool same_end = revoked_since || (here.cause == there.cause && rfc3339(here.since) == rfc3339(there.since));
    return same_end && row.case_id == logged.case_id && here.by == there.by && here.value == there.value &&
           here.decryption_stays == there.decryption_stays && here.case_number == there.case_number;
}

bool Casebook::is_lifted(const StoredBlock& row) const {
    const auto decision = m_decisions.find(row.lifted);
    return row.block.cause != policy::BlockCause::revoked && decision != m_decisions.end() && decision->second == row.case_id;
}

bool Casebook::is_lifted_by_any(const StoredBlock& logged) const {
    return logged.block.cause != policy::BlockCause::revoked &&
           std::ranges::any_of(m_decisions, [&](const auto& decision) { return decision.second == logged.case_id; });
}

/// What holds: every row here that no decision of the RA lifts, and every block of the log that is not among them as the log has it.
Outcome<void> Casebook::load() {
    try {
        std::vector<policy::Block> blocks;
        const auto rows = stored_blocks("1 ORDER BY since, id");
        for (const auto& row : rows)
            if (!is_lifted(row)) blocks.push_back(row.block);
        for (const auto& logged : m_logged) {
            const auto here = [&](const StoredBlock& row) { return row.id == logged.id && !is_lifted(row) && says_the_same(row, logged); };
            if (!is_lifted_by_any(logged) && std::ranges::none_of(rows, here)) blocks.push_back(logged.block);
        }
        m_blocks.replace(std::move(blocks));
        return done();
    } catch (const std::exception& e) {
        return unusable(e.what());
    }
}

/// The first row about a block counts, until one says that the very same became `revoked`. What is appended later takes nothing back.
void Casebook::remember(StoredBlock stored) {
    const auto known = std::ranges::find(m_logged, stored.id, &StoredBlock::id);
    if (known == m_logged.end())
        m_logged.push_back(std::move(stored));
    else if (stored.block.cause == policy::BlockCause::revoked && says_the_same(stored, *known))
        *known = std::move(stored);
}

void Casebook::read_log() {
    SQLite::Statement rows(m_log->database().raw(), "SELECT kind, body FROM log WHERE kind IN ('block', 'block-decision') ORDER BY row");
    while (rows.executeStep()) {
        boost::system::error_code ec;
        const auto value = json::parse(rows.getColumn(1).getString(), ec);
        if (ec || !value.is_object()) continue; // `audit verify` names it
        const auto& body = value.as_object();
        if (rows.getColumn(0).getString() == "block-decision") {
            if (const auto cms = from_base64(text(body, "decision"))) believe(*cms);
            continue;
        }
        StoredBlock stored;
        stored.id = text(body, "id");
        stored.case_id = text(body, "case");
        stored.block.by = policy::blocked_by_named(text(body, "by")).value_or(policy::BlockedBy::everything);
        stored.block.value = text(body, "value");
        stored.block.cause = policy::block_cause_named(text(body, "cause")).value_or(policy::BlockCause::damaged);
        const auto* stays = body.if_contains("decryptionStays");
        stored.block.decryption_stays = stays != nullptr && stays->is_bool() && stays->get_bool();
        stored.block.case_number = text(body, "number");
        stored.block.since = parse_rfc3339(text(body, "since")).value_or(WallTime{});
        remember(std::move(stored));
    }
}

/// Blocks that the log knows and this file does not come back: an older copy of it was put back. Rows that say something else than the log, or that
/// they are lifted by a decision that is not here, are set right; true where there was one, since nobody but this class writes them.
bool Casebook::repair() {
    bool edited = false;
    const auto rows = stored_blocks("1");
    for (const auto& logged : m_logged) {
        const auto row = std::ranges::find(rows, logged.id, &StoredBlock::id);
        if (row == rows.end() && !is_lifted_by_any(logged)) insert(logged, true);
        if (row == rows.end() || says_the_same(*row, logged)) continue;
        edited = true;
        auto& update =
            m_database->prepared("UPDATE blocks SET case_id = ?, kind = ?, value = ?, cause = CASE cause WHEN 'revoked' THEN cause ELSE ? END, "
                                 "decryption_stays = ?, case_number = ?, since = ?, "
                                 "lifted = CASE WHEN ? = 1 AND cause <> 'revoked' THEN lifted END, mirrored = 1 WHERE id = ?");
        update.bind(1, logged.case_id);
        update.bind(2, std::string(policy::name_of(logged.block.by)));
        update.bind(3, logged.block.value);
        update.bind(4, std::string(policy::name_of(logged.block.cause)));
        update.bind(5, logged.block.decryption_stays ? 1 : 0);
        update.bind(6, logged.block.case_number);
        update.bind(7, static_cast<std::int64_t>(logged.block.since.time_since_epoch().count()));
        update.bind(8, is_lifted_by_any(logged) ? 1 : 0);
        update.bind(9, logged.id);
        update.exec();
    }
    for (const auto& row : stored_blocks("lifted IS NOT NULL")) {
        if (is_lifted(row)) continue;
        auto& known = m_database->prepared("SELECT 1 FROM decisions WHERE sha256 = ? AND case_id = ?");
        known.bind(1, row.lifted);
        known.bind(2, row.case_id);
        // Of a decision that is here and is not believed, the RA's certificate may have been unpinned: that is held again, and is no edit.
        if (!known.executeStep() || row.block.cause == policy::BlockCause::revoked) edited = true;
        known.reset();
        const auto decision = std::ranges::find_if(m_decisions, [&](const auto& each) { return each.second == row.case_id; });
        const bool lifted = decision != m_decisions.end() && row.block.cause != policy::BlockCause::revoked;
        if (!lifted) spdlog::error("the block {} holds again: no decision that a pinned RA certificate signed lifts it", row.id);
        auto& right = m_database->prepared("UPDATE blocks SET lifted = ? WHERE id = ?");
        if (lifted) right.bind(1, decision->first);
        right.bind(2, row.id);
        right.exec();
    }
    return edited;
}

Outcome<void> Casebook::compare_with_log(bool damaged) {
    if (damaged) spdlog::error("reports.db was damaged or missing; every key is held until the RA decides");
    auto& rows = m_database->prepared("SELECT cms FROM decisions");
    while (rows.executeStep()) {
        const auto content = rows.getColumn(0);
        believe({static_cast<const std::uint8_t*>(content.getBlob()), static_cast<std::size_t>(content.getBytes())});
    }
    if (m_log != nullptr) read_log();
    // A start with nothing to write writes nothing: the disk may be full.
    const auto stored = stored_blocks("1");
    const auto needs = [&](const StoredBlock& logged) {
        const auto row = std::ranges::find(stored, logged.id, &StoredBlock::id);
        return row == stored.end() ? !is_lifted_by_any(logged) : !says_the_same(*row, logged);
    };
    const bool unbelieved = std::ranges::any_of(stored_blocks("lifted IS NOT NULL"), [&](const StoredBlock& row) { return !is_lifted(row); });
    if (damaged || unbelieved || std::ranges::any_of(m_logged, needs)) {
        auto written = durable([&] {
            const bool edited = repair();
            if (edited) spdlog::error("blocks in reports.db were edited; every key is held until the RA decides");
            if (damaged || edited) block_everything();
            return done();
        });
        if (!written) return written;
    }
    if (m_log == nullptr) return done();
    return tell_anew();
}

/// Blocks that stand here and not in the log, because its earlier rows are gone: the log is told again.
Outcome<void> Casebook::tell_anew() {
    auto rows = stored_blocks("mirrored = 1 AND lifted IS NULL");
    std::erase_if(rows, [&](const StoredBlock& row) {
        const auto logged = std::ranges::find(m_logged, row.id, &StoredBlock::id);
        return logged != m_logged.end() && logged->block.cause == row.block.cause;
    });
    if (rows.empty()) return done();
    return m_database->transaction(store::Durability::process, [&] {
        for (const auto& row : rows) {
            auto& anew = m_database->prepared("UPDATE blocks SET mirrored = 0 WHERE id = ?");
            anew.bind(1, row.id);
            anew.exec();
        }
        return done();
    });
}

/// Rows of the log for what it has not been told yet. The block holds with or without them.
Outcome<void> Casebook::mirror() {
    if (m_log == nullptr) return done();
    try {
        auto fresh = stored_blocks("mirrored = 0 ORDER BY since, id");
        std::vector<std::pair<std::string, json::object>> decisions;
        auto& rows = m_database->prepared("SELECT sha256, case_id, verdict, cms FROM decisions WHERE mirrored = 0 ORDER BY at");
        while (rows.executeStep()) {
            const auto content = rows.getColumn(3);
            const ByteView cms(static_cast<const std::uint8_t*>(content.getBlob()), static_cast<std::size_t>(content.getBytes()));
            decisions.emplace_back(rows.getColumn(1).getString(), json::object{{"case", rows.getColumn(1).getString()},
                                                                               {"verdict", rows.getColumn(2).getString()},
                                                                               {"decisionSha256", rows.getColumn(0).getString()},
                                                                               {"decision", to_base64(cms)}});
        }
        if (fresh.empty() && decisions.empty()) return done();
        auto written = m_log->commit(store::Durability::machine, [&] {
            for (const auto& stored : fresh)
                m_log->append("block", stored.case_id, json::serialize(body_of(stored.id, stored.case_id, stored.block)));
            for (const auto& [case_id, body] : decisions) m_log->append("block-decision", case_id, json::serialize(body));
            return done();
        });
        if (!written) return written;
        for (auto& stored : fresh) remember(std::move(stored));
        return m_database->transaction(store::Durability::process, [&] {
            m_database->prepared("UPDATE blocks SET mirrored = 1 WHERE mirrored = 0").exec();
            m_database->prepared("UPDATE decisions SET mirrored = 1 WHERE mirrored = 0").exec();
            return done();
        });
    } catch (const std::exception& e) {
        return unusable(e.what());
    }
}

} // namespace jk::reports
