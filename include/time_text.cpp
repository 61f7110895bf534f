#include "jurukunci/clock.hpp"

#include <cstdio>
#include <string>

namespace jk {
namespace {

struct Civil {
    std::chrono::year_month_day date;
    std::chrono::hh_mm_ss<std::chrono::seconds> time;
};

Civil civil(WallTime time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    return {std::chrono::year_month_day(day), std::chrono::hh_mm_ss<std::chrono::seconds>(seconds - day)};
}

std::string print(WallTime time, const char* pattern) {
    const auto c = civil(time);
    char text[64];
    std::snprintf(text, sizeof text, pattern, int(c.date.year()), unsigned(c.date.month()), unsigned(c.date.day()), int(c.time.hours().count()),
                  int(c.time.minutes().count()), int(c.time.seconds().count()));
    return text;
}

} // namespace

std::string rfc3339(WallTime time) { return print(time, "%04d-%02u-%02uT%02d:%02d:%02dZ"); }
std::string pdf_date(WallTime time) { return print(time, "D:%04d%02u%02u%02d%02d%02dZ"); }

std::string indonesian_date(WallTime time) {
    static constexpr const char* months[] = {"Januari", "Februari", "Maret",     "April",   "Mei",      "Juni",
                                             "Juli",    "Agustus",  "September", "Oktober", "November", "Desember"};
    const auto c = civil(time);
    return std::to_string(unsigned(c.date.day())) + " " + months[unsigned(c.date.month()) - 1] + " " + std::to_string(int(c.date.year()));
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
    int year = 0, hour = 0, minute = 0, second = 0, used = 0;
    unsigned month = 0, day = 0;
    const std::string copy(text);
    if (std::sscanf(copy.c_str(), "%4d-%2u-%2uT%2d:%2d:%2dZ%n", &year, &month, &day, &hour, &minute, &second, &used) != 6 ||
        static_cast<std::size_t>(used) != copy.size())
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
    if (!date.ok() || hour > 23 || minute > 59 || second > 59 || hour < 0 || minute < 0 || second < 0) return std::nullopt;
    const auto time = WallTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
    if (rfc3339(time) != text) return std::nullopt; // sscanf takes short, signed and padded numbers, too
    return time;
}

} // namespace jk
