#include "cli/papers/paper_parts.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace jk::papers {
namespace {

json::array texts(const std::vector<std::string>& list) {
    json::array all;
    for (const auto& text : list) all.emplace_back(text);
    return all;
}

} // namespace

std::string plain_words(std::string_view category) {
    // A list of nouns needs its commas.
    if (category == "hilang_rusak_tidak_dapat_diakses") return "hilang, rusak, atau tidak dapat diakses";
    if (category == "masalah_otentikasi_keaslian_penyangkalan") return "masalah otentikasi, keaslian, atau penyangkalan";
    if (category == "autentikasi_keaslian_penyangkalan") return "autentikasi, keaslian, atau penyangkalan";
    std::string text(category);
    std::ranges::replace(text, '_', ' ');
    return text;
}

std::string local_time(const policy::Regulation& regulation, WallTime time) {
    // Nusa Tenggara Barat is an hour ahead of the other four.
    const bool central = regulation.province == "Nusa Tenggara Barat";
    const auto there = time + std::chrono::hours(central ? 8 : 7);
    const auto clock = rfc3339(there).substr(11, 5);
    return indonesian_date(there) + " pukul " + clock.substr(0, 2) + "." + clock.substr(3, 2) + (central ? " WITA" : " WIB");
}

json::object to_json(const Paper& paper) {
    json::array facts, signatures;
    for (const auto& [name, value] : paper.facts) facts.push_back(json::object{{"name", name}, {"value", value}});
    for (const auto& block : paper.signatures)
        signatures.push_back(json::object{{"heading", block.heading}, {"role", block.role}, {"name", block.person.name}, {"nip", block.person.nip}});
    return {{"kind", paper.kind},
            {"title", paper.title},
            {"basis", paper.basis},
            {"to", texts(paper.to)},
            {"copies", texts(paper.copies)},
            {"through", paper.through},
            {"opening", paper.opening},
            {"facts", std::move(facts)},
            {"paragraphs", texts(paper.paragraphs)},
            {"listHeading", paper.list_heading},
            {"list", texts(paper.list)},
            {"signatures", std::move(signatures)}};
}

Paper begin(const Occasion& occasion, std::string kind, std::string title, const std::string& citation) {
    Paper paper;
    paper.kind = std::move(kind);
    paper.title = std::move(title);
    const auto& r = occasion.regulation;
    const auto regulation = "Peraturan Wali Kota " + r.city + " Nomor " + std::to_string(r.number) + " Tahun " + std::to_string(r.year);
    paper.basis = citation.empty() ? "kebijakan agen" : regulation + ", " + citation;
    return paper;
}

void add_holder(Paper& paper, const reports::Person& holder) {
    const auto fact = [&](const char* name, const std::string& value) { paper.facts.emplace_back(name, value.empty() ? "…………………………" : value); };
    fact("Nama", holder.name);
    fact("NIP", holder.nip);
    fact("Jabatan", holder.position);
    fact("Perangkat Daerah", holder.unit);
}

void add_key(Paper& paper, const Occasion& occasion) {
    const auto& c = occasion.report;
    if (!c.token_serial.empty()) paper.facts.emplace_back("Nomor seri token", c.token_serial);
    if (!c.subject.empty()) paper.facts.emplace_back("Subjek sertifikat", c.subject);
    for (const auto& fingerprint : c.certificates) paper.facts.emplace_back("Sidik jari sertifikat (SHA-256)", fingerprint);
}

void add_event(Paper& paper, const Occasion& occasion) {
    const auto& c = occasion.report;
    paper.facts.emplace_back("Nomor laporan", c.number);
    paper.facts.emplace_back("Kejadian", plain_words(c.category));
    paper.facts.emplace_back("Diketahui", local_time(occasion.regulation, c.known));
    if (c.last_safe) paper.facts.emplace_back("Terakhir pasti aman", local_time(occasion.regulation, *c.last_safe));
    if (c.blocks) paper.facts.emplace_back("Diblokir di komputer", local_time(occasion.regulation, c.opened));
    if (!c.description.empty()) paper.facts.emplace_back("Uraian", c.description);
}

void add_documents(Paper& paper, const Occasion& occasion) {
    const auto since = local_time(occasion.regulation, occasion.report.doubtful_since());
    if (!occasion.documents_known) {
        paper.paragraphs.push_back("Catatan tanda tangan pada komputer pelapor tidak dapat dibaca; daftar dokumen menyusul.");
        return;
    }
    if (occasion.documents.empty()) {
        paper.paragraphs.push_back("Menurut catatan pada komputer pelapor, tidak ada dokumen yang ditandatangani sejak " + since + ".");
        return;
    }
    paper.list_heading = "Dokumen yang ditandatangani sejak " + since + " menurut catatan pada komputer pelapor:";
    for (const auto& d : occasion.documents)
        paper.list.push_back((d.name.empty() ? "(tanpa nama)" : d.name) + " – " + d.application + " (" + d.origin + "), " +
                             local_time(occasion.regulation, parse_rfc3339(d.at).value_or(WallTime{})) + ", SHA-256 " + d.sha256 +
                             (d.certain ? "" : " – hasilnya tidak diketahui"));
}

SignatureBlock owner(const Occasion& occasion, std::string heading) {
    return {std::move(heading), "Pemilik Sertifikat Elektronik", occasion.report.holder};
}

} // namespace jk::papers
