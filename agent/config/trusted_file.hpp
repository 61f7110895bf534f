// Reading configuration that others must not be able to change: a regular file below a folder of the same owner, root's or (for a
// folder given for tests) our own, writable by nobody else.
#pragma once
#include "jurukunci/outcome.hpp"

#include <filesystem>
#include <string>

namespace jk::config {

enum class Owner { root, root_or_self };

Outcome<std::string> read_trusted(const std::filesystem::path& file, Owner owner);
/// Names in `folder` that end in `extension`, sorted; none if there is no folder.
Outcome<std::vector<std::filesystem::path>> list_trusted(const std::filesystem::path& folder, const std::string& extension, Owner owner);
/// A library that will be loaded: its real path, judged likewise together with every folder above it.
Outcome<std::filesystem::path> trusted_library(const std::filesystem::path& file, Owner owner);

} // namespace jk::config
