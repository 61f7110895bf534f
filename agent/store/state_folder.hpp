// Where a user's agent keeps things: private folders that belong to the user, are no symlinks, and are held by one agent at a time.
#pragma once
#include "jurukunci/outcome.hpp"
#include "jurukunci/unique_fd.hpp"

#include <filesystem>

namespace jk::store {

/// Makes `path` (and what is missing above it) 0700 and checks it: a real folder, ours, closed to others.
Outcome<void> make_private_folder(const std::filesystem::path& path);

/// $XDG_STATE_HOME/jurukunci/ENVIRONMENT; uji and produksi never share a folder.
Outcome<std::filesystem::path> state_folder(std::string_view environment);
/// $XDG_RUNTIME_DIR/jurukunci
Outcome<std::filesystem::path> runtime_folder();

/// Held for the agent's life; a second agent on the same folder is refused.
Outcome<UniqueFd> lock_folder(const std::filesystem::path& folder);

/// A new file without a name in `folder`: gone when the last descriptor is closed, whatever happens to us.
Outcome<UniqueFd> nameless_file(const std::filesystem::path& folder);

/// Puts a whole new file (0600) under this name, whatever stood there: a link is replaced, not followed.
Outcome<void> replace_file(const std::filesystem::path& path, std::string_view text);
/// The same, and on the disk when it returns.
Outcome<void> replace_file_durably(const std::filesystem::path& path, std::string_view text);

} // namespace jk::store
