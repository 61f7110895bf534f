#include "agent/reports/outbox.hpp"

#include <algorithm>

namespace jk::reports {
namespace {

constexpr const char* schema = R"sql(
CREATE TABLE IF NOT EXISTS outbox (key TEXT PRIMARY KEY, destination TEXT NOT NULL, name TEXT NOT NULL, body BLOB NOT NULL, sha256 TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL, fault TEXT NOT NULL DEFAULT '', receipt TEXT);
CREATE TRIGGER IF NOT EXISTS a_receipt_stays BEFORE UPDATE ON outbox WHEN OLD.receipt IS NOT NULL BEGIN SELECT RAISE(ABORT, 'it was delivered'); END;
)sql";

constexpr int most_receipts_of_heads = 50; ///< the newest; each says all that the older ones did

Error unusable(const std::exception& e) { return Error{Errc::report_not_stored, e.what()}.with("reason", e.what()); }

std::int64_t millis(WallTime time) { return static_cast<std::int64_t>(time.time_since_epoch().count()); }

Destination destination_named(const std::string& name) {
    for (const auto destination : {Destination::archive, Destination::log_checkpoint})
        if (name == name_of(destination)) return destination;
    return Destination::registration_authority;
}

ParcelState read_state(SQLite::Statement& row) {
    ParcelState state;
    state.key = row.getColumn(0).getString();
    state.destination = destination_named(row.getColumn(1).getString());
    state.name = row.getColumn(2).getString();
    state.tries = row.getColumn(3).getInt();
    state.due = WallTime(std::chrono::milliseconds(row.getColumn(4).getInt64()));
    state.last_fault = row.getColumn(5).getString();
    if (!row.getColumn(6).isNull()) state.receipt = row.getColumn(6).getString();
    return state;
}

constexpr const char* state_columns = "SELECT key, destination, name, tries, due, fault, receipt FROM outbox ";

} // namespace

std::string_view name_of(Destination destination) {
    switch (destination) {
    case Destination::archive: return "archive";
    case Destination::log_checkpoint: return "log-checkpoint";
    case Destination::registration_authority: break;
    }
    return "registration-authority";
}

std::chrono::milliseconds wait_before_try(int tries, double chance) {
    using namespace std::chrono;
    const milliseconds longest = hours(6);
    milliseconds wait = seconds(30);
    for (int i = 1; i < tries && wait < longest; ++i) wait *= 2;
    wait = std::min(wait, longest);
    return wait + milliseconds(static_cast<std::int64_t>(static_cast<double>(wait.count()) / 2 * std::clamp(chance, 0.0, 1.0)));
}

Outcome<Outbox> Outbox::open(store::Database& database) {
    try {
        database.raw().exec(schema);
        return Outbox(database);
    } catch (const SQLite::Exception& e) {
        return unusable(e);
    }
}

void Outbox::put(const Parcel& parcel) {
    auto& row = m_database->prepared("INSERT OR IGNORE INTO outbox (key, destination, name, body, sha256, due) VALUES (?, ?, ?, ?, ?, ?)");
    row.bind(1, parcel.key);
    row.bind(2, std::string(name_of(parcel.destination)));
    row.bind(3, parcel.name);
    row.bind(4, parcel.body.data(), static_cast<int>(parcel.body.size()));
    row.bind(5, sha256(parcel.body).hex());
    row.bind(6, millis(parcel.due));
    row.exec();
}

Outcome<void> Outbox::put_durably(const Parcel& parcel) {
    return m_database->transaction(store::Durability::machine, [&] { return put(parcel), done(); });
}

void Outbox::put_instead(const Parcel& parcel) {
    auto& older = m_database->prepared("DELETE FROM outbox WHERE destination = ?1 AND (receipt IS NULL OR rowid NOT IN "
                                       "(SELECT rowid FROM outbox WHERE destination = ?1 AND receipt IS NOT NULL ORDER BY rowid DESC LIMIT ?2))");
    older.bind(1, std::string(name_of(parcel.destination)));
    older.bind(2, most_receipts_of_heads);
    older.exec();
    older.reset();
    put(parcel);
}

Outcome<std::optional<ParcelState>> Outbox::newest(Destination destination) const {
    try {
        auto& row = m_database->prepared(std::string(state_columns) + "WHERE destination = ? ORDER BY rowid DESC LIMIT 1");
        row.bind(1, std::string(name_of(destination)));
        if (!row.executeStep()) return std::optional<ParcelState>();
        auto state = read_state(row);
        row.reset();
        return std::optional<ParcelState>(std::move(state));
    } catch (const std::exception& e) {
        return unusable(e);
    }
}

Outcome<std::uint64_t> Outbox::waiting_bytes(Destination destination) {
    try {
        auto& row = m_database->prepared("SELECT coalesce(sum(length(body)), 0) FROM outbox WHERE destination = ? AND receipt IS NULL");
        row.bind(1, std::string(name_of(destination)));
        const bool some = row.executeStep();
        const auto bytes = some ? static_cast<std::uint64_t>(row.getColumn(0).getInt64()) : 0;
        row.reset();
        return bytes;
    } catch (const std::exception& e) {
        return unusable(e);
    }
}

Outcome<std::optional<Parcel>> Outbox::next(WallTime now, Destination destination) {
    try {
        auto& row = m_database->prepared("SELECT key, destination, name, body, tries, due FROM outbox "
                                         "WHERE receipt IS NULL AND (due <= ? OR due > ?) AND destination = ? ORDER BY due LIMIT 1");
        row.bind(1, millis(now));
        row.bind(2, millis(now + longest_wait));
        row.bind(3, std::string(name_of(destination)));
        if (!row.executeStep()) return std::optional<Parcel>();
        const auto content = row.getColumn(3);
        const auto* bytes = static_cast<const std::uint8_t*>(content.getBlob());
        Parcel parcel;
        parcel.key = row.getColumn(0).getString();
        parcel.destination = destination_named(row.getColumn(1).getString());
        parcel.name = row.getColumn(2).getString();
        parcel.body.assign(bytes, bytes + content.getBytes());
        parcel.tries = row.getColumn(4).getInt();
        parcel.due = WallTime(std::chrono::milliseconds(row.getColumn(5).getInt64()));
        row.reset();
        return std::optional<Parcel>(std::move(parcel));
    } catch (const std::exception& e) {
        return unusable(e);
    }
}

Outcome<void> Outbox::delivered(const Parcel& parcel, const std::string& receipt) {
    return m_database->transaction(store::Durability::machine, [&] {
        auto& row = m_database->prepared( // A report stays as it was sent; a document that is in the data centre need not fill this disk.
            "UPDATE outbox SET receipt = ?, tries = tries + 1, fault = '', body = CASE destination WHEN 'archive' THEN x'' ELSE body END "
            "WHERE key = ? AND receipt IS NULL");
        row.bind(1, receipt);
        row.bind(2, parcel.key);
        row.exec();
        return done();
    });
}

Outcome<void> Outbox::failed(const Parcel& parcel, const std::string& fault, WallTime now, double chance) {
    return m_database->transaction(store::Durability::process, [&] {
        auto& row = m_database->prepared("UPDATE outbox SET tries = tries + 1, due = ?, fault = ? WHERE key = ? AND receipt IS NULL");
        row.bind(1, millis(now + wait_before_try(parcel.tries + 1, chance)));
        row.bind(2, fault.substr(0, 500));
        row.bind(3, parcel.key);
        row.exec();
        return done();
    });
}

Outcome<void> Outbox::hurry(const std::string& key, WallTime now) {
    return m_database->transaction(store::Durability::process, [&] {
        auto& row = m_database->prepared("UPDATE outbox SET due = ? WHERE key = ? AND receipt IS NULL");
        row.bind(1, millis(now));
        row.bind(2, key);
        row.exec();
        return done();
    });
}

Outcome<std::optional<ParcelState>> Outbox::state_of(const std::string& key) {
    try {
        auto& row = m_database->prepared(std::string(state_columns) + "WHERE key = ?");
        row.bind(1, key);
        if (!row.executeStep()) return std::optional<ParcelState>();
        auto state = read_state(row);
        row.reset();
        return std::optional<ParcelState>(std::move(state));
    } catch (const std::exception& e) {
        return unusable(e);
    }
}

Outcome<std::vector<ParcelState>> Outbox::all() {
    try {
        std::vector<ParcelState> states;
        auto& rows = m_database->prepared(std::string(state_columns) + "ORDER BY due");
        while (rows.executeStep()) states.push_back(read_state(rows));
        return states;
    } catch (const std::exception& e) {
        return unusable(e);
    }
}

} // namespace jk::reports
