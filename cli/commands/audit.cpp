// jurukunci audit verify: reads the user's own log as it lies on the disk, so that it also works when the agent refuses to start on it.
#include "cli/commands/commands.hpp"

#include "agent/audit/verify.hpp"
#include "agent/config/configuration.hpp"
#include "agent/store/state_folder.hpp"

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
    }
    return "?";
}

} // namespace

int audit_verify(const Console& console) {
    auto configuration = config::read(config::system_folder());
    if (!configuration) return console.fail(configuration.error());
    const auto environment = policy::name_of(configuration->profile.environment);
    const auto folder = store::state_folder(environment);
    if (!folder) return console.fail(folder.error());
    const auto file = *folder / "audit.db";
    if (!std::filesystem::exists(file)) return console.fail(Error{Errc::not_found}.with("what", file.string()));
    const auto key = store::DeviceKey::open(*folder / "device.key");
    if (!key) return console.fail(key.error());
    try {
        SQLite::Database database(file.string(), SQLite::OPEN_READONLY, 2000);
        const auto result = audit::verify(database, *key);
        if (!result) return console.fail(result.error());
        json::array faults;
        for (const auto& fault : result->faults)
            faults.push_back(json::object{{"row", fault.row}, {"kind", name_of(fault.kind)}, {"text", fault.text}});
        console.result({{"rows", result->rows},
                        {"head", {{"row", result->head.row}, {"sha256", result->head.hash.hex()}}},
                        {"faults", faults},
                        {"intact", faults.empty()}});
        console.line(std::to_string(result->rows) + (faults.empty() ? " baris, utuh." : " baris, TIDAK utuh:"),
                     std::to_string(result->rows) + (faults.empty() ? " rows, intact." : " rows, NOT intact:"));
        for (const auto& fault : result->faults) console.line("  " + fault.text);
        return faults.empty() ? 0 : 1;
    } catch (const SQLite::Exception& e) {
        return console.fail(Error{Errc::audit_unavailable, e.what()}.with("reason", e.what()));
    }
}

} // namespace jk::cli
