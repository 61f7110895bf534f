// jurukunci audit since, stats: the log for people to read, and the same as JSON.
#include "agent/audit/history.hpp"
#include "agent/audit/statistics.hpp"
#include "cli/commands/audit.hpp"
#include "cli/commands/users_log.hpp"
#include "jurukunci/displayed_text.hpp"
#include "jurukunci/encoding.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>

namespace jk::cli {
namespace {

/// The body as an object; of one that somebody changed into something else, its text.
json::value body_of(const audit::StoredRow& row) {
    boost::system::error_code ec;
    auto value = json::parse(row.body, ec);
    return !ec && value.is_object() ? value : json::value(displayed(row.body, 10'000));
}

json::object object_of(const audit::StoredRow& row) {
    return {{"row", row.row},
            {"at", rfc3339(WallTime(std::chrono::milliseconds(row.at_ms)))},
            {"kind", displayed(row.kind)},
            {"operation", displayed(row.operation)},
            {"body", body_of(row)},
            {"hash", to_hex(row.hash)}};
}

/// Who, what, and why not, as far as the row says so.
std::string told(const json::value& body) {
    std::string text;
    const auto add = [&](const std::string& part) {
        if (!part.empty()) text += (text.empty() ? "" : " · ") + displayed(part, 100);
    };
    if (!body.is_object()) return displayed(std::string(body.as_string()), 100);
    const auto& o = body.as_object();
    for (const auto* name : {"application", "origin", "format", "step", "what", "state", "number", "verdict"}) add(text_of(o, name));
    if (const auto* items = o.if_contains("items"); items != nullptr && items->is_array())
        for (const auto& item : items->get_array()) {
            if (!item.is_object()) break;
            add(text_of(item.get_object(), "name"));
            if (text.size() > 160) break;
        }
    if (const auto* error = o.if_contains("error"); error != nullptr && error->is_object()) add(text_of(error->get_object(), "code"));
    add(text_of(o, "code"));
    return displayed(text, 200);
}

void print(const Console& console, const audit::StoredRow& row) {
    auto kind = displayed(row.kind, 24);
    kind.resize(std::max<std::size_t>(kind.size(), 20), ' ');
    auto number = std::to_string(row.row);
    number.insert(0, number.size() < 8 ? 8 - number.size() : 0, ' ');
    console.line(number + "  " + rfc3339(WallTime(std::chrono::milliseconds(row.at_ms))) + "  " + kind + "  " + told(body_of(row)));
}

json::object object_of(const audit::Tally& tally) {
    return {{"signatures", tally.signatures}, {"logins", tally.logins}, {"uses", tally.uses}, {"refusals", tally.refusals}};
}

void print(const Console& console, const std::string& name, const audit::Tally& t) {
    const auto n = [](std::int64_t number) { return std::to_string(number); };
    console.line("  " + name + ": " + n(t.signatures) + " tanda tangan, " + n(t.logins) + " login, " + n(t.uses) + " pemakaian kunci, " +
                     n(t.refusals) + " penolakan",
                 "  " + name + ": " + n(t.signatures) + " signatures, " + n(t.logins) + " logins, " + n(t.uses) + " key uses, " + n(t.refusals) +
                     " refusals");
}

void print(const Console& console, const std::map<std::string, std::int64_t>& counts) {
    for (const auto& [name, number] : counts) console.line("  " + displayed(name) + ": " + std::to_string(number));
}

json::object object_of(const std::map<std::string, std::int64_t>& counts) {
    json::object o;
    for (const auto& [name, number] : counts) o[displayed(name)] = number;
    return o;
}

Outcome<audit::History> history_of(const UsersLog& mine) {
    return audit::History::open(*mine.log, std::filesystem::path(mine.log->database().getFilename()).parent_path());
}

json::array ranges_of(const std::vector<audit::Segment>& segments) {
    json::array all;
    for (const auto& segment : segments) all.push_back(json::object{{"first", segment.first}, {"last", segment.last}});
    return all;
}

void say_pruned(const Console& console, const std::vector<audit::Segment>& segments) {
    for (const auto& segment : segments) {
        const auto rows = std::to_string(segment.first) + "–" + std::to_string(segment.last);
        console.line("Baris " + rows + " sudah dihapus setelah masa simpannya; yang masih dipakai tetap ada.",
                     "Rows " + rows + " were deleted after their years; those that are still in use are there.");
    }
}

json::object object_of(const audit::RowRange& range, const audit::Statistics& statistics) {
    json::array applications, days;
    for (const auto& [who, tally] : statistics.applications) {
        auto o = object_of(tally);
        o["application"] = displayed(who.first);
        o["origin"] = displayed(who.second);
        applications.push_back(std::move(o));
    }
    for (const auto& [day, tally] : statistics.days) {
        auto o = object_of(tally);
        o["day"] = day;
        days.push_back(std::move(o));
    }
    return {{"first", range.first},
            {"last", range.last},
            {"rows", statistics.rows},
            {"kinds", object_of(statistics.kinds)},
            {"applications", std::move(applications)},
            {"days", std::move(days)},
            {"refusals", object_of(statistics.refusals)},
            {"unreadable", statistics.unreadable}};
}

} // namespace

int audit_since(const Console& console, const AuditOptions& options) {
    const auto mine = UsersLog::open();
    if (!mine) return console.fail(mine.error());
    const auto history = history_of(*mine);
    if (!history) return console.fail(history.error());
    const auto range = history->between(options.since, options.until);
    if (!range) return console.fail(range.error());
    json::array rows;
    const auto last = range->last - range->first < options.limit ? range->last : range->first + options.limit - 1;
    const audit::RowRange told_now{range->first, last, false};
    auto ok = history->rows(told_now, [&](const audit::StoredRow& row) {
        if (console.as_json)
            rows.push_back(object_of(row));
        else
            print(console, row);
        return done();
    });
    if (!ok) return console.fail(ok.error());
    const bool more = last < range->last;
    console.result(
        {{"rows", std::move(rows)}, {"next", more ? json::value(last + 1) : json::value()}, {"pruned", ranges_of(history->pruned(told_now))}});
    say_pruned(console, history->pruned(told_now));
    if (range->empty()) console.line("Tidak ada baris sejak itu.", "No row since then.");
    if (more)
        console.line("Masih ada: jurukunci audit since " + std::to_string(last + 1),
                     "There are more: jurukunci audit since " + std::to_string(last + 1));
    return 0;
}

int audit_stats(const Console& console, const AuditOptions& options) {
    const auto mine = UsersLog::open();
    if (!mine) return console.fail(mine.error());
    const auto history = history_of(*mine);
    if (!history) return console.fail(history.error());
    const auto range = history->between(options.since, options.until);
    if (!range) return console.fail(range.error());
    const auto statistics = audit::count(*history, *range);
    if (!statistics) return console.fail(statistics.error());
    auto counted = object_of(*range, *statistics);
    counted["pruned"] = ranges_of(history->pruned(*range));
    console.result(std::move(counted));
    say_pruned(console, history->pruned(*range));
    console.line(std::to_string(statistics->rows) + " baris.", std::to_string(statistics->rows) + " rows.");
    console.line("Per aplikasi:", "By application:");
    for (const auto& [who, tally] : statistics->applications) print(console, displayed(who.first) + " (" + displayed(who.second) + ")", tally);
    console.line("Per hari (UTC):", "By day (UTC):");
    for (const auto& [day, tally] : statistics->days) print(console, day, tally);
    console.line("Penolakan dan kegagalan:", "Refusals and failures:");
    print(console, statistics->refusals);
    console.line("Jenis baris:", "Kinds of rows:");
    print(console, statistics->kinds);
    if (statistics->unreadable > 0)
        console.line(std::to_string(statistics->unreadable) + " baris tidak terbaca; jalankan `jurukunci audit verify`.",
                     std::to_string(statistics->unreadable) + " rows cannot be read; run `jurukunci audit verify`.");
    return 0;
}

} // namespace jk::cli
