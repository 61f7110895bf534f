#include "cli/policy/profile_text.hpp"

#include "cli/policy/decision_text.hpp"

#include <boost/json/array.hpp>

namespace jk::cli {
namespace {

namespace json = boost::json;
using policy::Source;

json::object basis_json(const policy::Basis& basis) {
    json::object o{{"source", policy::name_of(basis.source)}, {"citation", nullptr}};
    if (!basis.citation.empty()) o["citation"] = basis.citation;
    if (!basis.ask.empty()) o["ask"] = basis.ask;
    return o;
}

json::array cited_json(const std::vector<policy::Cited>& list) {
    json::array all;
    for (const auto& entry : list) all.push_back(json::object{{"value", entry.value}, {"citation", entry.citation}});
    return all;
}

std::string regulation_line(const policy::Regulation& law, bool english) {
    const auto number = std::to_string(law.number), year = std::to_string(law.year);
    return (english ? "Mayoral regulation of " : "Peraturan Walikota ") + law.city + (english ? " No. " : " Nomor ") + number +
           (english ? " of " : " Tahun ") + year + ": " + law.title;
}

void add(std::vector<std::string>& lines, const std::string& name, const std::vector<policy::Cited>& list) {
    lines.push_back(name + ":");
    for (const auto& entry : list) lines.push_back("  " + entry.value + " — " + (entry.citation.empty() ? "kebijakan agen" : entry.citation));
}

} // namespace

json::object profile_json(const policy::Profile& profile) {
    const auto& law = profile.regulation;
    json::object bases;
    for (const auto& [place, basis] : law.bases) bases[place] = basis_json(basis);
    json::array applications;
    for (const auto& a : profile.applications)
        applications.push_back(json::object{{"origin", a.origin.text()},
                                            {"name", a.name},
                                            {"ownerUnit", a.owner_unit},
                                            {"decree", a.decree},
                                            {"until", a.until ? json::value(rfc3339(*a.until)) : json::value(nullptr)}});
    json::object o{{"environment", policy::name_of(profile.environment)},
                   {"profile", json::object{{"id", law.id}, {"city", law.city}, {"title", law.title}, {"number", law.number}, {"year", law.year}}},
                   {"purposes", cited_json(law.purposes)},
                   {"taskKinds", cited_json(law.task_kinds)},
                   {"kinds", cited_json(law.kinds)},
                   {"validityYears", nullptr},
                   {"itemsPerConsent", profile.limits.items_per_consent},
                   {"applications", std::move(applications)},
                   {"provisions", std::move(bases)}};
    if (law.validity_years) o["validityYears"] = *law.validity_years;
    return o;
}

std::vector<std::string> profile_lines(const policy::Profile& profile, Language language) {
    const bool english = language == Language::english;
    const auto& law = profile.regulation;
    std::vector<std::string> lines{regulation_line(law, english),
                                   (english ? "environment: " : "lingkungan: ") + std::string(name_of(profile.environment))};
    add(lines, english ? "purposes" : "kegunaan", law.purposes);
    add(lines, english ? "official tasks" : "tugas kedinasan", law.task_kinds);
    add(lines, english ? "kinds of certificate" : "jenis sertifikat", law.kinds);
    const auto years = law.validity_years ? std::to_string(*law.validity_years) + (english ? " years" : " tahun") : std::string("-");
    lines.push_back((english ? "validity: " : "masa berlaku: ") + years + " — " + basis_words(law.validity_basis, language));
    lines.emplace_back(english ? "every provision of the profile:" : "semua ketentuan pada profil:");
    for (const auto& [place, basis] : law.bases) lines.push_back("  " + place + " — " + basis_words(basis, language));
    lines.emplace_back(english ? "applications:" : "aplikasi:");
    for (const auto& a : profile.applications) lines.push_back("  " + a.origin.text() + " — " + a.name + ", " + a.owner_unit + ", " + a.decree);
    return lines;
}

std::vector<std::pair<std::string, std::string>> open_questions(const policy::Profile& profile) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto& [place, basis] : profile.regulation.bases)
        if (basis.source == Source::unknown) all.emplace_back(place, basis.ask);
    return all;
}

std::vector<std::string> remarks(const policy::Profile& profile, WallTime now, Language language) {
    const bool english = language == Language::english;
    std::vector<std::string> all;
    for (const auto& a : profile.applications)
        if (a.until && now > *a.until) all.push_back(a.origin.text() + (english ? ": the approval ended" : ": penetapan sudah berakhir"));
    if (profile.revocation_status.source == policy::StatusSource::none)
        all.emplace_back(english ? "revocation status is not judged: no source is configured"
                                 : "status pencabutan tidak dinilai: sumbernya belum diatur");
    if (profile.sessions.remote) all.emplace_back(english ? "remote sessions are permitted" : "sesi jarak jauh diizinkan");
    if (profile.sessions.inactive) all.emplace_back(english ? "inactive sessions are permitted" : "sesi yang tidak aktif diizinkan");
    if (profile.applications.empty()) all.emplace_back(english ? "no application is approved" : "belum ada aplikasi yang ditetapkan");
    return all;
}

} // namespace jk::cli
