#include "agent/audit/custody.hpp"

#include "agent/audit/loss_mark.hpp"
#include "agent/audit/pin_tries.hpp"
#include "agent/audit/what_is_there.hpp"
#include "agent/store/state_folder.hpp"
#include "jurukunci/encoding.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace jk::audit {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr const char* mark = "audit.lost"; ///< a loss was noticed and is not in the new log yet

json::object head_json(const Head& head) { return {{"row", head.row}, {"sha256", head.hash.hex()}}; }

std::string device_of(const store::DeviceKey& key) { return sha256(key.public_key()).hex(); }

std::string new_id() { return "h_" + random_id(12); }

/// The first row of the log to come.
std::string body_of(const WhatIsThere& there, const store::DeviceKey& key, WallTime now) {
    const auto id = new_id();
    json::array witnesses;
    for (const auto& witness : there.witnesses) {
        auto one = head_json(witness.head);
        one["from"] = witness.from;
        witnesses.push_back(std::move(one));
    }
    return json::serialize(json::object{{"loss", id},
                                        {"found", there.fault},
                                        {"noticed", rfc3339(now)},
                                        {"known", head_json(there.known())},
                                        {"there", head_json(there.head)},
                                        {"witnesses", std::move(witnesses)},
                                        {"tailRows", there.tail_rows},
                                        {"device", device_of(key)},
                                        {"setAside", "audit.lost-" + id.substr(2)}});
}

std::string member(const std::string& body, std::string_view name) {
    boost::system::error_code ec;
    const auto value = json::parse(body, ec);
    const auto* found = !ec && value.is_object() ? value.get_object().if_contains(name) : nullptr;
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

/// What an earlier attempt found, as a loss that no decision was ever about.
std::string as_another_loss(const std::string& body) {
    auto value = json::parse(body);
    value.as_object()["loss"] = new_id();
    return json::serialize(value);
}

Error unavailable(const std::string& why) { return Error{Errc::audit_unavailable, why}.with("reason", why); }

/// Evidence is moved, never written over: a second attempt after a crash finds other names.
Outcome<void> set_aside(const fs::path& folder, const std::string& name) {
    const auto to = folder / name;
    if (auto ok = store::make_private_folder(to); !ok) return unavailable(ok.error().detail);
    std::error_code ec;
    for (const char* part : {"audit.db", "audit.db-wal", "audit.db-shm", "audit.tail", "audit.head"}) {
        if (!fs::exists(fs::symlink_status(folder / part, ec))) continue;
        const auto place = fs::exists(to / part, ec) ? to / (std::string(part) + "-" + random_id(6)) : to / part;
        fs::rename(folder / part, place, ec);
        if (ec) return unavailable(place.string() + ": " + ec.message());
    }
    for (const auto& changed : {to, folder})
        if (const UniqueFd fd(::open(changed.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); !fd || fsync(fd.get()) != 0)
            return unavailable(changed.string() + " does not reach the disk");
    return done();
}

} // namespace

Outcome<store::DeviceKey> Custody::device_key(const fs::path& folder) {
    const auto file = folder / "device.key", head = folder / "audit.head";
    std::error_code ec;
    if (!fs::exists(fs::symlink_status(file, ec)) && !fs::exists(fs::symlink_status(head, ec)))
        if (auto ok = HeadFile::write_birth(head); !ok) return unavailable(ok.error().detail);
    return store::DeviceKey::open_or_create(file);
}

std::string Custody::device() const { return device_of(m_key); }

Outcome<std::unique_ptr<Custody>> Custody::open(const fs::path& folder, const Clock& clock, std::vector<Witness> others) {
    std::error_code ec;
    const bool born = !fs::exists(fs::symlink_status(folder / "device.key", ec)) && !fs::exists(fs::symlink_status(folder / "audit.head", ec));
    auto key = device_key(folder);
    if (!key) return std::move(key).error();
    std::unique_ptr<Custody> custody(new Custody(std::move(*key)));
    auto there = look_at_log(folder, custody->m_key, born, std::move(others));
    if (!there) return std::move(there).error();
    std::string body = read_loss_mark(folder / mark, custody->m_key).value_or("");
    if (body.empty() && fs::exists(fs::symlink_status(folder / mark, ec))) {
        spdlog::error("{} is not of this agent and counts for nothing", mark);
        fs::remove(folder / mark, ec);
    }
    if (!body.empty() && there->fault.empty()) { // the new log may have come so far before the agent was ended
        if (auto ok = custody->open_log(folder, clock); !ok) return ok.error();
        if (custody->m_loss && custody->m_loss->id == member(body, "loss")) {
            fs::remove(folder / mark, ec);
            return custody;
        }
        custody->m_log.reset();
        custody->m_database.reset();
    }
    if (body.empty() && there->fault.empty()) {
        if (auto ok = custody->open_log(folder, clock); !ok) return ok.error();
        return custody;
    }
    if (member(body, "loss").empty())
        body = body_of(*there, custody->m_key, clock.now());
    else
        body = as_another_loss(body);
    if (auto ok = custody->begin_anew(folder, clock, body); !ok) return ok.error();
    return custody;
}

Outcome<void> Custody::open_log(const fs::path& folder, const Clock& clock) {
    auto database = store::Database::open(folder / "audit.db");
    if (!database) return database.error();
    m_database = std::move(*database);
    auto log = Log::open(*m_database, m_key, clock);
    if (!log) return log.error();
    m_log = std::move(*log);
    if (auto head = HeadFile::open(folder / "audit.head"))
        m_log->keep_head_in(std::move(*head));
    else
        return head.error();
    auto loss = loss_before(m_database->raw());
    if (!loss) return loss.error();
    m_loss = std::move(*loss);
    return done();
}

/// First a mark on the disk, then the old files out of the way, then the new log with its first row: a crash anywhere between begins again here.
Outcome<void> Custody::begin_anew(const fs::path& folder, const Clock& clock, const std::string& body) {
    const auto aside = member(body, "setAside"), id = member(body, "loss");
    if (!aside.starts_with("audit.lost-") || aside.find('/') != std::string::npos) return unavailable(std::string(mark) + " was changed");
    if (auto ok = write_loss_mark(folder / mark, body, m_key); !ok) return unavailable(ok.error().detail);
    if (auto ok = set_aside(folder, aside); !ok) return ok;
    if (auto ok = open_log(folder, clock); !ok) return ok;
    spdlog::error("the log of this device key is lost ({}); what was found is in {}. No key is used until the RA decides about {}",
                  member(body, "found"), aside, id);
    auto written = m_log->commit(store::Durability::machine, [&] {
        m_log->append("log-lost", "", body);
        take_over_pin_tries(folder / aside / "audit.db", clock);
        return done();
    });
    if (!written) return written;
    auto loss = loss_before(m_database->raw());
    if (!loss) return loss.error();
    m_loss = std::move(*loss);
    std::error_code ec;
    fs::remove(folder / mark, ec);
    return done();
}

/// An older copy that was put back must not give tries back.
void Custody::take_over_pin_tries(const fs::path& old, const Clock& clock) {
    if (auto tries = PinTries::open(*m_database, clock); !tries) return;
    try {
        SQLite::Database database(old.string(), SQLite::OPEN_READONLY | SQLite::OPEN_NOFOLLOW, 2000);
        SQLite::Statement counted(database, "SELECT module, serial, wrong, at FROM pin_tries LIMIT 1000");
        while (counted.executeStep()) {
            auto& row = m_database->prepared("INSERT OR REPLACE INTO pin_tries (module, serial, wrong, at) VALUES (?, ?, ?, ?)");
            row.bind(1, counted.getColumn(0).getString());
            row.bind(2, counted.getColumn(1).getString());
            row.bind(3, counted.getColumn(2).getInt());
            row.bind(4, counted.getColumn(3).getInt64());
            row.exec();
        }
    } catch (const SQLite::Exception&) { // it is not there, or cannot be read: the token's own count remains
    }
}

Outcome<void> Custody::decide(const LossDecision& decision) {
    const auto refuse = [](const std::string& why) { return Error{Errc::ra_decision_refused, why}.with("reason", why); };
    if (!m_loss || m_loss->id.empty() || decision.loss != m_loss->id) return refuse("bukan tentang kehilangan catatan di komputer ini");
    if (decision.device != device()) return refuse("untuk kunci agen yang lain");
    if (m_loss->decided) return done();
    auto written = m_log->commit(store::Durability::machine, [&] {
        m_log->append("log-decision", decision.loss,
                      json::serialize(json::object{{"loss", decision.loss},
                                                   {"decisionSha256", decision.document.hex()},
                                                   {"number", decision.number},
                                                   {"officer", decision.officer},
                                                   {"reason", decision.reason},
                                                   {"date", decision.date},
                                                   {"decision", to_base64(decision.cms)}}));
        return done();
    });
    if (!written) return written;
    m_loss->decided = true;
    return done();
}

} // namespace jk::audit
