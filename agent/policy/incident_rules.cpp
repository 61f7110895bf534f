#include "agent/policy/incident_rules.hpp"

#include <algorithm>
#include <array>

namespace jk::policy {
namespace {

struct Consequence {
    std::string_view value;
    bool blocks, decryption_stays, lost_key;
};

// Agent policy (docs/adr/0027): a key that is out of reach cannot sign any more here, but its holder may still read old letters; a key that others
// may hold does nothing. A disturbance of something else than the key blocks nothing.
constexpr std::array consequences{
    Consequence{"kehilangan_kunci_privat", true, true, true},
    Consequence{"rusak_atau_tidak_dapat_diakses", true, true, true},
    Consequence{"hilang_rusak_tidak_dapat_diakses", true, true, true},
    Consequence{"pasangan_kunci_tidak_dapat_diakses", true, true, true},
    Consequence{"kesalahan_informasi", true, true, false},
    Consequence{"masalah_otentikasi_keaslian_penyangkalan", true, true, false},
    Consequence{"gangguan_passphrase", false, true, false},
    Consequence{"autentikasi_keaslian_penyangkalan", false, true, false},
    Consequence{"gangguan_infrastruktur_pemda_atau_psre", false, true, false},
    Consequence{"ketidaktersediaan_sistem_elektronik", false, true, false},
};

ReportCategory with_consequences(std::string value, std::string citation) {
    ReportCategory category;
    category.value = std::move(value);
    category.citation = std::move(citation);
    if (const auto* known = std::ranges::find(consequences, category.value, &Consequence::value); known != consequences.end()) {
        category.blocks = known->blocks;
        category.decryption_stays = known->decryption_stays;
        category.lost_key = known->lost_key;
    }
    return category;
}

/// Mataram and Bekasi name the same problem in both lists, once as "masalah_…" (matrix, section 24 number 16).
ReportCategory* same_problem(std::vector<ReportCategory>& all, const std::string& value) {
    for (auto& category : all)
        if (category.value == value || category.value == "masalah_" + value) return &category;
    return nullptr;
}

} // namespace

std::vector<ReportCategory> report_categories(const Regulation& regulation) {
    std::vector<ReportCategory> all;
    for (const auto& listed : regulation.incidents.categories) {
        all.push_back(with_consequences(listed.value, listed.citation));
        all.back().incident = true;
    }
    const auto& helpdesk = regulation.helpdesk.categories;
    for (const auto& value : helpdesk.value.value_or(std::vector<std::string>())) {
        if (auto* listed = same_problem(all, value)) {
            listed->helpdesk = true;
            continue;
        }
        all.push_back(with_consequences(value, helpdesk.basis.citation));
        all.back().helpdesk = true;
    }
    all.push_back(with_consequences(std::string(other_category), ""));
    all.back().incident = true;
    return all;
}

Outcome<ReportCategory> judge_category(const Regulation& regulation, std::string_view value, std::optional<bool> significant, bool described) {
    auto all = report_categories(regulation);
    const auto place = std::ranges::find(all, value, &ReportCategory::value);
    if (place == all.end())
        return Error{Errc::incident_category_unknown}.with("category", std::string(value)).citing(citations(regulation.incidents.categories));
    auto category = *place;
    if (category.needs_description() && !described)
        return Error{Errc::request_malformed}.with("field", "description").with("fault", "must say what happened");
    if (!category.asks_significance()) return category;
    if (!significant) return Error{Errc::significance_missing}.with("category", category.value).citing(category.citation);
    if (!*significant) {
        category.incident = false;
        category.blocks = false;
        category.citation = regulation.helpdesk.categories.basis.citation;
    } else {
        category.helpdesk = false;
    }
    return category;
}

Outcome<void> judge_sending(const Regulation& regulation, const ReportCategory& category, const std::string& case_number, bool authority_report) {
    const auto& wanted = regulation.lost_key.authority_report;
    if (!category.lost_key || !is_true(wanted) || authority_report) return done();
    return Error{Errc::authority_report_missing}.with("case", case_number).citing(wanted.basis.citation);
}

const RevocationGround* revocation_ground(const Regulation& regulation, std::string_view category) {
    for (const auto& ground : regulation.revocation.grounds)
        if (ground.value == category || ground.value == std::string(category) + "_atau_dicurigai") return &ground;
    return nullptr;
}

} // namespace jk::policy
