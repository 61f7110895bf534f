// Working days: Monday to Friday without the days on which the offices are closed (policies/libur-nasional.yaml). Days are Indonesia's
// (UTC+7), because an expiry at 23:00 UTC is the next day's for the people who read it.
#pragma once
#include "agent/policy/regulation.hpp"
#include "jurukunci/clock.hpp"

#include <set>

namespace jk::policy {

using Day = std::chrono::sys_days;

class Calendar {
public:
    /// Without a file only weekends are known, and no year is complete.
    static Outcome<Calendar> read(std::string_view yaml, const std::string& file);

    bool is_working_day(Day day) const;
    /// The year's own feasts were written down by the Dinas.
    bool complete(std::chrono::year year) const { return m_complete.contains(static_cast<int>(year)); }

    struct Counted {
        Day day;
        bool certain = false; ///< every year that was counted over is complete; else the true day can only be earlier
    };
    /// The day from which `count` working days are left until `end`: `end` itself is not counted.
    Counted before(Day end, int count) const;

private:
    std::set<std::pair<unsigned, unsigned>> m_fixed; ///< month, day
    std::set<int> m_after_easter;
    std::set<Day> m_days;
    std::set<int> m_complete;
};

/// Of the Gregorian calendar, by the computus.
Day easter(std::chrono::year year);
Day day_in_indonesia(WallTime time);

/// When the city wants a certificate renewed (row 9.2); nothing where it sets no window.
struct RenewalWindow {
    Day opens;
    bool certain = false;
    bool obliged = false; ///< "wajib"; else "dapat"
    std::string citation;
};
std::optional<RenewalWindow> renewal_window(const Regulation& regulation, const Calendar& calendar, WallTime expires);

/// What the owner is reminded of (row 9.2): the city's "wajib" or "dapat", with its article. From 90 days before the expiry, or from the opening of
/// the city's window where that is earlier; nothing before, and nothing of a certificate that has expired.
std::optional<Error> renewal_reminder(const Regulation& regulation, const Calendar& calendar, WallTime expires, WallTime now);

} // namespace jk::policy
