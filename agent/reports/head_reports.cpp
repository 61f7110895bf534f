#include "agent/reports/head_reports.hpp"

#include "agent/reports/device_jws.hpp"
#include "agent/reports/head_witness.hpp"
#include "jurukunci/encoding.hpp"
#include "jurukunci/version.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <ctime>

namespace jk::reports {
namespace {

namespace json = boost::json;

/// The day where this computer stands: its end is when people go home.
int day_of(WallTime time) {
    const auto seconds = static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
    std::tm parts{};
    localtime_r(&seconds, &parts);
    return parts.tm_year * 366 + parts.tm_yday;
}

} // namespace

Bytes head_body(const HeadStatement& statement, const store::DeviceKey& key) {
    const auto checkpoint = key.sign(audit::checkpoint_message(statement.head.row, statement.head.hash));
    const auto text = device_jws(head_type,
                                 json::serialize(json::object{{"type", "jurukunci-checkpoint"},
                                                              {"version", 1},
                                                              {"agent", version()},
                                                              {"environment", statement.environment},
                                                              {"device", sha256(key.public_key()).hex()},
                                                              {"after", statement.after},
                                                              {"row", statement.head.row},
                                                              {"sha256", statement.head.hash.hex()},
                                                              {"signature", to_hex(checkpoint)},
                                                              {"at", rfc3339(statement.at)}}),
                                 key);
    return Bytes(text.begin(), text.end());
}

std::string head_key(const audit::Head& head) { return "h-" + std::to_string(head.row) + "-" + head.hash.hex().substr(0, 16); }

Outcome<HeadReports> HeadReports::open(store::Database& reports, Outbox& outbox, const store::DeviceKey& key, const Clock& clock) {
    try {
        reports.raw().exec("CREATE TABLE IF NOT EXISTS head_handed_in (id INTEGER PRIMARY KEY CHECK (id = 1), key TEXT NOT NULL, after TEXT NOT "
                           "NULL, at INTEGER NOT NULL)");
        HeadReports heads(reports, outbox, key, clock);
        SQLite::Statement last(reports.raw(), "SELECT key, after, at FROM head_handed_in");
        if (last.executeStep()) {
            heads.m_last_key = last.getColumn(0).getString();
            heads.m_last_after = last.getColumn(1).getString();
            heads.m_last = WallTime(std::chrono::milliseconds(last.getColumn(2).getInt64()));
        }
        return heads;
    } catch (const SQLite::Exception& e) {
        return Error{Errc::report_not_stored, e.what()}.with("reason", e.what());
    }
}

bool HeadReports::due(const std::string& after, const audit::Head& head, std::chrono::minutes cadence) const {
    if (head.row == 0 || head_key(head) == m_last_key) return false;
    if (after != m_last_after) return true;
    const auto now = m_clock->now();
    return now < m_last || now - m_last >= cadence || day_of(now) != day_of(m_last);
}

Outcome<void> HeadReports::hand_in(const std::string& environment, const std::string& after, const audit::Head& head) {
    const auto key = head_key(head);
    if (head.row == 0 || key == m_last_key) return done();
    if (auto ok = remember_head(*m_database, head); !ok) return ok;
    const auto now = m_clock->now();
    Parcel parcel;
    parcel.key = key;
    parcel.destination = Destination::log_checkpoint;
    parcel.body = head_body({environment, after, head, now}, *m_key);
    parcel.due = now;
    auto written = m_database->transaction(store::Durability::machine, [&] {
        m_outbox->put_instead(parcel);
        auto& row = m_database->prepared("INSERT OR REPLACE INTO head_handed_in (id, key, after, at) VALUES (1, ?, ?, ?)");
        row.bind(1, key);
        row.bind(2, after);
        row.bind(3, static_cast<std::int64_t>(now.time_since_epoch().count()));
        row.exec();
        row.reset();
        return done();
    });
    if (!written) return written;
    m_last_key = key;
    m_last_after = after;
    m_last = now;
    return done();
}

} // namespace jk::reports
