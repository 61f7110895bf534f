// LossMark: the file audit.lost, while a loss was noticed and is not in the new log yet. Signed with the device key: a mark that somebody else wrote is
// none. It keeps what was found; the id of the loss is drawn anew whenever the new log is begun, so that no mark chooses it.
#pragma once
#include "agent/store/device_key.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace jk::audit {

/// On the disk before this returns. `body`: the first row of the log to come.
Outcome<void> write_loss_mark(const std::filesystem::path& file, std::string_view body, const store::DeviceKey& key);
/// The body; nothing where there is no mark, or none of this device.
std::optional<std::string> read_loss_mark(const std::filesystem::path& file, const store::DeviceKey& key);

} // namespace jk::audit
