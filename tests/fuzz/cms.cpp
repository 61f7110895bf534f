// A detached CMS signature, and the report about it.
#include "agent/documents/child/cms_check.hpp"
#include "agent/documents/child/report.hpp"
#include "ipc/strict_json.hpp"
#include "tests/fuzz/kept_files.hpp"

using namespace jk;
using namespace jk::documents;

namespace {

/// The seeds sign this text.
constexpr std::string_view document = "Surat undangan\n";

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto wanted = fuzz::verify_request();
    child::SignatureFindings findings;
    findings.cms = child::check_cms({data, size}, [](HashFunction hash) { return hash_of(hash, bytes_of(document)); });
    const bool intact = findings.cms.verdict == child::CmsVerdict::intact;
    fuzz::require(!intact || (findings.cms.signer && findings.cms.reason.empty() && !findings.cms.certificates.empty()),
                  "an intact signature has a signer");
    fuzz::require(intact || !findings.cms.reason.empty(), "what is not intact has a reason");
    findings.integrity = intact ? child::Integrity::intact : child::Integrity::invalid;
    fuzz::require(ipc::parse_json(child::report_of({findings}, wanted, false)).has_value(), "a report is JSON that the agent takes");
    return 0;
}
