#include "cli/policy/decision_text.hpp"

#include <boost/json/array.hpp>

namespace jk::cli {
namespace {

using policy::Note;
using policy::Source;
using policy::Verdict;

const char* mark(Verdict verdict) {
    switch (verdict) {
    case Verdict::passed: return "✓";
    case Verdict::warned: return "!";
    case Verdict::refused: return "✗";
    case Verdict::not_judged: return "–";
    }
    return "?";
}

std::string row_words(std::string_view row, bool english) { return row.empty() ? "" : (english ? " [row " : " [baris ") + std::string(row) + "]"; }

} // namespace

std::string basis_words(const policy::Basis& basis, Language language) {
    if (language == Language::indonesian || basis.source == Source::regulation) return basis.words();
    switch (basis.source) {
    case Source::agent: return "agent policy";
    case Source::cp: return "the issuer's CP/CPS";
    case Source::practice: return "common practice, not confirmed by the Dinas";
    default: return "unknown; " + basis.ask;
    }
}

boost::json::object decision_json(const policy::Decision& decision) {
    boost::json::array rules;
    for (const auto& v : decision.verdicts()) {
        const auto& entry = v.entry();
        boost::json::object rule{{"rule", entry.name},
                                 {"row", nullptr},
                                 {"verdict", policy::name_of(v.verdict)},
                                 {"citation", nullptr},
                                 {"source", policy::name_of(v.basis.source)},
                                 {"id", entry.indonesian},
                                 {"en", entry.english}};
        if (!entry.row.empty()) rule["row"] = entry.row;
        if (!v.basis.citation.empty()) rule["citation"] = v.basis.citation;
        if (v.error) {
            rule["code"] = v.error->entry().code;
            rule["userMessage"] = v.error->sentence(Language::indonesian);
            rule["message"] = v.error->sentence(Language::english);
        }
        if (v.note != Note::none) rule["note"] = policy::entry_of(v.note).name;
        rules.push_back(std::move(rule));
    }
    return {{"allowed", decision.allowed()}, {"rules", std::move(rules)}};
}

std::vector<std::string> decision_lines(const policy::Decision& decision, Language language) {
    const bool english = language == Language::english;
    std::vector<std::string> lines;
    for (const auto& v : decision.verdicts()) {
        const auto& entry = v.entry();
        lines.push_back(std::string(mark(v.verdict)) + " " + std::string(english ? entry.english : entry.indonesian) + row_words(entry.row, english) +
                        " — " + basis_words(v.basis, language));
        if (v.error) lines.push_back("    " + std::string(v.error->entry().code) + ": " + v.error->sentence(language));
        if (v.note != Note::none)
            lines.push_back("    " + std::string(english ? policy::entry_of(v.note).english : policy::entry_of(v.note).indonesian));
    }
    if (decision.allowed())
        lines.emplace_back(english ? "Nothing that was judged stands against it." : "Tidak ada aturan yang dinilai yang menolaknya.");
    else
        lines.emplace_back(english ? "It is refused." : "Permintaan ini ditolak.");
    return lines;
}

} // namespace jk::cli
