// Paper: a letter before it is set: its words in order. Made of a case and the city's regulation; becomes PDF (pdf.hpp) or JSON.
#pragma once
#include "agent/policy/regulation.hpp"
#include "agent/reports/report_case.hpp"

#include <string>
#include <utility>
#include <vector>

namespace jk::papers {

namespace json = boost::json;

struct SignatureBlock {
    std::string heading; ///< "Mengetahui,", "Yang menyatakan," or empty
    std::string role;    ///< "Atasan Langsung"
    reports::Person person;
};

struct Paper {
    std::string kind;  ///< "surat_keterangan", …: the file's name
    std::string title; ///< "SURAT KETERANGAN"
    std::string basis; ///< citation of the duty; "kebijakan agen" where the city is silent
    std::vector<std::string> to, copies;
    std::string through;
    std::string opening;
    std::vector<std::pair<std::string, std::string>> facts;
    std::vector<std::string> paragraphs;
    std::string list_heading;
    std::vector<std::string> list;
    std::vector<SignatureBlock> signatures;
};

struct SignedDocument {
    std::string name, sha256, at, application, origin;
    bool certain = true;
};

/// All that a letter is made of.
struct Occasion {
    const policy::Regulation& regulation;
    const reports::ReportCase& report;
    const std::vector<SignedDocument>& documents; ///< signed since the key is in doubt
    bool documents_known = true;                  ///< false: the log could not be read
    WallTime now{};
};

/// This city's papers for this case, in the order in which they are needed. Never another city's.
std::vector<Paper> papers_for(const Occasion& occasion);
json::object to_json(const Paper& paper);

/// "21 November 2026 pukul 15.00 WIB": cities live in their own zone, where the regulation's province tells it.
std::string local_time(const policy::Regulation& regulation, WallTime time);
/// A category as people say it: "kehilangan kunci privat".
std::string plain_words(std::string_view category);

} // namespace jk::papers
