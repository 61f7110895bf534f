#include "agent/policy/owner_notice.hpp"

#include "agent/policy/profile.hpp"
#include "jurukunci/digest.hpp"

namespace jk::policy {
namespace {

/// Both languages grow together, so that neither says less than the other.
class Text {
public:
    void line(const std::string& indonesian, const std::string& english) {
        m_indonesian += indonesian + "\n";
        m_english += english + "\n";
    }
    void entry(int number, const NoticeEntry& e) {
        const auto basis = " (" + e.basis.words() + ")";
        const auto place = std::to_string(number) + ". ";
        line(place + e.indonesian + basis, place + e.english + basis);
    }
    NoticePart part(std::string_view name) && {
        NoticePart p{std::string(name), std::move(m_indonesian), std::move(m_english), {}};
        p.sha256 = sha256(bytes_of(p.indonesian + p.english)).hex();
        return p;
    }

private:
    std::string m_indonesian, m_english;
};

void head(Text& text, const Regulation& law) {
    const auto number = std::to_string(law.number), year = std::to_string(law.year);
    text.line(law.city + ": Peraturan Wali Kota Nomor " + number + " Tahun " + year + " tentang " + law.title,
              law.city + ": mayoral regulation " + number + "/" + year);
}

void list(Text& text, const std::vector<NoticeEntry>& entries, const char* indonesian, const char* english) {
    if (entries.empty()) return;
    text.line(indonesian, english);
    int number = 0;
    for (const auto& entry : entries) text.entry(++number, entry);
}

NoticePart duties(const Profile& profile) {
    const auto& law = profile.regulation;
    const auto& notice = law.notice;
    if (notice.duties.empty() && notice.prohibitions.empty()) return {std::string(duties_part), {}, {}, {}};
    Text text;
    head(text, law);
    list(text, notice.duties, "Kewajiban pemilik sertifikat elektronik:", "Duties of a certificate's owner:");
    list(text, notice.prohibitions, "Larangan:", "Prohibitions:");
    if (notice.complaints) {
        const auto basis = " (" + notice.complaints->basis.words() + ")";
        text.line("Pengaduan: " + notice.complaints->indonesian + basis, "Complaints: " + notice.complaints->english + basis);
    }
    if (!profile.complaint_contact.empty()) text.line("Kontak: " + profile.complaint_contact, "Contact: " + profile.complaint_contact);
    return std::move(text).part(duties_part);
}

NoticePart agreement(const Regulation& law) {
    if (!law.notice.agreement) return {std::string(agreement_part), {}, {}, {}};
    Text text;
    head(text, law);
    text.line("Perjanjian pemilik sertifikat:", "The owner's agreement:");
    text.entry(1, *law.notice.agreement);
    return std::move(text).part(agreement_part);
}

/// Where the lists cannot be read the rule stays: there is something to know, and nobody has said what.
bool has_duties(const Regulation& law) {
    const auto any = [](const Texts& said) { return said && !said->empty(); };
    return any(law.duties) || any(law.prohibitions) || !law.notice.duties.empty() || !law.notice.prohibitions.empty();
}

} // namespace

OwnerNoticeShown notice_of(const Profile& profile) {
    const auto& law = profile.regulation;
    OwnerNoticeShown shown{law.id, law.notice.version, {}};
    if (profile.duties_first && has_duties(law)) shown.parts.push_back(duties(profile));
    if (profile.agreement_first && is_true(law.owner_agreement)) shown.parts.push_back(agreement(law));
    return shown;
}

} // namespace jk::policy
