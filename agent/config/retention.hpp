// Retention: how long the log stays where it is, from retention.yaml in the configuration folder. Root's word; absent: the log stays whole for ever.
#pragma once
#include "jurukunci/outcome.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace jk::config {

struct Retention {
    std::int64_t segment_rows = 0; ///< rows after which a segment is closed; 0: not for this reason
    std::int64_t segment_days = 0;
    int keep_years = 0; ///< after which `jurukunci audit prune` may delete a segment; 0: never
    std::string basis;  ///< the decision behind keep_years; demanded with it
};

/// Strict, like the profile. config_refused.
Outcome<Retention> read_retention(std::string_view yaml);

} // namespace jk::config
