// WhatIsThere: a look at the files of a log before they are opened for writing, compared with what witnesses remember. Changes nothing.
#pragma once
#include "agent/audit/loss.hpp"
#include "agent/store/device_key.hpp"

#include <filesystem>

namespace jk::audit {

struct WhatIsThere {
    std::string fault; ///< as Loss::found; empty: this is the log that the key wrote
    Head head;         ///< of the database
    std::vector<Witness> witnesses;
    std::size_t tail_rows = 0;

    /// The furthest that anybody knows of.
    Head known() const;
};

/// `born`: the device key is about to write its first log. audit_unavailable where the files cannot be looked at now: that is no loss.
Outcome<WhatIsThere> look_at_log(const std::filesystem::path& folder, const store::DeviceKey& key, bool born, std::vector<Witness> others);

} // namespace jk::audit
