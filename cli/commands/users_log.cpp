#include "cli/commands/users_log.hpp"

#include "agent/store/state_folder.hpp"

namespace jk::cli {

Outcome<UsersLog> UsersLog::open() {
    auto configuration = config::read(config::system_folder());
    if (!configuration) return std::move(configuration).error();
    const auto folder = store::state_folder(policy::name_of(configuration->profile.environment));
    if (!folder) return folder.error();
    auto log = audit::LogView::open(*folder / "audit.db");
    if (!log) return std::move(log).error();
    auto key = store::DeviceKey::open(*folder / "device.key");
    if (!key) return std::move(key).error();
    return UsersLog{std::move(*configuration), std::move(*key), std::move(*log)};
}

} // namespace jk::cli
