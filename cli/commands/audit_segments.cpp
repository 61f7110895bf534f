// jurukunci audit rotate, prune: on the files, under the agent's own lock, while no agent runs.
#include "agent/audit/custody.hpp"
#include "agent/audit/segments.hpp"
#include "agent/config/configuration.hpp"
#include "agent/reports/head_witness.hpp"
#include "agent/store/state_folder.hpp"
#include "cli/commands/audit.hpp"
#include "jurukunci/version.hpp"

#include <boost/json/array.hpp>

namespace jk::cli {
namespace {

struct OwnLog {
    config::Configuration configuration;
    std::filesystem::path folder;
    UniqueFd lock;
    SystemClock clock;
    std::unique_ptr<audit::Custody> custody;

    static Outcome<std::unique_ptr<OwnLog>> open() {
        auto self = std::make_unique<OwnLog>();
        auto configuration = config::read(config::system_folder());
        if (!configuration) return std::move(configuration).error();
        self->configuration = std::move(*configuration);
        auto folder = store::state_folder(policy::name_of(self->configuration.profile.environment));
        if (!folder) return folder.error();
        self->folder = *folder;
        auto lock = store::lock_folder(self->folder);
        if (!lock) return lock.error();
        self->lock = std::move(*lock);
        auto custody = audit::Custody::open(self->folder, self->clock, reports::heads_remembered(self->folder));
        if (!custody) return std::move(custody).error();
        self->custody = std::move(*custody);
        return self;
    }
    audit::Segments segments() { return audit::Segments(custody->log(), custody->key(), clock, folder); }
};

json::object shown(const audit::Segment& segment) {
    return {{"first", segment.first}, {"last", segment.last}, {"file", segment.file}, {"fileSha256", segment.sha256}, {"sha256", segment.hash.hex()}};
}

} // namespace

int audit_rotate(const Console& console) {
    auto own = OwnLog::open();
    if (!own) return console.fail(own.error());
    const auto& profile = (*own)->configuration.profile;
    auto closed = (*own)->segments().close({std::string(version()), profile.regulation.id, std::string(policy::name_of(profile.environment)),
                                            (*own)->clock.now(), (*own)->custody->key().public_key()});
    if (!closed) return console.fail(closed.error());
    if (!*closed) {
        console.result({{"segment", nullptr}});
        console.line("Belum ada yang dapat ditutup: catatan kosong, atau ada operasi yang belum selesai (jalankan agennya sekali).",
                     "Nothing can be closed: the log has no rows to give, or an operation has not ended (start the agent once).");
        return 0;
    }
    const auto& segment = **closed;
    console.result({{"segment", shown(segment)}});
    const auto rows = std::to_string(segment.first) + "–" + std::to_string(segment.last);
    console.line("Baris " + rows + " sekarang ada di segments/" + segment.file + ".", "Rows " + rows + " are in segments/" + segment.file + " now.");
    return 0;
}

int audit_prune(const Console& console) {
    auto own = OwnLog::open();
    if (!own) return console.fail(own.error());
    const auto& retention = (*own)->configuration.retention;
    if (retention.keep_years == 0) {
        const std::string why = "retention.yaml names no keep_years, so everything is kept";
        return console.fail(Error{Errc::segment_refused, why}.with("file", "segments").with("reason", why));
    }
    const auto gone = (*own)->segments().prune(retention.keep_years, retention.basis);
    if (!gone) return console.fail(gone.error());
    json::array all;
    for (const auto& segment : *gone) all.push_back(shown(segment));
    console.result({{"pruned", std::move(all)}, {"keepYears", retention.keep_years}, {"basis", retention.basis}});
    for (const auto& segment : *gone) console.line("  " + segment.file);
    const auto count = std::to_string(gone->size());
    console.line(count + " segmen dihapus.", count + " segments were deleted.");
    return 0;
}

} // namespace jk::cli
