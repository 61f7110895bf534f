// jurukunci report …: works without token and PIN, with the agent or without, and on a computer that never saw the token.
#pragma once
#include "cli/console.hpp"

#include <string>

namespace jk::cli {

struct ReportOptions {
    std::string category, description, known_at, last_safe, significant; ///< empty: asked for, where somebody sits there
    std::string serial, certificate_file, certificate_sha256;
    std::string name, nip, position, unit;
    std::string superior_name, superior_nip, superior_position;
    std::string head_name, head_nip;
    std::string id, kind = "lampiran", file, output = ".";
};

int report_new(const Console& console, ReportOptions options);
int report_categories(const Console& console);
int report_list(const Console& console);
int report_show(const Console& console, const ReportOptions& options);
int report_attach(const Console& console, const ReportOptions& options);
int report_send(const Console& console, const ReportOptions& options);
int report_decision(const Console& console, const ReportOptions& options);
int report_papers(const Console& console, const ReportOptions& options);
/// The certificate of this installation that the RA registers, so that it takes reports from here.
int report_device(const Console& console);
/// A signed document for the city's data centre.
int archive(const Console& console, const ReportOptions& options);

/// Asks at the terminal for what is missing. False when the person gave up.
bool ask_for_missing(const Console& console, const json::object& categories, ReportOptions& options);
/// "2026-11-21 15:00" in local time, a date alone, or RFC 3339; as RFC 3339.
std::optional<std::string> time_of(const std::string& text);

} // namespace jk::cli
