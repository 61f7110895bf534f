// Papers of the city's side: notice to those who rely, the incident letter with its recipients in order, the helpdesk's ticket (rows 13.3, 17, 18).
#include "cli/papers/paper_parts.hpp"

#include <algorithm>
#include <set>

namespace jk::papers {
namespace {

constexpr std::string_view relying = "pihak_yang_mempercayai_tte_atau_pendukung_layanan";

/// A body that has another name today is printed with both.
std::string todays_name(const std::string& recipient) {
    if (recipient.find("Lembaga Sandi Negara") == std::string::npos) return recipient;
    return recipient + " (kini Badan Siber dan Sandi Negara)";
}

std::vector<std::string> todays_names(const std::vector<std::string>& recipients) {
    std::vector<std::string> all;
    for (const auto& recipient : recipients) all.push_back(todays_name(recipient));
    return all;
}

} // namespace

std::vector<Paper> notice_to_relying(const Occasion& occasion) {
    const auto& first = occasion.regulation.incidents.first_report_to;
    const auto names = first.value.value_or(std::vector<std::string>());
    if (!occasion.report.blocks || std::ranges::find(names, relying) == names.end()) return {};
    auto paper = begin(occasion, "pemberitahuan", "PEMBERITAHUAN KEPADA PIHAK YANG MEMPERCAYAI TANDA TANGAN ELEKTRONIK", first.basis.citation);
    std::set<std::string> seen;
    for (const auto& d : occasion.documents)
        if (seen.insert(d.application + d.origin).second) paper.to.push_back("Pengelola " + d.application + " (" + d.origin + ")");
    if (paper.to.empty()) paper.to.push_back("Pihak yang mempercayai tanda tangan elektronik atau pendukung layanan");
    paper.opening =
        "Kami memberitahukan bahwa data pembuatan tanda tangan elektronik milik pejabat di bawah ini tidak lagi dapat dipercaya. Mohon tidak "
        "mengandalkan tanda tangan elektronik yang dibuat sejak waktu yang disebut tanpa konfirmasi.";
    add_holder(paper, occasion.report.holder);
    add_event(paper, occasion);
    add_key(paper, occasion);
    paper.paragraphs.push_back("Pemberitahuan wajib disampaikan tanpa menunda.");
    add_documents(paper, occasion);
    paper.signatures.push_back(owner(occasion, ""));
    return {paper};
}

std::vector<Paper> incident_letter(const Occasion& occasion) {
    const auto& second = occasion.regulation.incidents.second_report;
    if (!occasion.report.incident || !second) return {};
    auto paper = begin(occasion, "surat_insiden", "LAPORAN INSIDEN KEAMANAN INFORMASI", second.basis.citation);
    paper.to = todays_names(second->to);
    paper.copies = todays_names(second->copies);
    paper.through = second->through;
    paper.opening = "Dengan hormat kami laporkan insiden keamanan informasi yang menyangkut sertifikat elektronik sebagai berikut.";
    add_holder(paper, occasion.report.holder);
    add_event(paper, occasion);
    add_key(paper, occasion);
    const auto hours = occasion.report.hours_elapsed(occasion.now);
    paper.paragraphs.push_back("Laporan ini disusun " + std::to_string(hours) + " jam sejak insiden diketahui.");
    add_documents(paper, occasion);
    if (!paper.through.empty() || occasion.regulation.ra_unit.value.value_or("").find("Tim") != std::string::npos)
        paper.signatures.push_back({"", "Ketua Tim", {}});
    else
        paper.signatures.push_back({"", "Kepala Perangkat Daerah yang membidangi persandian", {}});
    return {paper};
}

std::vector<Paper> helpdesk_ticket(const Occasion& occasion) {
    const auto& helpdesk = occasion.regulation.helpdesk;
    if (!occasion.report.helpdesk) return {};
    auto paper = begin(occasion, "tiket_bantuan", "PERMINTAAN BANTUAN (HELPDESK)", helpdesk.categories.basis.citation);
    const auto team = std::ranges::count(occasion.regulation.incidents.first_report_to.value.value_or(std::vector<std::string>()), "tim") > 0;
    paper.to = {team ? "Tim pengelola sertifikat elektronik pada Dinas" : occasion.regulation.ra_unit.value.value_or("Otoritas Pendaftaran")};
    if (helpdesk.help_from)
        paper.paragraphs.push_back("Bantuan teknis: " + *helpdesk.help_from +
                                   (helpdesk.help_from.basis.citation.empty() ? "." : " (" + helpdesk.help_from.basis.citation + ")."));
    paper.opening = "Kami meminta bantuan untuk gangguan di bawah ini.";
    add_holder(paper, occasion.report.holder);
    add_event(paper, occasion);
    add_key(paper, occasion);
    paper.signatures.push_back(owner(occasion, "Pelapor,"));
    return {paper};
}

} // namespace jk::papers
