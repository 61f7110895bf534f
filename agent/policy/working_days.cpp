#include "agent/policy/working_days.hpp"

#include "jurukunci/config_fault.hpp"

#include <yaml-cpp/yaml.h>

namespace jk::policy {
namespace {

using namespace std::chrono;

std::optional<Day> day_of(const std::string& text) {
    const auto time = parse_rfc3339(text + "T00:00:00Z");
    if (!time) return std::nullopt;
    return floor<days>(*time);
}

} // namespace

Outcome<Calendar> Calendar::read(std::string_view yaml, const std::string& file) {
    const auto refuse = [&](const std::string& why, int line = 0) { return content_fault(file, why, line); };
    try {
        Calendar calendar;
        const YAML::Node root = YAML::Load(std::string(yaml));
        if (!root.IsMap()) return refuse("is not a mapping");
        for (const auto& entry : root["tetap"]) {
            const auto day = day_of("2000-" + entry["tanggal"].as<std::string>());
            if (!day) return refuse("tetap: " + entry["tanggal"].as<std::string>() + " is no MM-DD");
            const year_month_day date(*day);
            calendar.m_fixed.emplace(unsigned(date.month()), unsigned(date.day()));
        }
        for (const auto& entry : root["paskah"]) calendar.m_after_easter.insert(entry["hari"].as<int>());
        for (const auto& entry : root["tahun"]) {
            const auto year = entry.first.as<int>();
            if (entry.second["lengkap"].as<bool>()) calendar.m_complete.insert(year);
            for (const auto& holiday : entry.second["hari"]) {
                const auto day = day_of(holiday["tanggal"].as<std::string>());
                if (!day) return refuse("tahun: " + holiday["tanggal"].as<std::string>() + " is no date");
                calendar.m_days.insert(*day);
            }
        }
        return calendar;
    } catch (const YAML::Exception& e) {
        return refuse(e.what(), e.mark.line + 1);
    }
}

bool Calendar::is_working_day(Day day) const {
    const weekday of_week(day);
    if (of_week == Saturday || of_week == Sunday) return false;
    const year_month_day date(day);
    if (m_fixed.contains({unsigned(date.month()), unsigned(date.day())}) || m_days.contains(day)) return false;
    return !m_after_easter.contains(static_cast<int>((day - easter(date.year())).count()));
}

Calendar::Counted Calendar::before(Day end, int count) const {
    Counted counted{end, complete(year_month_day(end).year())};
    while (count > 0) {
        counted.day -= days(1);
        counted.certain = counted.certain && complete(year_month_day(counted.day).year());
        if (is_working_day(counted.day)) --count;
    }
    return counted;
}

Day easter(year of) {
    // The anonymous Gregorian computus (Meeus, Astronomical Algorithms, chapter 8).
    const int y = int(of), a = y % 19, b = y / 100, c = y % 100, d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3;
    const int h = (19 * a + b - d - g + 15) % 30, i = c / 4, k = c % 4, l = (32 + 2 * e + 2 * i - h - k) % 7, m = (a + 11 * h + 22 * l) / 451;
    const int month_number = (h + l - 7 * m + 114) / 31, day_number = (h + l - 7 * m + 114) % 31 + 1;
    return sys_days(year_month_day(of, month(static_cast<unsigned>(month_number)), day(static_cast<unsigned>(day_number))));
}

Day day_in_indonesia(WallTime time) { return floor<days>(time + hours(7)); }

std::optional<RenewalWindow> renewal_window(const Regulation& regulation, const Calendar& calendar, WallTime expires) {
    const auto& renewal = regulation.renewal;
    if (!renewal.window_working_days) return std::nullopt;
    const auto counted = calendar.before(day_in_indonesia(expires), *renewal.window_working_days);
    return RenewalWindow{counted.day, counted.certain, renewal.obliged, renewal.basis.citation};
}

std::optional<Error> renewal_reminder(const Regulation& regulation, const Calendar& calendar, WallTime expires, WallTime now) {
    const auto today = day_in_indonesia(now), last = day_in_indonesia(expires);
    const auto window = renewal_window(regulation, calendar, expires);
    const auto from = std::min(last - days(90), window ? window->opens : last);
    if (now >= expires || today < from) return std::nullopt;
    Error reminder(regulation.renewal.obliged ? Errc::renewal_obliged : Errc::renewal_possible);
    reminder.citation = regulation.renewal.basis.citation;
    return std::move(reminder).with("date", indonesian_date(expires)).with("days", std::to_string((last - today).count()));
}

} // namespace jk::policy
