// What may be reported in each city, and what follows: by the city's own articles, never another's. Rows 10.2, 11.4, 17.1, 17.2, 18.1.
#include "agent/policy/incident_rules.hpp"
#include "tests/support/report_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jk::test {
namespace {

using testing::ElementsAreArray;

struct Category {
    std::string value, citation;
    bool incident, helpdesk, blocks;
    friend bool operator==(const Category&, const Category&) = default;
    friend void PrintTo(const Category& c, std::ostream* out) {
        *out << c.value << " (" << c.citation << ")" << c.incident << c.helpdesk << c.blocks;
    }
};

struct City {
    std::string file, short_name;
    std::vector<Category> categories;
    std::string asks_significance; ///< empty: none does
    std::string lost;              ///< the category of a lost key
    std::string authority_report;  ///< citation, where a report to the authority is demanded
};

const std::vector<City>& cities() {
    static const std::vector<City> all{
        {"pekalongan-98-2018.yaml",
         "pekalongan",
         {{"digunakan_orang_lain", "Pasal 19 huruf d", true, false, true},
          {"kesalahan_informasi", "Pasal 19 huruf d", true, false, true},
          {"kehilangan_kunci_privat", "Pasal 19 huruf d; Pasal 15 ayat (4)", true, false, true},
          {"kebocoran_kunci_privat", "Pasal 19 huruf d", true, false, true},
          {"rusak_atau_tidak_dapat_diakses", "Pasal 15 ayat (4)", true, false, true},
          {"data_pembuatan_tte_dibobol", "Pasal 20 huruf c angka 1", true, false, true},
          {"keadaan_berisiko", "Pasal 20 huruf c angka 2", true, false, true},
          {"lainnya", "", true, false, true}},
         "",
         "kehilangan_kunci_privat",
         ""},
        {"mataram-30-2018.yaml",
         "mataram",
         {{"hilang_rusak_tidak_dapat_diakses", "Pasal 25 ayat (3) huruf a", true, false, true},
          {"masalah_otentikasi_keaslian_penyangkalan", "Pasal 25 ayat (3) huruf b", true, true, true},
          {"lainnya", "", true, false, true}},
         "masalah_otentikasi_keaslian_penyangkalan",
         "hilang_rusak_tidak_dapat_diakses",
         "Pasal 16 ayat (3)"},
        {"tangsel-71-2022.yaml",
         "tangsel",
         {{"insiden_keamanan_informasi", "Pasal 21 ayat (2) huruf b", true, false, true},
          {"penyalahgunaan", "Pasal 13 ayat (2) huruf b", true, false, true},
          {"pasangan_kunci_tidak_dapat_diakses", "Pasal 22 ayat (3) huruf a-e", false, true, true},
          {"gangguan_passphrase", "Pasal 22 ayat (3) huruf a-e", false, true, false},
          {"autentikasi_keaslian_penyangkalan", "Pasal 22 ayat (3) huruf a-e", false, true, false},
          {"gangguan_infrastruktur_pemda_atau_psre", "Pasal 22 ayat (3) huruf a-e", false, true, false},
          {"ketidaktersediaan_sistem_elektronik", "Pasal 22 ayat (3) huruf a-e", false, true, false},
          {"lainnya", "", true, false, true}},
         "",
         "pasangan_kunci_tidak_dapat_diakses",
         ""},
        {"bekasi-84-2017.yaml",
         "bekasi",
         {{"hilang_rusak_tidak_dapat_diakses", "Pasal 25 ayat (3) huruf a", true, false, true},
          {"masalah_otentikasi_keaslian_penyangkalan", "Pasal 25 ayat (3) huruf b", true, true, true},
          {"lainnya", "", true, false, true}},
         "masalah_otentikasi_keaslian_penyangkalan",
         "hilang_rusak_tidak_dapat_diakses",
         "Pasal 16 ayat (3)"},
        {"palembang-23-2020.yaml",
         "palembang",
         {{"digunakan_orang_lain", "Pasal 14 huruf d", true, false, true},
          {"kesalahan_informasi", "Pasal 14 huruf d", true, false, true},
          {"kehilangan_kunci_privat", "Pasal 14 huruf d", true, false, true},
          {"kebocoran_kunci_privat", "Pasal 14 huruf d", true, false, true},
          {"hilang_rusak_tidak_dapat_diakses", "Pasal 14 huruf f", true, false, true},
          {"data_pembuatan_tte_dibobol", "Pasal 15 huruf c angka 1; Pasal 13 ayat (2) huruf c angka 1", true, false, true},
          {"keadaan_berisiko", "Pasal 15 huruf c angka 2; Pasal 13 ayat (2) huruf c angka 2", true, false, true},
          {"lainnya", "", true, false, true}},
         "",
         "kehilangan_kunci_privat",
         ""},
    };
    return all;
}

class ReportsOfCity : public testing::TestWithParam<City> {
protected:
    policy::Regulation regulation = regulation_of(GetParam().file);
};
INSTANTIATE_TEST_SUITE_P(Cities, ReportsOfCity, testing::ValuesIn(cities()), [](const auto& city) { return city.param.short_name; });

TEST_P(ReportsOfCity, Row17_2_Row18_1_CategoriesAreTheCitysWithItsArticles) {
    std::vector<Category> found;
    for (const auto& c : policy::report_categories(regulation)) found.push_back({c.value, c.citation, c.incident, c.helpdesk, c.blocks});
    EXPECT_THAT(found, ElementsAreArray(GetParam().categories));
}

TEST_P(ReportsOfCity, Row17_2_AnotherCitysCategoryIsRefused) {
    for (const auto& other : cities())
        for (const auto& category : other.categories) {
            const bool ours = std::ranges::find(GetParam().categories, category.value, &Category::value) != GetParam().categories.end();
            const auto judged = policy::judge_category(regulation, category.value, true, true);
            EXPECT_EQ(judged.has_value(), ours) << category.value;
            if (!judged) {
                EXPECT_EQ(judged.error().entry().code, "E-KATEGORI-LAPORAN-TIDAK-ADA");
            }
        }
}

TEST_P(ReportsOfCity, Row17_1_OnlyMataramAndBekasiAskForSignificance) {
    for (const auto& category : GetParam().categories) {
        const auto unanswered = policy::judge_category(regulation, category.value, std::nullopt, true);
        EXPECT_EQ(unanswered.has_value(), category.value != GetParam().asks_significance) << category.value;
        if (!unanswered) {
            EXPECT_EQ(unanswered.error().entry().code, "E-SIGNIFIKANSI-KOSONG");
            EXPECT_EQ(unanswered.error().citation, category.citation);
            const auto grave = policy::judge_category(regulation, category.value, true, true);
            const auto small = policy::judge_category(regulation, category.value, false, true);
            EXPECT_TRUE(grave->incident && grave->blocks);
            EXPECT_FALSE(small->incident || small->blocks);
            EXPECT_EQ(small->citation, "Pasal 23 ayat (1)");
        }
    }
}

TEST_P(ReportsOfCity, Row10_2_Row10_5_TheBlockNeedsNoPapers) {
    ReportFixture t(GetParam().file);
    const auto answer = t.report({{"category", GetParam().lost}, {"tokenSerial", "1234"}});
    ASSERT_TRUE(answer) << answer.error().log_line();
    auto request = t.request();
    request.task_kind = regulation.task_kinds.front().value;
    const auto operation = t.sign(std::move(request));
    ASSERT_TRUE(operation->error);
    EXPECT_EQ(operation->error->entry().code, "E-DIBLOKIR-LOKAL") << operation->error->log_line();
    EXPECT_EQ(t.token.windows, 0);
}

TEST_P(ReportsOfCity, Row11_4_SendingWaitsForTheAuthoritysReportWhereTheCityDemandsIt) {
    ReportFixture t(GetParam().file);
    const auto answer = *t.report({{"category", GetParam().lost}, {"tokenSerial", "1234"}});
    const std::string number(answer.at("report").at("number").as_string());
    const auto sent = t.desk->send(number);
    if (GetParam().authority_report.empty()) {
        EXPECT_TRUE(sent);
        EXPECT_EQ(t.outbox->all()->size(), 1u);
        return;
    }
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().entry().code, "E-LAPORAN-BERWENANG-BELUM");
    EXPECT_EQ(sent.error().citation, GetParam().authority_report);
    EXPECT_EQ(sent.error().sentence(Language::indonesian),
              "Laporan " + number + " belum dapat dikirim: laporan kepada pihak yang berwenang belum dilampirkan. Kunci tetap diblokir.");
    EXPECT_TRUE(t.outbox->all()->empty());
    EXPECT_EQ(t.why_not(), Errc::blocked_locally);
    t.open(); // a restart does not send it either
    EXPECT_TRUE(t.outbox->all()->empty());
    ASSERT_TRUE(t.desk->attach(number, "laporan_pihak_berwenang", "polisi.pdf", Bytes{1, 2, 3}));
    EXPECT_TRUE(t.desk->send(number));
    EXPECT_EQ(t.outbox->all()->size(), 1u);
}

} // namespace
} // namespace jk::test
