// SegmentFile: reads a closed segment of the log: an export, line by line. Bytes from the disk of the user: anybody of theirs may have changed them.
#pragma once
#include "agent/audit/log_view.hpp"

namespace jk::audit {

inline constexpr std::size_t longest_line = 16u << 20;

struct SegmentReader {
    std::function<Outcome<void>(std::int64_t first, std::int64_t last)> head = [](auto, auto) { return done(); };
    std::function<Outcome<void>(const StoredRow&)> row = [](const auto&) { return done(); };
    std::function<Outcome<void>(const StoredCheckpoint&)> checkpoint = [](const auto&) { return done(); };
};

/// One line that is no head; which of the two it is.
Outcome<void> read_segment_line(std::string_view line, const SegmentReader& reader);

/// The whole file in its order; SHA-256 of its bytes, hexadecimal. audit_unreadable.
Outcome<std::string> read_segment(const std::filesystem::path& file, const SegmentReader& reader);

} // namespace jk::audit
