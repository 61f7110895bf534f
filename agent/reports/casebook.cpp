#include "agent/reports/casebook.hpp"

#include "jurukunci/encoding.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace jk::reports {
namespace {

Error not_stored(const Error& error) { return Error{Errc::report_not_stored, error.detail}.with("reason", error.detail); }

std::string year_of(WallTime time) { return rfc3339(time).substr(0, 4); }

std::string number_text(WallTime opened, std::int64_t sequence) {
    char digits[24];
    std::snprintf(digits, sizeof digits, "%04lld", static_cast<long long>(sequence));
    return "L-" + year_of(opened) + "-" + digits;
}

ReportCase read_case(SQLite::Statement& row) {
    auto read = case_from_json(json::parse(row.getColumn(0).getString()).as_object());
    if (!read) throw std::runtime_error("a case cannot be read");
    if (const auto state = case_state_named(row.getColumn(1).getString())) read->state = *state;
    return std::move(*read);
}

} // namespace

Outcome<void> Casebook::durable(const std::function<Outcome<void>()>& work) {
    auto written = m_database->transaction(store::Durability::machine, work);
    if (written || written.error().code != Errc::audit_unavailable) return written;
    // A full disk must not keep a report out: this file was put there for it.
    if (::unlink((m_folder / "reports.reserve").c_str()) == 0) written = m_database->transaction(store::Durability::machine, work);
    return written;
}

void Casebook::keep_reserve() const {
    const auto path = m_folder / "reports.reserve";
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (fd && posix_fallocate(fd.get(), 0, 1 << 20) != 0) ::unlink(path.c_str());
}

void Casebook::insert(const StoredBlock& stored, bool mirrored) {
    auto& row = m_database->prepared("INSERT OR IGNORE INTO blocks (id, case_id, kind, value, cause, decryption_stays, case_number, since, mirrored) "
                                     "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    row.bind(1, stored.id);
    row.bind(2, stored.case_id);
    row.bind(3, std::string(policy::name_of(stored.block.by)));
    row.bind(4, stored.block.value);
    row.bind(5, std::string(policy::name_of(stored.block.cause)));
    row.bind(6, stored.block.decryption_stays ? 1 : 0);
    row.bind(7, stored.block.case_number);
    row.bind(8, static_cast<std::int64_t>(stored.block.since.time_since_epoch().count()));
    row.bind(9, mirrored ? 1 : 0);
    row.exec();
}

Outcome<ReportCase> Casebook::add(ReportCase draft, std::vector<policy::Block> blocks) {
    draft.id = "k_" + random_id(12);
    // In force before anything can fail; the number is put on it below.
    const auto before = m_blocks;
    for (const auto& block : blocks) m_blocks.add(block);
    auto written = durable([&]() -> Outcome<void> {
        auto& count = m_database->prepared("SELECT count(*), coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'cases'), 0) + 1 FROM cases");
        if (!count.executeStep()) return Error{Errc::report_not_stored};
        if (count.getColumn(0).getInt64() >= static_cast<std::int64_t>(most_cases)) return Error{Errc::too_many}.with("what", "reports");
        draft.number = number_text(draft.opened, count.getColumn(1).getInt64());
        count.reset();
        auto& row = m_database->prepared("INSERT INTO cases (id, number, state, body) VALUES (?, ?, ?, ?)");
        row.bind(1, draft.id);
        row.bind(2, draft.number);
        row.bind(3, std::string(name_of(draft.state)));
        row.bind(4, json::serialize(to_json(draft)));
        row.exec();
        for (auto& block : blocks) {
            block.case_number = draft.number;
            insert({"b_" + random_id(12), draft.id, block}, false);
        }
        return done();
    });
    if (!written) {
        for (const auto& block : blocks) spdlog::error("a block holds only until the agent ends: {}", policy::name_of(block.by));
        return not_stored(written.error());
    }
    m_blocks = before;
    for (const auto& block : blocks) m_blocks.add(block);
    if (auto mirrored = mirror(); !mirrored) spdlog::error("the log will be told of {} later: {}", draft.number, mirrored.error().log_line());
    keep_reserve();
    return draft;
}

Outcome<void> Casebook::widen(const ReportCase& report, std::vector<policy::Block> blocks) {
    for (auto& block : blocks) {
        block.case_number = report.number;
        m_blocks.add(block);
    }
    auto written = durable([&] {
        auto& row = m_database->prepared("UPDATE cases SET body = ? WHERE id = ?");
        row.bind(1, json::serialize(to_json(report)));
        row.bind(2, report.id);
        row.exec();
        for (const auto& block : blocks) insert({"b_" + random_id(12), report.id, block}, false);
        return done();
    });
    if (!written) return not_stored(written.error());
    if (auto mirrored = mirror(); !mirrored) spdlog::error("the log will be told of {} later: {}", report.number, mirrored.error().log_line());
    return done();
}

Outcome<std::vector<ReportCase>> Casebook::cases() {
    try {
        std::vector<ReportCase> all;
        auto& rows = m_database->prepared("SELECT body, state FROM cases ORDER BY seq");
        while (rows.executeStep()) all.push_back(read_case(rows));
        return all;
    } catch (const std::exception& e) {
        return Error{Errc::report_not_stored, e.what()}.with("reason", e.what());
    }
}

Outcome<ReportCase> Casebook::find(const std::string& name) { return find_where("number = ?1 OR id = ?1", name); }

Outcome<ReportCase> Casebook::find_by_id(const std::string& id) { return find_where("id = ?1", id); }

Outcome<ReportCase> Casebook::find_where(const std::string& where, const std::string& name) {
    try {
        auto& row = m_database->prepared("SELECT body, state FROM cases WHERE " + where);
        row.bind(1, name);
        if (!row.executeStep()) return Error{Errc::not_found}.with("what", "report " + name);
        auto found = read_case(row);
        row.reset();
        return found;
    } catch (const std::exception& e) {
        return Error{Errc::report_not_stored, e.what()}.with("reason", e.what());
    }
}

void Casebook::write_state(const std::string& id, CaseState state) {
    auto& row = m_database->prepared("UPDATE cases SET state = ? WHERE id = ?");
    row.bind(1, std::string(name_of(state)));
    row.bind(2, id);
    row.exec();
}

Outcome<void> Casebook::set_state(const ReportCase& report, CaseState state) {
    auto written = durable([&] { return write_state(report.id, state), done(); });
    if (!written) return not_stored(written.error());
    return done();
}

Outcome<void> Casebook::attach(const ReportCase& report, const Attachment& attachment) {
    if (attachment.content.empty() || attachment.content.size() > max_attachment)
        return Error{Errc::request_malformed}.with("field", "attachment").with("fault", "is empty or larger than 10 MiB");
    auto written = durable([&]() -> Outcome<void> {
        auto& count = m_database->prepared("SELECT count(*) FROM attachments WHERE case_id = ?");
        count.bind(1, report.id);
        if (!count.executeStep() || count.getColumn(0).getInt64() >= static_cast<std::int64_t>(most_attachments))
            return Error{Errc::too_many}.with("what", "attachments");
        count.reset();
        auto& row = m_database->prepared("INSERT OR REPLACE INTO attachments (case_id, kind, name, sha256, content) VALUES (?, ?, ?, ?, ?)");
        row.bind(1, report.id);
        row.bind(2, attachment.kind);
        row.bind(3, attachment.name);
        row.bind(4, sha256(attachment.content).hex());
        row.bind(5, attachment.content.data(), static_cast<int>(attachment.content.size()));
        row.exec();
        return done();
    });
    if (!written && written.error().code == Errc::audit_unavailable) return not_stored(written.error());
    return written;
}

Outcome<std::vector<Attachment>> Casebook::attachments(const ReportCase& report) {
    try {
        std::vector<Attachment> all;
        auto& rows = m_database->prepared("SELECT kind, name, content FROM attachments WHERE case_id = ? ORDER BY kind, name");
        rows.bind(1, report.id);
        while (rows.executeStep()) {
            const auto content = rows.getColumn(2);
            const auto* bytes = static_cast<const std::uint8_t*>(content.getBlob());
            all.push_back({rows.getColumn(0).getString(), rows.getColumn(1).getString(), Bytes(bytes, bytes + content.getBytes())});
        }
        return all;
    } catch (const std::exception& e) {
        return Error{Errc::report_not_stored, e.what()}.with("reason", e.what());
    }
}

} // namespace jk::reports
