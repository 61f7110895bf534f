// The city's letters: which ones, to whom in which order, who signs. Rows 11.2, 11.3, 13.3, 17.3, 17.4, 18.2.
#include "cli/papers/pdf.hpp"
#include "tests/support/judges.hpp"
#include "tests/support/report_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace jk::test {
namespace {

using papers::Paper;
using testing::Contains;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::Not;

struct Letters {
    std::string file, short_name, lost;
    std::vector<std::string> kinds;      ///< of a lost key
    std::vector<std::string> signers;    ///< of the surat keterangan, left to right
    std::vector<std::string> to, copies; ///< of the incident letter
    std::string statement_basis, incident_basis;
    std::vector<std::string> foreign; ///< must stand in no letter of this city
};

std::vector<Letters> letters() {
    return {
        {"pekalongan-98-2018.yaml",
         "pekalongan",
         "kehilangan_kunci_privat",
         {"laporan_pertama", "surat_keterangan", "permohonan_pencabutan", "permohonan_penerbitan_ulang", "pemberitahuan"},
         {"Atasan Langsung"},
         {},
         {},
         "Pasal 15 ayat (4)",
         "",
         {"Mataram", "Bekasi", "Palembang", "Tangerang", "Gubernur"}},
        {"mataram-30-2018.yaml",
         "mataram",
         "hilang_rusak_tidak_dapat_diakses",
         {"laporan_pertama", "surat_keterangan", "permohonan_pencabutan", "permohonan_penerbitan_ulang", "surat_insiden"},
         {"Atasan", "Pemilik Sertifikat Elektronik"},
         {"Walikota Mataram"},
         {"Kepala Badan Siber dan Sandi Negara", "Kepala BSrE"},
         "Pasal 16 ayat (3)",
         "Pasal 25 ayat (1)",
         {"Jawa Barat", "Gubernur", "Lembaga Sandi", "Bekasi", "Pekalongan"}},
        {"tangsel-71-2022.yaml",
         "tangsel",
         "insiden_keamanan_informasi",
         {"laporan_pertama", "permohonan_pencabutan", "surat_insiden"},
         {},
         {"Penyelenggara Sertifikasi Elektronik"},
         {},
         "",
         "Pasal 21 ayat (2) huruf b; Pasal 22 ayat (2)",
         {"Gubernur", "BSrE", "Bekasi", "Mataram"}},
        {"bekasi-84-2017.yaml",
         "bekasi",
         "hilang_rusak_tidak_dapat_diakses",
         {"laporan_pertama", "surat_keterangan", "permohonan_pencabutan", "permohonan_penerbitan_ulang", "surat_insiden"},
         {"Atasan", "Pemilik Sertifikat Elektronik"},
         {"Wali Kota Bekasi", "Gubernur Jawa Barat", "Kepala Lembaga Sandi Negara (kini Badan Siber dan Sandi Negara)", "Kepala BSrE"},
         {},
         "Pasal 16 ayat (3)",
         "Pasal 25 ayat (1); Pasal 1 angka 5",
         {"Mataram", "Nusa Tenggara", "Pekalongan"}},
        {"palembang-23-2020.yaml",
         "palembang",
         "hilang_rusak_tidak_dapat_diakses",
         {"laporan_pertama", "surat_keterangan", "permohonan_pencabutan", "permohonan_penerbitan_ulang", "pemberitahuan"},
         {"Kepala Perangkat Daerah"},
         {},
         {},
         "Pasal 14 huruf f",
         "",
         {"Gubernur", "Lembaga Sandi", "Mataram", "Bekasi"}},
    };
}

reports::ReportCase sample(const Letters& city, const policy::Regulation& regulation, const std::string& category) {
    const auto judged = policy::judge_category(regulation, category, true, true);
    if (!judged) throw std::runtime_error(judged.error().log_line());
    reports::ReportCase c;
    c.id = "k_1";
    c.number = "L-2026-0001";
    c.category = category;
    c.citation = judged->citation;
    c.incident = judged->incident;
    c.helpdesk = judged->helpdesk;
    c.blocks = judged->blocks;
    c.lost_key = judged->lost_key;
    c.city = regulation.city;
    c.description = "Tas beserta token tertinggal di kereta; isi " + city.short_name + ".";
    c.known = c.opened = *parse_rfc3339("2026-11-21T08:00:00Z");
    c.last_safe = *parse_rfc3339("2026-11-20T01:00:00Z");
    c.holder = {"Sri Rahayu, S.H.", "198001012005011001", "Kepala Bidang Persandian", "Dinas Komunikasi dan Informatika"};
    c.superior = {"Drs. Bambang Wiyono", "197001011995031002", "Sekretaris Dinas", ""};
    c.head_of_unit = {"Ir. Endang Lestari, M.T.", "196801011993032003", "Kepala Dinas", ""};
    c.token_serial = "A1B2C3D4";
    c.certificates = {std::string(64, 'a')};
    return c;
}

const std::vector<papers::SignedDocument>& two_documents() {
    static const std::vector<papers::SignedDocument> all{
        {"Undangan Rapat.pdf", std::string(64, 'b'), "2026-11-20T03:30:00Z", "e-Office", "https://eoffice.example", true},
        {"Nota Dinas.pdf", std::string(64, 'c'), "2026-11-21T02:00:00Z", "e-Office", "https://eoffice.example", false}};
    return all;
}

class PapersOfCity : public testing::TestWithParam<Letters> {
protected:
    std::vector<Paper> make(const std::string& category) {
        report = sample(GetParam(), regulation, category);
        const papers::Occasion occasion{regulation, report, two_documents(), true, *parse_rfc3339("2026-11-21T13:10:00Z")};
        return papers::papers_for(occasion);
    }
    std::vector<Paper> make() { return make(GetParam().lost); }
    static const Paper* find(const std::vector<Paper>& all, const std::string& kind) {
        const auto place = std::ranges::find(all, kind, &Paper::kind);
        return place == all.end() ? nullptr : &*place;
    }
    policy::Regulation regulation = regulation_of(GetParam().file);
    reports::ReportCase report;
};
INSTANTIATE_TEST_SUITE_P(Cities, PapersOfCity, testing::ValuesIn(letters()), [](const auto& city) { return city.param.short_name; });

TEST_P(PapersOfCity, Row11_2_Row17_5_TheSetIsTheCitys) {
    std::vector<std::string> kinds;
    for (const auto& paper : make()) kinds.push_back(paper.kind);
    EXPECT_THAT(kinds, ElementsAreArray(GetParam().kinds));
}

TEST_P(PapersOfCity, Row11_3_TheStatementIsSignedByWhomTheCityNames) {
    const auto all = make();
    const auto* statement = find(all, "surat_keterangan");
    if (GetParam().signers.empty()) {
        EXPECT_EQ(statement, nullptr);
        return;
    }
    ASSERT_NE(statement, nullptr);
    std::vector<std::string> roles;
    for (const auto& block : statement->signatures) roles.push_back(block.role);
    EXPECT_THAT(roles, ElementsAreArray(GetParam().signers));
    EXPECT_THAT(statement->basis, HasSubstr(GetParam().statement_basis));
    EXPECT_THAT(statement->basis, HasSubstr("Nomor " + std::to_string(regulation.number) + " Tahun " + std::to_string(regulation.year)));
}

TEST_P(PapersOfCity, Row17_4_TheIncidentLetterHasTheCitysRecipientsInOrder) {
    const auto all = make();
    const auto* letter = find(all, "surat_insiden");
    if (GetParam().to.empty()) {
        EXPECT_EQ(letter, nullptr);
        return;
    }
    ASSERT_NE(letter, nullptr);
    EXPECT_THAT(letter->to, ElementsAreArray(GetParam().to));
    EXPECT_THAT(letter->copies, ElementsAreArray(GetParam().copies));
    EXPECT_THAT(letter->basis, HasSubstr(GetParam().incident_basis));
}

TEST_P(PapersOfCity, Row17_4_NoLetterNamesAnotherCity) {
    for (const auto& paper : make()) {
        const auto text = json::serialize(papers::to_json(paper));
        for (const auto& word : GetParam().foreign) EXPECT_THAT(text, Not(HasSubstr(word))) << paper.kind;
    }
}

TEST_P(PapersOfCity, Row13_3_OnlyPekalonganAndPalembangNoticeThoseWhoRely) {
    const auto all = make();
    const auto* notice = find(all, "pemberitahuan");
    const bool demanded = GetParam().short_name == "pekalongan" || GetParam().short_name == "palembang";
    ASSERT_EQ(notice != nullptr, demanded);
    if (!demanded) return;
    EXPECT_THAT(notice->to, ElementsAre("Pengelola e-Office (https://eoffice.example)"));
    ASSERT_EQ(notice->list.size(), 2u);
    EXPECT_THAT(notice->list[1], HasSubstr("hasilnya tidak diketahui"));
}

TEST_P(PapersOfCity, TheLettersAreReadableAsPdf) {
    ScratchFolder folder;
    const char* keep = std::getenv("JURUKUNCI_KEEP_PAPERS");
    for (const auto& paper : make()) {
        const auto pdf = papers::to_pdf(paper, regulation, "", *parse_rfc3339("2026-11-21T13:10:00Z"));
        ASSERT_TRUE(pdf);
        const auto file = (keep != nullptr ? std::filesystem::path(keep) : folder.path()) / (GetParam().short_name + "-" + paper.kind + ".pdf");
        std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(pdf->data()), static_cast<std::streamsize>(pdf->size()));
        EXPECT_EQ(qpdf_check(file).exit_code, 0);
        auto text = run_command("pdftotext -layout " + quoted(file) + " - | tr -s ' \\n' ' '").text;
        EXPECT_THAT(text, HasSubstr(paper.title));
        EXPECT_THAT(text, HasSubstr("Sri Rahayu, S.H."));
        EXPECT_THAT(text, HasSubstr("198001012005011001"));
        std::size_t last = 0;
        for (const auto& recipient : paper.to) {
            const auto words = recipient.substr(0, 30);
            const auto at = text.find(words, last);
            EXPECT_NE(at, std::string::npos) << recipient << " in " << text;
            last = at == std::string::npos ? last : at;
        }
        EXPECT_THAT(text, Not(HasSubstr("aa-"))) << "a broken fingerprint gained a hyphen";
        for (const auto& copy : paper.copies) EXPECT_THAT(text, HasSubstr(copy));
        for (const auto& block : paper.signatures) EXPECT_THAT(text, HasSubstr(block.role));
    }
}

TEST(Papers, Row18_1_AHelpdeskTicketOfTangerangSelatanGoesToTheTeamAndNamesThePsre) {
    const auto regulation = regulation_of("tangsel-71-2022.yaml");
    const auto city = letters()[2];
    const auto report = sample(city, regulation, "gangguan_passphrase");
    const std::vector<papers::SignedDocument> none;
    const papers::Occasion occasion{regulation, report, none, true, report.known};
    const auto all = papers::papers_for(occasion);
    const auto ticket = std::ranges::find(all, "tiket_bantuan", &Paper::kind);
    ASSERT_NE(ticket, all.end());
    EXPECT_THAT(ticket->to, ElementsAre("Tim pengelola sertifikat elektronik pada Dinas"));
    EXPECT_THAT(ticket->paragraphs, Contains(HasSubstr("PSrE")));
    EXPECT_EQ(std::ranges::find(all, "surat_insiden", &Paper::kind), all.end());
}

} // namespace
} // namespace jk::test
