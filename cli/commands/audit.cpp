// jurukunci audit verify, export: the user's own log as it lies on the disk, so that both also work when the agent refuses to start on it.
#include "cli/commands/audit.hpp"

#include "agent/audit/export.hpp"
#include "agent/audit/segments.hpp"
#include "agent/audit/verify.hpp"
#include "cli/commands/users_log.hpp"
#include "cli/whole_file.hpp"
#include "jurukunci/encoding.hpp"
#include "jurukunci/version.hpp"

#include <boost/json/array.hpp>

namespace jk::cli {
namespace {

std::string_view name_of(audit::Fault::Kind kind) {
    using enum audit::Fault::Kind;
    switch (kind) {
    case changed: return "changed";
    case removed: return "removed";
    case reordered: return "re-ordered";
    case truncated: return "truncated";
    case checkpoint: return "checkpoint";
    case segment: return "segment";
    }
    return "?";
}

} // namespace

int audit_verify(const Console& console) {
    const auto mine = UsersLog::open();
    if (!mine) return console.fail(mine.error());
    auto result = audit::verify(*mine->log, mine->key);
    if (!result) return console.fail(result.error());
    const auto state = std::filesystem::path(mine->log->database().getFilename()).parent_path();
    const auto segments = audit::segments_of(mine->log->database());
    if (const auto faults = audit::verify_segments(mine->log->database(), state, mine->key); faults)
        result->faults.insert(result->faults.begin(), faults->begin(), faults->end());
    json::array faults;
    for (const auto& fault : result->faults) faults.push_back(json::object{{"row", fault.row}, {"kind", name_of(fault.kind)}, {"text", fault.text}});
    console.result({{"rows", result->rows},
                    {"segments", segments ? segments->size() : 0},
                    {"head", {{"row", result->head.row}, {"sha256", result->head.hash.hex()}}},
                    {"faults", faults},
                    {"intact", faults.empty()}});
    console.line(std::to_string(result->rows) + (faults.empty() ? " baris, utuh." : " baris, TIDAK utuh:"),
                 std::to_string(result->rows) + (faults.empty() ? " rows, intact." : " rows, NOT intact:"));
    for (const auto& fault : result->faults) console.line("  " + fault.text);
    return faults.empty() ? 0 : 1;
}

int audit_export(const Console& console, const AuditOptions& options) {
    const auto mine = UsersLog::open();
    if (!mine) return console.fail(mine.error());
    const auto range = audit::rows_between(*mine->log, options.since, options.until);
    if (!range) return console.fail(range.error());
    const auto file = WholeFile::create(options.output, options.replace);
    if (!file) return console.fail(file.error());
    const audit::ExportFacts facts{std::string(version()), mine->configuration.profile.regulation.id, std::string(mine->environment()),
                                   SystemClock().now(), mine->key.public_key()};
    const auto exported = audit::export_rows(*mine->log, *range, facts, [&](std::string_view line) { return (*file)->write(line); });
    if (!exported) return console.fail(exported.error());
    if (auto ok = (*file)->finish(); !ok) return console.fail(ok.error());
    const auto hash = to_hex(exported->last_hash);
    console.result({{"file", options.output},
                    {"first", range->first},
                    {"rows", exported->rows},
                    {"checkpoints", exported->checkpoints},
                    {"head", {{"row", exported->last_row}, {"sha256", hash}}}});
    const auto rows = std::to_string(exported->rows);
    console.line(rows + " baris ditulis ke " + options.output + ".", rows + " rows were written to " + options.output + ".");
    console.line("Catat di berita acara, terpisah dari berkasnya; pemeriksa memerlukannya (--head):",
                 "Note this in the minutes, apart from the file; the auditor needs it (--head):");
    console.line("  " + std::to_string(exported->last_row) + ":" + hash);
    return 0;
}

} // namespace jk::cli
