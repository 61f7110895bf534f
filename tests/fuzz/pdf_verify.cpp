// Inspecting and verifying a stranger's document. The report must be JSON that the agent's strict reader takes, whatever stands in the document.
#include "agent/documents/child/pdf_file.hpp"
#include "agent/documents/child/verify.hpp"
#include "ipc/strict_json.hpp"
#include "jurukunci/displayed_text.hpp"
#include "tests/fuzz/kept_files.hpp"
#include "tests/fuzz/pdf.hpp"

using namespace jk;
using namespace jk::documents;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto wanted = fuzz::verify_request();
    const ByteView bytes(data, size);
    (void)fuzz::refusal_of([&] {
        auto file = child::PdfFile::open(fuzz::document(bytes), size);
        (void)file.page_count();
        const auto title = file.title();
        fuzz::require(title.empty() || is_utf8(title), "a title is UTF-8");
        (void)file.page(1);
        (void)file.page(-1);
    });
    std::string report;
    if (fuzz::refusal_of([&] { report = child::verify(fuzz::document(bytes), wanted); })) return 0;
    const auto value = ipc::parse_json(report);
    if (!value) std::fprintf(stderr, "%s\n%s\n", value.error().log_line().c_str(), report.c_str());
    fuzz::require(value.has_value(), "a report is JSON that the agent takes");
    return 0;
}
