// Working days: weekends, feasts that follow from a date or from Easter, and what the Dinas writes down for a year.
#include "agent/policy/working_days.hpp"
#include "tests/support/gate_fixture.hpp"

#include <gtest/gtest.h>

namespace jk::test {
namespace {

using namespace std::chrono;
using policy::Calendar;

policy::Day day(int y, unsigned m, unsigned d) { return sys_days(year_month_day(year(y), month(m), std::chrono::day(d))); }

Calendar shipped() {
    std::ifstream in(std::string(JURUKUNCI_SOURCE_DIR) + "/policies/libur-nasional.yaml");
    std::stringstream text;
    text << in.rdbuf();
    return *Calendar::read(text.str(), "libur-nasional.yaml");
}

TEST(WorkingDays, EasterAndWhatFollowsFromIt) {
    EXPECT_EQ(policy::easter(year(2026)), day(2026, 4, 5));
    EXPECT_EQ(policy::easter(year(2000)), day(2000, 4, 23));
    EXPECT_EQ(policy::easter(year(2038)), day(2038, 4, 25));
    const auto calendar = shipped();
    EXPECT_FALSE(calendar.is_working_day(day(2026, 4, 3))) << "Wafat Yesus Kristus";
    EXPECT_FALSE(calendar.is_working_day(day(2026, 5, 14))) << "Kenaikan Yesus Kristus";
    EXPECT_FALSE(calendar.is_working_day(day(2026, 8, 17)));
    EXPECT_FALSE(calendar.is_working_day(day(2026, 8, 22))) << "Saturday";
    EXPECT_TRUE(calendar.is_working_day(day(2026, 8, 18)));
}

TEST(WorkingDays, TangerangSelatansWindowIsCountedBackFromTheExpiry) {
    const auto expires = *parse_rfc3339("2026-08-31T03:00:00Z");
    const auto regulation = regulation_of("tangsel-71-2022.yaml");
    auto window = policy::renewal_window(regulation, shipped(), expires);
    ASSERT_TRUE(window);
    // Back from Monday 31 August: 10 working days in the two weeks before (17 August falls in the third), and so on.
    EXPECT_EQ(window->opens, day(2026, 7, 17));
    EXPECT_FALSE(window->certain) << "the year's feasts are not filled in yet";
    EXPECT_TRUE(window->obliged);
    EXPECT_EQ(window->citation, "Pasal 12 ayat (2), (3) dan (4)");
    const auto filled = Calendar::read("tetap: [{tanggal: 08-17}]\ntahun: {2026: {lengkap: true, hari: [{tanggal: 2026-08-25}]}}\n", "f");
    ASSERT_TRUE(filled) << filled.error().log_line();
    window = policy::renewal_window(regulation, *filled, expires);
    EXPECT_EQ(window->opens, day(2026, 7, 16)) << "one feast more, one day earlier";
    EXPECT_TRUE(window->certain);
}

TEST(WorkingDays, TheDayIsIndonesias) {
    EXPECT_EQ(policy::day_in_indonesia(*parse_rfc3339("2026-08-30T16:59:59Z")), day(2026, 8, 30));
    EXPECT_EQ(policy::day_in_indonesia(*parse_rfc3339("2026-08-30T17:00:00Z")), day(2026, 8, 31));
}

TEST(WorkingDays, ACityWithoutAWindowHasNone) {
    const auto expires = *parse_rfc3339("2026-08-31T03:00:00Z");
    for (const char* city : {"pekalongan-98-2018", "mataram-30-2018", "bekasi-84-2017", "palembang-23-2020"})
        EXPECT_FALSE(policy::renewal_window(regulation_of(city + std::string(".yaml")), shipped(), expires)) << city;
}

TEST(WorkingDays, Row9_2_TheReminderSaysWhatTheCitySays) {
    const auto expires = *parse_rfc3339("2026-08-31T03:00:00Z");
    struct City {
        const char* id;
        bool obliged;
    };
    for (const auto& city : {City{"pekalongan-98-2018", false}, City{"mataram-30-2018", true}, City{"tangsel-71-2022", true},
                             City{"bekasi-84-2017", true}, City{"palembang-23-2020", false}}) {
        const auto regulation = regulation_of(city.id + std::string(".yaml"));
        const auto at = [&](const char* when) { return policy::renewal_reminder(regulation, shipped(), expires, *parse_rfc3339(when)); };
        EXPECT_FALSE(at("2026-06-01T00:00:00Z")) << city.id;
        EXPECT_FALSE(at("2026-08-31T03:00:00Z")) << "expired: " << city.id;
        const auto due = at("2026-08-01T03:00:00Z");
        ASSERT_TRUE(due) << city.id;
        EXPECT_EQ(due->citation, regulation.renewal.basis.citation);
        EXPECT_FALSE(due->citation.empty()) << city.id;
        const auto sentence = due->sentence(Language::indonesian);
        EXPECT_NE(sentence.find("30 hari lagi"), std::string::npos) << sentence;
        EXPECT_EQ(sentence.find("wajib") != std::string::npos, city.obliged) << city.id << ": " << sentence;
        EXPECT_EQ(sentence.find("dapat") != std::string::npos, !city.obliged) << city.id << ": " << sentence;
    }
}

TEST(WorkingDays, AMistakeInTheCalendarIsRefused) {
    EXPECT_FALSE(Calendar::read("tetap: [{tanggal: 31-12}]", "f"));
    EXPECT_FALSE(Calendar::read("tahun: {2026: {lengkap: ya, hari: 3}}", "f"));
    EXPECT_FALSE(Calendar::read("[]", "f"));
}

} // namespace
} // namespace jk::test
