// Building the report's JSON from findings: what counts as trusted, passed, valid.
#pragma once
#include "agent/documents/child/cms_check.hpp"
#include "agent/documents/messages.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace jk::documents::child {

enum class Integrity { intact, modified_after_signing, certified_violation, invalid };

/// One signature, before trust is judged.
struct SignatureFindings {
    std::string field;
    CmsFindings cms;
    Integrity integrity = Integrity::invalid;
    std::array<std::uint64_t, 4> byte_range{};
    std::uint64_t revision_end = 0;
    bool whole_document = false;
    std::vector<std::string> changes; ///< after this signature
};

/// Judges trust at the request's time and writes the report.
std::string report_of(const std::vector<SignatureFindings>& signatures, const VerifyRequest& request, bool pdf);
std::string unreadable_report(const std::string& reason, const VerifyRequest& request);

} // namespace jk::documents::child
