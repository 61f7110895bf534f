// Papers of the owner's side: the first report, the statement about a lost key, the requests that follow (rows 10.2, 11.1 to 11.3).
#include "agent/policy/incident_rules.hpp"
#include "cli/papers/paper_parts.hpp"

namespace jk::papers {
namespace {

/// Whom the city names for the first report, as a letter addresses them.
std::string addressee(const policy::Regulation& r, const std::string& name) {
    const auto unit = r.ra_unit.value.value_or("");
    if (name == "ra" || name == "otoritas_pendaftaran" || name == "dinas") return unit.empty() ? plain_words(name) : unit;
    if (name == "tim") return "Tim pengelola sertifikat elektronik pada Dinas";
    return {};
}

std::vector<std::string> first_recipients(const policy::Regulation& r) {
    std::vector<std::string> to;
    for (const auto& name : r.incidents.first_report_to.value.value_or(std::vector<std::string>()))
        if (auto known = addressee(r, name); !known.empty()) to.push_back(std::move(known));
    if (to.empty()) to.push_back(r.ra_unit.value.value_or("Otoritas Pendaftaran"));
    return to;
}

} // namespace

std::vector<Paper> first_report(const Occasion& occasion) {
    const auto& c = occasion.report;
    auto paper = begin(occasion, "laporan_pertama", "LAPORAN KEJADIAN", occasion.regulation.incidents.first_report_to.basis.citation);
    paper.to = first_recipients(occasion.regulation);
    paper.opening = "Dengan ini kami laporkan kejadian yang menyangkut sertifikat elektronik sebagai berikut.";
    add_holder(paper, c.holder);
    add_event(paper, occasion);
    add_key(paper, occasion);
    const auto hours = c.hours_elapsed(occasion.now);
    paper.paragraphs.push_back("Waktu yang berlalu sejak diketahui: " + std::to_string(hours) + " jam (target kebijakan agen: " +
                               std::to_string(policy::target_hours) + " jam; peraturan tidak menyebut jumlah jam).");
    add_documents(paper, occasion);
    paper.signatures.push_back(owner(occasion, "Pelapor,"));
    return {paper};
}

std::vector<Paper> statement(const Occasion& occasion) {
    const auto& c = occasion.report;
    const auto& by = occasion.regulation.lost_key.statement_by;
    if (!c.lost_key || !by) return {};
    auto paper = begin(occasion, "surat_keterangan", "SURAT KETERANGAN", by.basis.citation);
    paper.opening = "Yang bertanda tangan di bawah ini menerangkan bahwa pasangan kunci kriptografi milik:";
    add_holder(paper, c.holder);
    add_event(paper, occasion);
    add_key(paper, occasion);
    paper.paragraphs.push_back("benar mengalami kejadian tersebut di atas, sehingga tidak dapat dipakai lagi oleh pemiliknya.");
    if (policy::is_true(occasion.regulation.lost_key.authority_report))
        paper.paragraphs.push_back("Laporan kepada pihak yang berwenang terlampir (" + occasion.regulation.lost_key.authority_report.basis.citation +
                                   ").");
    paper.paragraphs.push_back("Demikian surat keterangan ini dibuat dengan sebenarnya untuk dipergunakan sebagaimana mestinya.");
    if (*by == "atasan_langsung") {
        paper.signatures.push_back({"", "Atasan Langsung", c.superior});
    } else if (*by == "kepala_perangkat_daerah") {
        paper.signatures.push_back({"", "Kepala Perangkat Daerah", c.head_of_unit});
    } else { // "pemilik, diketahui atasan"
        paper.signatures.push_back({"Mengetahui,", "Atasan", c.superior});
        paper.signatures.push_back(owner(occasion, "Yang menerangkan,"));
    }
    return {paper};
}

std::vector<Paper> revocation_request(const Occasion& occasion) {
    const auto& c = occasion.report;
    if (!c.blocks) return {};
    const auto* ground = policy::revocation_ground(occasion.regulation, c.category);
    auto paper =
        begin(occasion, "permohonan_pencabutan", "PERMOHONAN PENCABUTAN SERTIFIKAT ELEKTRONIK", ground != nullptr ? ground->basis.citation : "");
    paper.to = {occasion.regulation.ra_unit.value.value_or("Otoritas Pendaftaran")};
    paper.opening = "Kami memohon agar sertifikat elektronik di bawah ini dicabut.";
    add_holder(paper, c.holder);
    add_key(paper, occasion);
    paper.facts.emplace_back("Alasan", plain_words(c.category));
    paper.facts.emplace_back("Nomor laporan", c.number);
    if (const auto& final = occasion.regulation.revocation.irreversible; policy::is_true(final))
        paper.paragraphs.push_back("Kami memahami bahwa sertifikat yang telah dicabut tidak dapat digunakan kembali" +
                                   (final.basis.citation.empty() ? std::string(".") : " (" + final.basis.citation + ")."));
    if (const auto& papers = occasion.regulation.revocation.papers; papers)
        paper.paragraphs.push_back("Syarat: " + *papers + (papers.basis.citation.empty() ? "." : " (" + papers.basis.citation + ")."));
    paper.signatures.push_back(owner(occasion, "Pemohon,"));
    if (occasion.regulation.revocation.papers.value.value_or("").find("Kepala PD") != std::string::npos)
        paper.signatures.push_back({"", "Kepala Perangkat Daerah", c.head_of_unit});
    return {paper};
}

std::vector<Paper> new_application(const Occasion& occasion) {
    const auto& again = occasion.regulation.revocation.may_apply_again;
    if (!occasion.report.lost_key || !policy::is_true(again)) return {};
    auto paper = begin(occasion, "permohonan_penerbitan_ulang", "PERMOHONAN PENERBITAN ULANG SERTIFIKAT ELEKTRONIK", again.basis.citation);
    paper.to = {occasion.regulation.ra_unit.value.value_or("Otoritas Pendaftaran")};
    paper.opening = "Sehubungan dengan laporan di bawah ini, kami memohon penerbitan ulang sertifikat elektronik untuk:";
    add_holder(paper, occasion.report.holder);
    paper.facts.emplace_back("Nomor laporan", occasion.report.number);
    if (occasion.regulation.lost_key.statement_by) paper.paragraphs.push_back("Surat keterangan terlampir.");
    paper.signatures.push_back(owner(occasion, "Pemohon,"));
    return {paper};
}

} // namespace jk::papers
