// ReportRequest: what a person reports, as the command line or a tray sends it. docs/protocol/reports.md.
#pragma once
#include "agent/reports/report_case.hpp"
#include "jurukunci/certificate.hpp"

#include <boost/json/value.hpp>

namespace jk::reports {

struct ReportRequest {
    std::string category, description;
    std::optional<bool> significant;
    std::optional<WallTime> known, last_safe; ///< without `known`: now
    Person holder, superior, head_of_unit;
    std::string token_serial;
    CertificateRef certificate; ///< from a file; may be null
    std::string certificate_sha256;
};

/// Strict. No NIK is taken: a number of sixteen digits in free text is masked, in a field for a NIP it is refused.
Outcome<ReportRequest> read_report_request(const json::value& body, WallTime now);

/// Runs of exactly sixteen digits, however they are grouped, become "[NIK disamarkan]".
std::string without_nik(const std::string& text);

} // namespace jk::reports
