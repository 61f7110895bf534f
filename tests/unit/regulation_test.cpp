// Regulation: each city's file read whole, with its own articles; what is silent stays silent, what is unknown says whom to ask.
#include "tests/support/gate_fixture.hpp"

#include <gtest/gtest.h>

#include <set>

namespace jk::test {
namespace {

using policy::Source;

policy::Regulation pekalongan() { return regulation_of("pekalongan-98-2018.yaml"); }
policy::Regulation mataram() { return regulation_of("mataram-30-2018.yaml"); }
policy::Regulation tangsel() { return regulation_of("tangsel-71-2022.yaml"); }
policy::Regulation bekasi() { return regulation_of("bekasi-84-2017.yaml"); }
policy::Regulation palembang() { return regulation_of("palembang-23-2020.yaml"); }

using Names = std::vector<std::string>;

TEST(Regulations, ValidityAndRenewalAreEachCitysOwn) {
    EXPECT_EQ(pekalongan().validity_years, 2);
    EXPECT_EQ(tangsel().validity_years, 1);
    EXPECT_EQ(palembang().validity_years, 2);
    for (const auto& silent : {mataram(), bekasi()}) {
        EXPECT_EQ(silent.validity_years, std::nullopt);
        EXPECT_EQ(silent.validity_basis.source, Source::cp);
        EXPECT_TRUE(silent.renewal.obliged);
        EXPECT_EQ(silent.renewal.window_working_days, std::nullopt);
        EXPECT_EQ(silent.renewal.basis.citation, "Pasal 15 ayat (1)-(3)");
    }
    EXPECT_EQ(tangsel().renewal.window_working_days, 30);
    EXPECT_TRUE(tangsel().renewal.obliged);
    EXPECT_FALSE(pekalongan().renewal.obliged);
    EXPECT_FALSE(palembang().renewal.obliged);
}

TEST(Regulations, SecondReportsNameTheRecipientsInOrder) {
    EXPECT_FALSE(pekalongan().incidents.second_report);
    const auto m = mataram().incidents.second_report;
    EXPECT_EQ(m->to, Names{"Walikota Mataram"});
    EXPECT_EQ(m->copies, (Names{"Kepala Badan Siber dan Sandi Negara", "Kepala BSrE"}));
    const auto b = bekasi().incidents.second_report;
    EXPECT_EQ(b->to, (Names{"Wali Kota Bekasi", "Gubernur Jawa Barat", "Kepala Lembaga Sandi Negara", "Kepala BSrE"}));
    EXPECT_TRUE(b->copies.empty());
    EXPECT_EQ(b.basis.citation, "Pasal 25 ayat (1); Pasal 1 angka 5");
    EXPECT_EQ(tangsel().incidents.second_report->to, Names{"Penyelenggara Sertifikasi Elektronik"});
    const auto p = palembang().incidents.second_report;
    EXPECT_FALSE(p);
    EXPECT_TRUE(p.unknown());
    EXPECT_NE(p.basis.ask.find("Dinas Komunikasi dan Informatika Kota Palembang"), std::string::npos);
}

TEST(Regulations, HelpdeskClassesAreFiveInTangerangSelatanAndNoneInPekalongan) {
    EXPECT_EQ(tangsel().helpdesk.categories->size(), 5u);
    EXPECT_EQ(tangsel().helpdesk.categories.basis.citation, "Pasal 22 ayat (3) huruf a-e");
    EXPECT_EQ(mataram().helpdesk.categories->size(), 1u);
    EXPECT_EQ(*bekasi().helpdesk.help_from, "BSrE");
    EXPECT_EQ(bekasi().helpdesk.help_from.basis.citation, "Pasal 23 ayat (2)");
    EXPECT_FALSE(pekalongan().helpdesk.categories);
    EXPECT_EQ(pekalongan().helpdesk.complaint.basis.citation, "Pasal 16 ayat (2) huruf e");
    EXPECT_TRUE(tangsel().passphrase.helpdesk_case);
    EXPECT_EQ(tangsel().passphrase.helpdesk_case.basis.citation, "Pasal 22 ayat (3) huruf b");
}

TEST(Regulations, ALostKeysPapersAreSignedByDifferentPeople) {
    EXPECT_EQ(*pekalongan().lost_key.statement_by, "atasan_langsung");
    EXPECT_EQ(*palembang().lost_key.statement_by, "kepala_perangkat_daerah");
    EXPECT_FALSE(tangsel().lost_key.statement_by);
    for (const auto& r : {mataram(), bekasi()}) {
        EXPECT_EQ(*r.lost_key.statement_by, "pemilik, diketahui atasan");
        EXPECT_TRUE(policy::is_true(r.lost_key.authority_report));
        EXPECT_EQ(r.lost_key.authority_report.basis.citation, "Pasal 16 ayat (3)");
    }
    EXPECT_FALSE(policy::is_true(pekalongan().lost_key.authority_report));
}

TEST(Regulations, OnlyPalembangObligesAFooterAndItsWordingIsAskedOfTheDinas) {
    const auto r = palembang();
    EXPECT_TRUE(r.footer.obliged);
    EXPECT_TRUE(r.footer.text.unknown());
    EXPECT_FALSE(r.footer.usual_text.empty());
    EXPECT_EQ(r.footer.basis.citation, "Pasal 12 ayat (4) dan (5); Lampiran II");
    EXPECT_EQ(r.validity_conditions.size(), 6u);
    for (const auto& other : {pekalongan(), mataram(), tangsel(), bekasi()}) {
        EXPECT_FALSE(other.footer.obliged) << other.city;
        EXPECT_TRUE(other.footer.basis.citation.empty()) << other.city;
    }
}

TEST(Regulations, GroundsOfRevocationSayWhoMayAsk) {
    const auto of = [](const policy::Regulation& r, const std::string& ground) {
        for (const auto& g : r.revocation.grounds)
            if (g.value == ground) return g;
        return policy::RevocationGround{};
    };
    EXPECT_EQ(of(pekalongan(), "pensiun").requesters, (Names{"kepala_pd", "ra"}));
    EXPECT_TRUE(of(palembang(), "sebab_lain").needs_description);
    EXPECT_EQ(of(tangsel(), "penyalahgunaan").requesters, Names{"pemilik"});
    EXPECT_EQ(of(tangsel(), "penyalahgunaan").accepted_with_a_warning, Names{"dinas"});
    EXPECT_TRUE(of(mataram(), "pensiun").value.empty()) << "Mataram has no such ground";
    EXPECT_EQ(pekalongan().revocation.irreversible.basis.citation, "Pasal 17 ayat (5)");
    EXPECT_EQ(tangsel().revocation.irreversible.basis.source, Source::cp);
}

TEST(Regulations, StorageSanctionsAndMonitoringAreWhereTheTextHasThem) {
    EXPECT_EQ(pekalongan().storage.documents.basis.citation, "Pasal 21 ayat (3)");
    EXPECT_EQ(*palembang().storage.holder_data, "sistem milik BSrE");
    EXPECT_FALSE(bekasi().storage.documents);
    EXPECT_EQ(*palembang().sanctions.steps, (Names{"peringatan_tertulis", "pencabutan"}));
    EXPECT_EQ(pekalongan().sanctions.applies_to, "PNS");
    EXPECT_FALSE(mataram().sanctions.steps);
    EXPECT_EQ(pekalongan().monitoring.cadence->front().months, 6);
    EXPECT_EQ(pekalongan().monitoring.cadence->back().months, 12);
    EXPECT_EQ(tangsel().monitoring.recipients->through, "Kepala Dinas");
    EXPECT_EQ(tangsel().monitoring.methods->size(), 4u);
    EXPECT_TRUE(palembang().monitoring.cadence.unknown());
    EXPECT_EQ(palembang().monitoring.performed_by.basis.citation, "Pasal 6 ayat (2) huruf g");
}

TEST(Regulations, HoldersKindsAndFormsDiffer) {
    EXPECT_EQ(pekalongan().holders.front().value, "PNS");
    EXPECT_FALSE(palembang().holders.front().obliged);
    EXPECT_EQ(tangsel().holders.size(), 5u);
    EXPECT_EQ(tangsel().holders[1].route, "psre");
    EXPECT_EQ(policy::find(pekalongan().kinds, "sistem_elektronik"), nullptr);
    EXPECT_NE(policy::find(bekasi().kinds, "sistem_elektronik"), nullptr);
    EXPECT_EQ(palembang().letters.at("formulir_B").parts.at("kolom")->at(2), "NIK EKTP");
    EXPECT_EQ(pekalongan().letters.at("formulir_C").parts.at("kolom")->size(), 3u);
    EXPECT_EQ(pekalongan().form_purposes->size(), 9u);
    EXPECT_EQ(bekasi().documents.at("jabatan").size(), 5u);
    EXPECT_TRUE(pekalongan().application_needs_decree);
    EXPECT_EQ(*pekalongan().email_domains, Names{"pekalongankota.go.id"});
    EXPECT_FALSE(mataram().email_domains);
    EXPECT_EQ(mataram().usual_email_domains, Names{"mataramkota.go.id"});
    EXPECT_TRUE(policy::is_true(mataram().other_issuers));
    EXPECT_FALSE(policy::is_true(palembang().other_issuers));
}

TEST(Regulations, APlaceOfTheFileGivesItsArticle) {
    EXPECT_EQ(pekalongan().basis_of("kegunaan").citation, "Pasal 12 huruf a; Pasal 12 huruf b; Pasal 12 huruf c");
    EXPECT_EQ(pekalongan().basis_of("kegunaan.tte").citation, "Pasal 12 huruf a");
    EXPECT_EQ(tangsel().basis_of("baris.9.5").citation, "Pasal 23");
    EXPECT_EQ(tangsel().basis_of("baris.5.6").source, Source::agent);
    EXPECT_EQ(tangsel().basis_of("tidak.ada").source, Source::agent);
    EXPECT_EQ(palembang().basis_of("oid_kebijakan").source, Source::unknown);
}

TEST(Regulations, AValueWithoutAnArticleOrAMarkIsRefused) {
    std::ifstream in(std::string(JURUKUNCI_SOURCE_DIR) + "/policies/pekalongan-98-2018.yaml");
    std::stringstream text;
    text << in.rdbuf();
    const auto fault = [&](const std::string& from, const std::string& to) {
        auto changed = text.str();
        changed.replace(changed.find(from), from.size(), to);
        const auto regulation = policy::read_regulation(changed, "kota.yaml");
        return regulation ? "" : regulation.error().detail;
    };
    EXPECT_NE(fault("penerbit_lain: {v: false, cite: null, src: agent}", "penerbit_lain: {v: true}").find("neither a citation nor"),
              std::string::npos);
    EXPECT_NE(fault("penerbit_lain: {v: false, cite: null, src: agent}", "penerbit_lain: {v: true, src: saya}").find("none of agent"),
              std::string::npos);
    EXPECT_NE(fault("penerbit_lain: {v: false, cite: null, src: agent}", "penerbit_lain: {v: null, src: unknown}").find("whom to ask"),
              std::string::npos);
    EXPECT_NE(fault("{v: {tahun: 2}", "{v: {tahun: 200}").find("from 1 to 30"), std::string::npos);
}

} // namespace
} // namespace jk::test
