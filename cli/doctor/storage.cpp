#include "cli/doctor/examinations.hpp"

#include <sys/stat.h>

namespace jk::doctor {
namespace {

struct Unfit {
    std::string indonesian, english;
};

std::optional<Unfit> unfit_because(const Machine& machine, const std::string& folder) {
    if (folder.empty()) return Unfit{"tidak disetel", "is not set"};
    const auto facts = machine.facts(folder);
    if (!facts || !S_ISDIR(facts->mode)) return Unfit{"bukan folder, atau tidak ada", "no folder"};
    const auto owner = machine.user_name(facts->owner);
    if (facts->owner != machine.user()) return Unfit{"milik " + owner, "belongs to " + owner};
    if ((facts->mode & 0077) != 0) return Unfit{"terbuka bagi pengguna lain", "is open to others"};
    return std::nullopt;
}

std::string mebibytes(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

} // namespace

Findings examine_storage(const Machine& machine) {
    constexpr std::uint64_t scarce = 256u << 20, none = 16u << 20;
    Findings found;
    const auto runtime = machine.environment("XDG_RUNTIME_DIR");
    if (const auto unfit = unfit_because(machine, runtime))
        found.push_back({Error(Errc::runtime_folder_unfit)
                             .with("path", runtime.empty() ? "XDG_RUNTIME_DIR" : runtime)
                             .with("alasan", unfit->indonesian)
                             .with("reason", unfit->english)});
    const auto home = machine.environment("HOME"), state = machine.environment("XDG_STATE_HOME");
    const auto where = state.empty() ? home : state;
    const auto left = where.empty() ? std::nullopt : machine.free_bytes(where);
    if (left && *left < scarce)
        found.push_back(
            {Error(Errc::disk_nearly_full).with("path", where).with("free", mebibytes(*left)), *left < none ? Weight::fault : Weight::notice});
    return found;
}

} // namespace jk::doctor
