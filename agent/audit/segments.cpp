#include "agent/audit/segments.hpp"

#include "agent/audit/body_text.hpp"
#include "agent/audit/segment_file.hpp"
#include "jurukunci/encoding.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace jk::audit {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::int64_t number(const json::object& o, std::string_view name) {
    const auto* value = o.if_contains(name);
    return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

Error broken(const std::string& why) { return Error{Errc::audit_broken, why}.with("reason", why); }
Error refused(const fs::path& file, const std::string& why) {
    return Error{Errc::segment_refused, file.string() + ": " + why}.with("file", file.filename().string()).with("reason", why);
}

std::optional<Segment> segment_in(const std::string& body) {
    boost::system::error_code ec;
    const auto value = json::parse(body, ec);
    if (ec || !value.is_object()) return std::nullopt;
    const auto& o = value.get_object();
    Segment segment;
    segment.first = number(o, "first");
    segment.last = number(o, "last");
    segment.file = text(o, "file");
    segment.sha256 = text(o, "fileSha256");
    const auto bytes = from_hex(text(o, "sha256"));
    const auto hash = bytes ? Digest::from(HashFunction::sha256, *bytes) : std::nullopt;
    const auto until = parse_rfc3339(text(o, "until"));
    const bool plain = !segment.file.empty() && segment.file.find('/') == std::string::npos;
    if (!hash || !until || !plain || segment.first < 1 || segment.last < segment.first) return std::nullopt;
    segment.hash = *hash;
    segment.until = *until;
    if (const auto* seen = o.if_contains("certificates"); seen != nullptr && seen->is_array())
        for (const auto& pair : seen->get_array())
            if (const auto* one = pair.if_object()) segment.certificates.emplace_back(text(*one, "serial"), text(*one, "sha256"));
    return segment;
}

bool has_log(SQLite::Database& database) {
    SQLite::Statement table(database, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'log'");
    return table.executeStep();
}

} // namespace

std::string body_of(const Segment& segment) {
    json::array certificates;
    for (const auto& [serial, sha256] : segment.certificates) certificates.push_back(json::object{{"serial", serial}, {"sha256", sha256}});
    return json::serialize(json::object{{"first", segment.first},
                                        {"last", segment.last},
                                        {"sha256", segment.hash.hex()},
                                        {"file", segment.file},
                                        {"fileSha256", segment.sha256},
                                        {"until", rfc3339(segment.until)},
                                        {"certificates", std::move(certificates)}});
}

Outcome<std::vector<Segment>> segments_of(SQLite::Database& log) {
    try {
        std::vector<Segment> all;
        if (!has_log(log)) return all;
        SQLite::Statement rows(log, "SELECT row, body FROM log WHERE kind = 'segment' ORDER BY row");
        while (rows.executeStep()) {
            auto segment = segment_in(rows.getColumn(1).getString());
            if (!segment || rows.getColumn(0).getInt64() != segment->last + 1) return broken("a row about a segment cannot be read");
            all.push_back(std::move(*segment));
        }
        SQLite::Statement pruned(log, "SELECT body FROM log WHERE kind = 'segment-pruned' ORDER BY row");
        while (pruned.executeStep()) {
            boost::system::error_code ec;
            const auto value = json::parse(pruned.getColumn(0).getString(), ec);
            const auto last = !ec && value.is_object() ? number(value.get_object(), "last") : 0;
            for (auto& segment : all) segment.pruned = segment.pruned || segment.last == last;
        }
        return all;
    } catch (const SQLite::Exception& e) {
        return Error{Errc::audit_unreadable, e.what()}.with("reason", e.what());
    }
}

Outcome<Head> base_of(SQLite::Database& log) {
    auto all = segments_of(log);
    if (!all) return all.error();
    return all->empty() ? Head{} : Head{all->back().last, all->back().hash};
}

Outcome<bool> Segments::due(const SegmentLimits& limits) {
    if (limits.none()) return false;
    const auto base = base_of(m_log.database().raw());
    if (!base) return base.error();
    if (limits.rows > 0 && m_log.head().row - base->row >= limits.rows) return true;
    if (limits.days == 0) return false;
    try {
        SQLite::Statement oldest(m_log.database().raw(), "SELECT at FROM log WHERE row > ? AND kind <> 'segment' ORDER BY row LIMIT 1");
        oldest.bind(1, base->row);
        if (!oldest.executeStep()) return false;
        const WallTime at(std::chrono::milliseconds(oldest.getColumn(0).getInt64()));
        return m_clock.now() - at >= std::chrono::hours(24) * limits.days;
    } catch (const SQLite::Exception& e) {
        return Error{Errc::audit_unreadable, e.what()}.with("reason", e.what());
    }
}

Outcome<std::vector<Segment>> Segments::prune(int years, const std::string& basis) {
    const auto all = segments_of(m_log.database().raw());
    if (!all) return all.error();
    std::vector<Segment> gone;
    const auto bound = m_clock.now() - std::chrono::hours(24) * 366 * years;
    for (const auto& segment : *all) {
        std::error_code ec;
        const auto file = m_folder / segment.file;
        if (segment.until >= bound || (segment.pruned && !fs::exists(file, ec))) continue;
        if (!segment.pruned) {
            auto written = m_log.commit(store::Durability::machine, [&] {
                m_log.append("segment-pruned", "",
                             json::serialize(json::object{{"first", segment.first},
                                                          {"last", segment.last},
                                                          {"file", segment.file},
                                                          {"fileSha256", segment.sha256},
                                                          {"until", rfc3339(segment.until)},
                                                          {"keepYears", years},
                                                          {"basis", basis}}));
                return done();
            });
            if (!written) return written.error();
        }
        fs::remove(file, ec);
        if (ec) return refused(file, ec.message());
        gone.push_back(segment);
    }
    return gone;
}

Outcome<void> verify_segment(const fs::path& file, const Segment& segment, const Head& before, const store::DeviceKey& key) {
    Head head = before;
    bool last_signed = false;
    SegmentReader reader;
    reader.head = [&](std::int64_t first, std::int64_t last) -> Outcome<void> {
        return first == segment.first && last == segment.last && first == before.row + 1 ? done() : refused(file, "it is of other rows");
    };
    reader.row = [&](const StoredRow& row) -> Outcome<void> {
        const auto previous = Digest::from(HashFunction::sha256, row.previous), hash = Digest::from(HashFunction::sha256, row.hash);
        const auto name = "row " + std::to_string(row.row);
        if (row.row != head.row + 1) return refused(file, name + " does not follow row " + std::to_string(head.row));
        if (!previous || !hash || *previous != head.hash || row_hash(*previous, row.content()) != *hash)
            return refused(file, name + " is not as it was written");
        head = {row.row, *hash};
        return done();
    };
    reader.checkpoint = [&](const StoredCheckpoint& point) -> Outcome<void> {
        const auto hash = Digest::from(HashFunction::sha256, point.hash);
        if (!hash || !key.verifies(checkpoint_message(point.row, *hash), point.signature))
            return refused(file, "the checkpoint at row " + std::to_string(point.row) + " is not signed by this device");
        last_signed = last_signed || (point.row == head.row && *hash == head.hash);
        return done();
    };
    const auto sha256 = read_segment(file, reader);
    if (!sha256) return sha256.error().code == Errc::segment_refused ? sha256.error() : refused(file, sha256.error().detail);
    if (head.row != segment.last || head.hash != segment.hash) return refused(file, "its rows end at " + std::to_string(head.row));
    if (!last_signed) return refused(file, "its last row has no checkpoint");
    if (!segment.sha256.empty() && *sha256 != segment.sha256) return refused(file, "its bytes are not those that were closed");
    return done();
}

Outcome<std::vector<Fault>> verify_segments(SQLite::Database& log, const fs::path& state, const store::DeviceKey& key) {
    const auto all = segments_of(log);
    if (!all) return all.error();
    std::vector<Fault> faults;
    Head before;
    for (const auto& segment : *all) {
        if (!segment.pruned && faults.size() < Verification::max_faults)
            if (const auto ok = verify_segment(state / "segments" / segment.file, segment, before, key); !ok)
                faults.push_back({segment.first, Fault::Kind::segment, "segment " + segment.file + ": " + ok.error().detail});
        before = {segment.last, segment.hash};
    }
    return faults;
}

} // namespace jk::audit
