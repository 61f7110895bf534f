#include "agent/audit/signed_since.hpp"

#include "agent/audit/body_text.hpp"
#include "agent/audit/segment_file.hpp"
#include "agent/audit/segments.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace jk::audit {
namespace {

namespace json = boost::json;

std::string serial_in(const json::object& consent) {
    const auto* token = consent.if_contains("token");
    return token != nullptr && token->is_object() ? text(token->get_object(), "serial") : std::string();
}

struct Consented {
    json::object body;
    bool meant = false;
    std::map<std::int64_t, std::size_t> at_token; ///< item → its place in the result, while nobody knows how it ended
};

bool is_meant(const json::object& consent, const WhichKeys& keys) {
    if (keys.certificates.empty() && keys.serials.empty()) return true;
    return std::ranges::find(keys.certificates, text(consent, "certificateSha256")) != keys.certificates.end() ||
           std::ranges::find(keys.serials, serial_in(consent)) != keys.serials.end();
}

SignedThing thing(const Consented& consented, std::int64_t row, WallTime at, std::int64_t item) {
    SignedThing t;
    t.row = row;
    t.at = at;
    t.application = text(consented.body, "application");
    t.origin = text(consented.body, "origin");
    t.certificate = text(consented.body, "certificateSha256");
    const auto* items = consented.body.if_contains("items");
    if (items != nullptr && items->is_array() && item >= 0 && static_cast<std::size_t>(item) < items->get_array().size()) {
        const auto& shown = items->get_array()[static_cast<std::size_t>(item)];
        if (shown.is_object()) {
            t.name = text(shown.get_object(), "name");
            t.digest = text(shown.get_object(), "digest");
        }
    }
    return t;
}

class Reading {
public:
    explicit Reading(const WhichKeys& keys) : m_keys(keys) {}

    void row(std::int64_t number, WallTime at, const std::string& kind, const std::string& operation, const std::string& text_of_body, bool counts) {
        if (kind == "consent") {
            auto body = json::parse(text_of_body).as_object();
            auto& consented = m_open[operation];
            consented.meant = is_meant(body, m_keys);
            consented.body = std::move(body);
            return;
        }
        const auto place = m_open.find(operation);
        if (place == m_open.end() || !place->second.meant) return;
        auto& consented = place->second;
        if (kind == "end") {
            m_open.erase(place);
            return;
        }
        if (!counts) return;
        const auto body = json::parse(text_of_body).as_object();
        if (kind == "started")
            for (const auto& item : body.at("items").as_array()) {
                consented.at_token[item.as_int64()] = m_things.size();
                m_things.push_back(thing(consented, number, at, item.as_int64()));
                m_things.back().certain = false;
            }
        if (kind == "signed") settle(consented, body, number, at, true);
        if (kind == "item-failed") settle(consented, body, number, at, false);
        if (kind == "use" && text(body, "what") == "sign") {
            m_things.push_back(thing(consented, number, at, 0));
            m_things.back().digest = text(body, "digest");
        }
    }

    bool knows(const std::string& operation) const { return m_open.contains(operation); }

    std::vector<SignedThing> result() && {
        std::vector<SignedThing> all;
        for (std::size_t i = 0; i < m_things.size(); ++i)
            if (!m_failed.contains(i)) all.push_back(std::move(m_things[i]));
        return all;
    }

private:
    void settle(Consented& consented, const json::object& body, std::int64_t number, WallTime at, bool well) {
        const auto item = body.at("item").as_int64();
        const auto place = consented.at_token.find(item);
        if (place == consented.at_token.end()) { // it started before t0
            if (well) m_things.push_back(thing(consented, number, at, item));
            return;
        }
        if (well) {
            m_things[place->second].certain = true;
            m_things[place->second].row = number;
            m_things[place->second].at = at;
        } else {
            m_failed.insert(place->second);
        }
        consented.at_token.erase(place);
    }

    const WhichKeys& m_keys;
    std::map<std::string, Consented> m_open;
    std::vector<SignedThing> m_things;
    std::set<std::size_t> m_failed;
};

/// From here on rows count, whatever their times say: the clock may have been set back since.
std::optional<std::int64_t> first_row_at(SQLite::Database& log, WallTime t0) {
    SQLite::Statement first(log, "SELECT MIN(+row) FROM log WHERE at >= ?"); // +: by the times' index, not row by row from the beginning
    first.bind(1, static_cast<std::int64_t>(std::chrono::ceil<std::chrono::milliseconds>(t0.time_since_epoch()).count()));
    if (!first.executeStep() || first.getColumn(0).isNull()) return std::nullopt;
    return first.getColumn(0).getInt64();
}

Error broken(const std::exception& e) { return Error{Errc::audit_broken, e.what()}.with("reason", e.what()); }

} // namespace

Outcome<std::vector<SignedThing>> signed_since(SQLite::Database& log, WallTime t0, const WhichKeys& keys) {
    try {
        Reading reading(keys);
        bool counts = false;
        // No operation goes over the end of a segment, so one that ended before t0 has nothing to say.
        const auto segments = segments_of(log);
        if (!segments) return segments.error();
        for (const auto& segment : *segments) {
            if (segment.until + std::chrono::seconds(1) < t0) continue; // told to the second
            SegmentReader reader;
            reader.row = [&](const StoredRow& row) {
                const WallTime at(std::chrono::milliseconds(row.at_ms));
                counts = counts || at >= t0;
                reading.row(row.row, at, row.kind, row.operation, row.body, counts);
                return done();
            };
            const auto file = std::filesystem::path(log.getFilename()).parent_path() / "segments" / segment.file;
            if (const auto read = read_segment(file, reader); !read) return read.error();
        }
        auto first = counts ? 0 : first_row_at(log, t0);
        if (!first) return std::move(reading).result();
        if (!segments->empty()) first = std::max(*first, segments->back().last + 1); // rows on their way out stand in both
        SQLite::Statement consent(log, "SELECT row, at, body FROM log WHERE operation = ? AND kind = 'consent' AND row < ?");
        SQLite::Statement rows(log, "SELECT row, at, kind, operation, body FROM log WHERE row >= ? ORDER BY row");
        rows.bind(1, *first);
        while (rows.executeStep()) {
            const WallTime at(std::chrono::milliseconds(rows.getColumn(1).getInt64()));
            const auto kind = rows.getColumn(2).getString(), operation = rows.getColumn(3).getString();
            if (kind != "consent" && kind != "end" && !operation.empty() && !reading.knows(operation)) { // it was agreed on before t0
                consent.reset();
                consent.bind(1, operation);
                consent.bind(2, *first);
                if (consent.executeStep())
                    reading.row(consent.getColumn(0).getInt64(), WallTime(std::chrono::milliseconds(consent.getColumn(1).getInt64())), "consent",
                                operation, consent.getColumn(2).getString(), false);
            }
            reading.row(rows.getColumn(0).getInt64(), at, kind, operation, rows.getColumn(4).getString(), true);
        }
        return std::move(reading).result();
    } catch (const std::exception& e) { // SQLite, JSON: somebody changed the rows
        return broken(e);
    }
}

Outcome<std::vector<std::string>> certificates_on(SQLite::Database& log, const std::string& serial) {
    try {
        std::set<std::string> all;
        SQLite::Statement rows(log, "SELECT body FROM log WHERE kind = 'consent'");
        while (rows.executeStep()) {
            const auto body = json::parse(rows.getColumn(0).getString()).as_object();
            if (serial_in(body) == serial && !text(body, "certificateSha256").empty()) all.insert(text(body, "certificateSha256"));
        }
        const auto segments = segments_of(log);
        if (!segments) return segments.error();
        for (const auto& segment : *segments)
            for (const auto& [on, certificate] : segment.certificates)
                if (on == serial) all.insert(certificate);
        return std::vector<std::string>(all.begin(), all.end());
    } catch (const std::exception& e) {
        return broken(e);
    }
}

} // namespace jk::audit
