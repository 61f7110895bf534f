// Summary: how much stands in a log, and nothing of what stands in it. For the doctor; reads the file as it lies on the disk.
#pragma once
#include "jurukunci/clock.hpp"
#include "jurukunci/outcome.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace jk::audit {

struct Summary {
    std::optional<WallTime> last; ///< of the newest row; none in an empty log
    std::map<std::string, std::int64_t> kinds;
};

Outcome<Summary> summarise(const std::filesystem::path& file);

} // namespace jk::audit
