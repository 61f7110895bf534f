#include "cli/commands/report.hpp"

#include "cli/report_backend.hpp"
#include "jurukunci/clock.hpp"
#include "jurukunci/displayed_text.hpp"
#include "jurukunci/encoding.hpp"

#include <boost/json/array.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace jk::cli {
namespace {

Error wrong(const std::string& field, const std::string& why) { return Error{Errc::request_malformed, why}.with("field", field).with("fault", why); }

/// DER, or the one certificate of a PEM file.
Outcome<std::string> certificate_base64(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    const auto content = text.str();
    if (content.empty() || content.size() > (128u << 10)) return wrong("certificate", "cannot be read or is too large");
    const std::string begin = "-----BEGIN CERTIFICATE-----", end = "-----END CERTIFICATE-----";
    const auto from = content.find(begin);
    if (from == std::string::npos) return to_base64(bytes_of(content));
    const auto to = content.find(end, from);
    if (to == std::string::npos) return wrong("certificate", "is no certificate in PEM");
    auto base64 = content.substr(from + begin.size(), to - from - begin.size());
    std::erase_if(base64, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
    return base64;
}

json::value person(const std::string& name, const std::string& nip, const std::string& position, const std::string& unit) {
    if (name.empty() && nip.empty() && position.empty() && unit.empty()) return nullptr;
    json::object o;
    for (const auto& [key, value] : {std::pair{"name", &name}, {"nip", &nip}, {"position", &position}, {"unit", &unit}})
        if (!value->empty()) o[key] = *value;
    return o;
}

Outcome<json::object> request_of(const ReportOptions& o) {
    json::object r{{"category", o.category}};
    const auto put = [&](const char* name, const std::string& value) {
        if (!value.empty()) r[name] = value;
    };
    put("description", o.description);
    put("tokenSerial", o.serial);
    put("certificateSha256", o.certificate_sha256);
    for (const auto& [name, text] : {std::pair{"knownAt", &o.known_at}, {"lastSafeAt", &o.last_safe}}) {
        if (text->empty()) continue;
        const auto time = time_of(*text);
        if (!time) return wrong(name, "must be a time such as \"2026-11-21 15:00\"");
        r[name] = *time;
    }
    if (!o.significant.empty()) r["significant"] = o.significant == "yes";
    if (!o.certificate_file.empty()) {
        auto certificate = certificate_base64(o.certificate_file);
        if (!certificate) return certificate.error();
        r["certificate"] = *certificate;
    }
    const auto put_person = [&](const char* name, json::value value) {
        if (!value.is_null()) r[name] = std::move(value);
    };
    put_person("holder", person(o.name, o.nip, o.position, o.unit));
    put_person("superior", person(o.superior_name, o.superior_nip, o.superior_position, ""));
    put_person("headOfUnit", person(o.head_name, o.head_nip, "", ""));
    return r;
}

void print_delivery(const Console& console, const json::object& report) {
    const auto* delivery = report.if_contains("delivery");
    if (delivery == nullptr || !delivery->is_object()) return;
    const auto& d = delivery->get_object();
    if (!text_of(d, "receipt").empty())
        console.line("  diterima RA: " + displayed(text_of(d, "receipt"), 200), "  received by the RA: " + displayed(text_of(d, "receipt"), 200));
    else
        console.line("  dalam antrean kirim, percobaan " + std::to_string(number_of(d, "tries")) + ", berikutnya " + text_of(d, "nextTry"),
                     "  queued, tried " + std::to_string(number_of(d, "tries")) + " times, next " + text_of(d, "nextTry"));
    if (!text_of(d, "lastFault").empty()) console.line("  " + displayed(text_of(d, "lastFault"), 200));
}

void print_report(const Console& console, const json::object& report) {
    const auto number = text_of(report, "number");
    const auto blocks = report.at("activeBlocks").as_array().size();
    const auto hours = std::to_string(number_of(report, "elapsedHours"));
    const auto& target = report.at("target").as_object();
    const auto goal = std::to_string(number_of(target, "hours"));
    console.line(number + "  " + displayed(text_of(report, "category")) + "  [" + text_of(report, "state") + "]  (" + text_of(report, "id") + ")");
    console.line("  berlalu " + hours + " jam sejak diketahui; target kebijakan agen: " + goal + " jam",
                 "  " + hours + " hours since it became known; the agent's own target is " + goal + " hours (\"target kebijakan agen\")");
    console.line(blocks > 0 ? "  DIBLOKIR di komputer ini" : "  tidak ada blokir", blocks > 0 ? "  BLOCKED on this computer" : "  no block");
    print_delivery(console, report);
    const auto* since = report.if_contains("signedSince");
    if (since != nullptr && since->is_null()) console.line("  catatan tanda tangan tidak dapat dibaca", "  the log cannot be read");
    if (since != nullptr && since->is_array()) {
        console.line("  ditandatangani sejak itu: " + std::to_string(since->get_array().size()),
                     "  signed since: " + std::to_string(since->get_array().size()));
        for (const auto& value : since->get_array()) {
            const auto& thing = value.as_object();
            console.line("    " + text_of(thing, "at") + "  " + displayed(text_of(thing, "name"), 120) + "  – " +
                         displayed(text_of(thing, "application"), 80));
        }
    }
    const auto* missing = report.if_contains("missing");
    if (missing != nullptr && missing->is_array())
        for (const auto& value : missing->get_array()) {
            const std::string kind(value.as_string());
            console.line("  BELUM LENGKAP: " + kind + ". Lampirkan: jurukunci report attach " + number + " --kind " + kind +
                             " BERKAS, lalu: jurukunci report send " + number,
                         "  MISSING: " + kind + ". Then: jurukunci report attach " + number + " --kind " + kind + " FILE; jurukunci report send " +
                             number);
        }
}

/// One call about one case, shown.
int about_case(const Console& console, json::object request, const std::string& file = {}) {
    UniqueFd fd;
    if (!file.empty()) {
        fd.reset(open(file.c_str(), O_RDONLY | O_CLOEXEC));
        if (!fd) return console.fail(wrong(file, "cannot be read"));
    }
    auto backend = ReportBackend::open();
    if (!backend) return console.fail(backend.error());
    int exit_code = 0;
    const auto answer = (*backend)->call(console, std::move(request), exit_code, fd.get());
    if (!answer) return exit_code;
    console.result(*answer);
    if (answer->contains("log"))
        console.line("Keputusan RA dicatat; kunci dapat dipakai lagi.", "The RA's decision is recorded; keys may be used again.");
    if (const auto* report = answer->if_contains("report")) print_report(console, report->as_object());
    if (const auto* all = answer->if_contains("reports"))
        for (const auto& report : all->as_array()) print_report(console, report.as_object());
    return 0;
}

} // namespace

std::optional<std::string> time_of(const std::string& text) {
    if (parse_rfc3339(text)) return text;
    std::tm parts{};
    const char* end = strptime(text.c_str(), "%Y-%m-%d %H:%M", &parts);
    if (end == nullptr) {
        parts = {};
        end = strptime(text.c_str(), "%Y-%m-%d", &parts);
    }
    if (end == nullptr || *end != '\0') return std::nullopt;
    parts.tm_isdst = -1;
    const auto seconds = std::mktime(&parts);
    if (seconds < 0) return std::nullopt;
    return rfc3339(WallTime(std::chrono::seconds(seconds)));
}

int report_new(const Console& console, ReportOptions options) {
    auto backend = ReportBackend::open();
    if (!backend) return console.fail(backend.error());
    int exit_code = 0;
    if (options.category.empty()) {
        const auto categories = (*backend)->call(console, {{"call", "report-categories"}}, exit_code);
        if (!categories) return exit_code;
        if (console.as_json || isatty(STDIN_FILENO) == 0) return console.fail(wrong("--category", "is missing"));
        if (!ask_for_missing(console, *categories, options)) return 4;
    }
    auto request = request_of(options);
    if (!request) return console.fail(request.error());
    const auto answer = (*backend)->call(console, {{"call", "report-open"}, {"request", std::move(*request)}}, exit_code);
    if (!answer) return exit_code;
    console.result(*answer);
    const auto& report = answer->at("report").as_object();
    print_report(console, report);
    if (!(*backend)->agent_runs())
        console.line("  Agen tidak berjalan: blokir sudah tersimpan dan berlaku sejak agen dijalankan; pengiriman menyusul saat itu.",
                     "  No agent runs: the block is stored and holds from its next start; the report is sent then.");
    console.line("  Cetak surat-suratnya: jurukunci report papers " + text_of(report, "number"),
                 "  Print the papers: jurukunci report papers " + text_of(report, "number"));
    return 0;
}

int report_categories(const Console& console) {
    auto backend = ReportBackend::open();
    if (!backend) return console.fail(backend.error());
    int exit_code = 0;
    const auto answer = (*backend)->call(console, {{"call", "report-categories"}}, exit_code);
    if (!answer) return exit_code;
    console.result(*answer);
    for (const auto& value : answer->at("categories").as_array()) {
        const auto& category = value.as_object();
        console.line(text_of(category, "value") + "  (" + text_of(category, "citation") + ")" +
                     (category.at("blocks").as_bool() ? console.english() ? "  blocks the key" : "  memblokir kunci" : ""));
    }
    return 0;
}

int report_list(const Console& console) { return about_case(console, {{"call", "report-list"}}); }
int report_show(const Console& console, const ReportOptions& o) { return about_case(console, {{"call", "report-show"}, {"id", o.id}}); }
int report_send(const Console& console, const ReportOptions& o) { return about_case(console, {{"call", "report-send"}, {"id", o.id}}); }
int report_decision(const Console& console, const ReportOptions& o) { return about_case(console, {{"call", "report-decision"}}, o.file); }

int report_attach(const Console& console, const ReportOptions& o) {
    const auto name = std::filesystem::path(o.file).filename().string();
    return about_case(console, {{"call", "report-attach"}, {"id", o.id}, {"request", json::object{{"kind", o.kind}, {"name", name}}}}, o.file);
}

int archive(const Console& console, const ReportOptions& o) {
    const auto name = std::filesystem::path(o.file).filename().string();
    const int exit_code = about_case(console, {{"call", "report-deposit"}, {"request", json::object{{"name", name}}}}, o.file);
    if (exit_code == 0) console.line("Masuk antrean ke pusat data: " + name, "Queued for the data centre: " + name);
    return exit_code;
}

} // namespace jk::cli
