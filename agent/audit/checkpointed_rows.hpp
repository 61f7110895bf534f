// Rows of one kind on which everything later rests: each must be the row that this device's checkpoint of the same number shows. For records that
// are only a row of the log, so that no other file can say something else.
#pragma once
#include "agent/audit/log.hpp"
#include "agent/store/device_key.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace jk::audit {

struct CheckpointedRow {
    std::int64_t row = 0;
    WallTime at{};
    boost::json::object body;
};

/// Oldest first. Rows without such a checkpoint, or with another content, are left out; `left_out` counts them.
Outcome<std::vector<CheckpointedRow>> checkpointed_rows(Log& log, const store::DeviceKey& key, std::string_view kind, std::size_t& left_out);

std::string text_in(const boost::json::object& body, std::string_view name);

} // namespace jk::audit
