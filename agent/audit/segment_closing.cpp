// Closing a segment: written, on the disk, read back and found whole, named; only then do its rows leave the database, in one transaction with the row
// that says so.
#include "agent/audit/segment_file.hpp"
#include "agent/audit/segments.hpp"
#include "agent/store/state_folder.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

namespace jk::audit {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// What has been done with. Every other kind of row stays, also those that this file has not heard of: blocks, open steps, what was lost.
constexpr const char* kinds_that_go = "('agent', 'bundle', 'consent', 'consent-again', 'refused', 'login-refused', 'window', 'started', 'signed', "
                                      "'item-failed', 'use', 'use-failed', 'end', 'enrolment', 'provisioning-refused')";

Error unwritable(const fs::path& file) {
    const std::string reason = std::strerror(errno);
    return Error{Errc::output_unwritable, file.string() + ": " + reason}.with("file", file.string()).with("reason", reason);
}

Outcome<void> write_all(int fd, const fs::path& file, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return unwritable(file);
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return done();
}

bool something_is_open(SQLite::Database& database) {
    SQLite::Statement open(database, "SELECT operation FROM log INDEXED BY log_bounds WHERE kind IN ('consent', 'end') GROUP BY operation "
                                     "HAVING sum(kind = 'end') = 0 LIMIT 1");
    return open.executeStep();
}

std::vector<std::pair<std::string, std::string>> certificates_in(SQLite::Database& database, const Head& base) {
    std::set<std::pair<std::string, std::string>> all;
    SQLite::Statement rows(database, "SELECT body FROM log WHERE kind = 'consent' AND row > ?");
    rows.bind(1, base.row);
    while (rows.executeStep()) {
        boost::system::error_code ec;
        const auto value = json::parse(rows.getColumn(0).getString(), ec);
        if (ec || !value.is_object()) continue;
        const auto& o = value.get_object();
        const auto* token = o.if_contains("token");
        const auto* certificate = o.if_contains("certificateSha256");
        const auto* serial = token != nullptr && token->is_object() ? token->get_object().if_contains("serial") : nullptr;
        if (serial != nullptr && serial->is_string() && certificate != nullptr && certificate->is_string())
            all.emplace(std::string(serial->get_string()), std::string(certificate->get_string()));
    }
    return {all.begin(), all.end()};
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

Outcome<std::optional<Segment>> Segments::close(ExportFacts facts) {
    if (auto ok = m_log.fold(); !ok) return ok.error();
    auto& database = m_log.database().raw();
    const auto known = segments_of(database);
    if (!known) return known.error();
    const Head base = known->empty() ? Head{} : Head{known->back().last, known->back().hash};
    Segment segment;
    try {
        // One row besides the last segment's own, and nothing that a later row belongs to.
        if (m_log.head().row <= base.row + 1 || something_is_open(database)) return std::optional<Segment>();
        segment.certificates = certificates_in(database, base);
    } catch (const SQLite::Exception& e) {
        return Error{Errc::audit_unreadable, e.what()}.with("reason", e.what());
    }
    if (auto ok = m_log.commit(store::Durability::machine, [] { return done(); }); !ok) return ok.error(); // a checkpoint at the last row
    segment.first = base.row + 1;
    segment.last = m_log.head().row;
    segment.hash = m_log.head().hash;
    segment.file = "catatan-" + std::to_string(segment.first) + "-" + std::to_string(segment.last) + ".jsonl";
    segment.until = facts.at;
    if (auto ok = store::make_private_folder(m_folder); !ok)
        return Error{Errc::output_unwritable, ok.error().detail}.with("file", m_folder.string()).with("reason", ok.error().detail);
    remove_strays(m_folder, *known);
    auto sha256 = write_file(segment, facts);
    if (!sha256) return sha256.error();
    if (auto ok = verify_segment(m_folder / (segment.file + ".new"), segment, base, m_key); !ok) return ok.error();
    segment.sha256 = std::move(*sha256);
    const auto from = m_folder / (segment.file + ".new"), to = m_folder / segment.file;
    const UniqueFd folder(::open(m_folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::rename(from.c_str(), to.c_str()) != 0 || fsync(folder.get()) != 0) return unwritable(to);
    if (auto ok = take_rows_out(segment); !ok) return ok.error();
    return std::optional(std::move(segment));
}

/// SHA-256 of what is on the disk now.
Outcome<std::string> Segments::write_file(const Segment& segment, const ExportFacts& facts) {
    const auto file = m_folder / (segment.file + ".new");
    ::unlink(file.c_str());
    const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return unwritable(file);
    {
        const auto view = LogView::of(m_log.database().raw());
        if (!view) return view.error();
        std::string waiting;
        auto written = export_rows(**view, {segment.first, segment.last, false}, facts, [&](std::string_view line) -> Outcome<void> {
            waiting += line;
            if (waiting.size() < (64u << 10)) return done();
            auto ok = write_all(fd.get(), file, waiting);
            waiting.clear();
            return ok;
        });
        if (!written) return written.error();
        if (auto ok = write_all(fd.get(), file, waiting); !ok) return ok.error();
    }
    if (fsync(fd.get()) != 0) return unwritable(file);
    return read_segment(file, {});
}

Outcome<void> Segments::take_rows_out(const Segment& segment) {
    auto& database = m_log.database().raw();
    return m_log.commit(store::Durability::machine, [&]() -> Outcome<void> {
        m_log.append("segment", "", body_of(segment));
        database.exec("DROP TRIGGER log_is_append_only_d");
        const auto last = std::to_string(segment.last);
        database.exec("DELETE FROM log WHERE row <= " + last + " AND kind IN " + kinds_that_go);
        // A row that stays keeps its checkpoint: some count only together with it (checkpointed_rows.hpp).
        database.exec("DELETE FROM checkpoint WHERE row < " + last + " AND row NOT IN (SELECT row FROM log)");
        database.exec("CREATE TRIGGER log_is_append_only_d BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END");
        return done();
    });
}

} // namespace jk::audit
