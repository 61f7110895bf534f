// The file of a segment: rows of the database as it stands, an export that is read back before it has its name.
#include "agent/audit/segment_file.hpp"
#include "agent/audit/segments.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>

namespace jk::audit {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

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

std::vector<std::pair<std::string, std::string>> certificates_in(SQLite::Database& database, const Segment& segment) {
    std::set<std::pair<std::string, std::string>> all;
    SQLite::Statement rows(database, "SELECT body FROM log WHERE kind = 'consent' AND row BETWEEN ? AND ?");
    rows.bind(1, segment.first);
    rows.bind(2, segment.last);
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

Error was_stopped(const fs::path& file) {
    const std::string why = "the agent ends";
    return Error{Errc::segment_refused, file.string() + ": " + why}.with("file", file.filename().string()).with("reason", why);
}

/// SHA-256 of what is on the disk now.
Outcome<std::string> write_file(const fs::path& file, const LogView& view, const Segment& segment, const ExportFacts& facts,
                                const std::function<bool()>& stopped) {
    ::unlink(file.c_str());
    const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return unwritable(file);
    std::string waiting;
    auto written = export_rows(view, {segment.first, segment.last, false}, facts, [&](std::string_view line) -> Outcome<void> {
        waiting += line;
        if (waiting.size() < (64u << 10)) return done();
        if (stopped()) return was_stopped(file);
        auto ok = write_all(fd.get(), file, waiting);
        waiting.clear();
        return ok;
    });
    if (!written) return written.error();
    if (auto ok = write_all(fd.get(), file, waiting); !ok) return ok.error();
    if (fsync(fd.get()) != 0) return unwritable(file);
    return read_segment(file, {});
}

} // namespace

Outcome<Segment> write_segment(const fs::path& state, SegmentPlan plan, const ExportFacts& facts, const store::DeviceKey& key,
                               const std::function<bool()>& stopped) {
    auto& segment = plan.segment;
    const auto folder = state / "segments", to = folder / segment.file, from = folder / (segment.file + ".new");
    std::string sha256;
    try {
        SQLite::Database database((state / "audit.db").string(), SQLite::OPEN_READONLY, 2000);
        const auto view = LogView::of(database);
        if (!view) return view.error();
        segment.certificates = certificates_in(database, segment);
        auto written = write_file(from, **view, segment, facts, stopped);
        if (!written) return written.error();
        sha256 = std::move(*written);
    } catch (const SQLite::Exception& e) {
        return Error{Errc::audit_unreadable, e.what()}.with("reason", e.what());
    }
    if (stopped()) return was_stopped(from);
    if (auto ok = verify_segment(from, segment, plan.before, key); !ok) return ok.error();
    segment.sha256 = std::move(sha256);
    const UniqueFd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || ::rename(from.c_str(), to.c_str()) != 0 || fsync(directory.get()) != 0) return unwritable(to);
    return std::move(segment);
}

} // namespace jk::audit
