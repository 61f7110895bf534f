// Clock: what time it is, through an interface so that tests can move it.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace jk {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

class Clock {
public:
    virtual ~Clock() = default;
    virtual WallTime now() const = 0;
};

class SystemClock final : public Clock {
public:
    WallTime now() const override { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }
};

/// RFC 3339 in UTC, whole seconds: "2026-11-21T08:00:00Z".
std::string rfc3339(WallTime time);
std::optional<WallTime> parse_rfc3339(std::string_view text);
/// "21 November 2026", for sentences.
std::string indonesian_date(WallTime time);
/// "D:20261121080000Z", ISO 32000-1 7.9.4.
std::string pdf_date(WallTime time);

} // namespace jk
