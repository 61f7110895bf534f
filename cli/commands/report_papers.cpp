// jurukunci report papers: the city's letters about one report, as PDF and as JSON, in a folder of the person's.
#include "agent/audit/custody.hpp"
#include "agent/config/configuration.hpp"
#include "agent/store/device_certificate.hpp"
#include "agent/store/state_folder.hpp"
#include "cli/commands/report.hpp"
#include "cli/papers/pdf.hpp"
#include "cli/report_backend.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <filesystem>
#include <fstream>

namespace jk::cli {
namespace {

namespace fs = std::filesystem;

std::vector<papers::SignedDocument> documents_in(const json::object& report) {
    std::vector<papers::SignedDocument> all;
    const auto* list = report.if_contains("signedSince");
    if (list == nullptr || !list->is_array()) return all;
    for (const auto& value : list->get_array()) {
        const auto& o = value.as_object();
        all.push_back(
            {text_of(o, "name"), text_of(o, "sha256"), text_of(o, "at"), text_of(o, "application"), text_of(o, "origin"), o.at("certain").as_bool()});
    }
    return all;
}

Outcome<void> write_file(const fs::path& path, std::string_view content) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    out.flush();
    if (!out) return Error{Errc::storage_full, path.string()};
    return done();
}

} // namespace

int report_device(const Console& console) {
    const auto configuration = config::read(config::system_folder());
    if (!configuration) return console.fail(configuration.error());
    const auto folder = store::state_folder(policy::name_of(configuration->profile.environment));
    if (!folder) return console.fail(folder.error());
    const auto key = audit::Custody::device_key(*folder);
    if (!key) return console.fail(key.error());
    const auto certificate = store::device_certificate(*key);
    if (!certificate) return console.fail(certificate.error());
    console.result({{"certificate", *certificate}});
    console.line(*certificate);
    return 0;
}

int report_papers(const Console& console, const ReportOptions& options) {
    const auto configuration = config::read(config::system_folder());
    if (!configuration) return console.fail(configuration.error());
    auto backend = ReportBackend::open();
    if (!backend) return console.fail(backend.error());
    int exit_code = 0;
    const auto answer = (*backend)->call(console, {{"call", "report-show"}, {"id", options.id}}, exit_code);
    if (!answer) return exit_code;
    const auto& body = answer->at("report").as_object();
    const auto report = reports::case_from_json(body);
    if (!report) return console.fail(report.error());
    const auto& profile = configuration->profile;
    const auto documents = documents_in(body);
    const auto now = SystemClock().now();
    const papers::Occasion occasion{profile.regulation, *report, documents,
                                    body.if_contains("signedSince") != nullptr && !body.at("signedSince").is_null(), now};
    std::error_code ec;
    fs::create_directories(options.output, ec);
    json::array made;
    for (const auto& paper : papers::papers_for(occasion)) {
        const auto base = fs::path(options.output) / (report->number + "-" + paper.kind);
        const auto pdf = papers::to_pdf(paper, profile.regulation, profile.marking(), now);
        if (!pdf) return console.fail(pdf.error());
        if (auto ok = write_file(base.string() + ".pdf", jk::text_of(*pdf)); !ok) return console.fail(ok.error());
        if (auto ok = write_file(base.string() + ".json", json::serialize(papers::to_json(paper))); !ok) return console.fail(ok.error());
        made.push_back(json::object{{"kind", paper.kind}, {"pdf", base.string() + ".pdf"}, {"json", base.string() + ".json"}});
        console.line(base.string() + ".pdf");
    }
    console.result({{"papers", std::move(made)}});
    return 0;
}

} // namespace jk::cli
