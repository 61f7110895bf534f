#include "agent/documents/child/report.hpp"

#include "jurukunci/encoding.hpp"
#include "x509/certificate_use.hpp"
#include "x509/chain.hpp"
#include "x509/read_certificate.hpp"

#include <boost/json/serialize.hpp>

namespace jk::documents::child {
namespace {

namespace json = boost::json;

enum class Trust { trusted, unknown, expired };

std::string_view name_of(Integrity integrity) {
    switch (integrity) {
    case Integrity::intact: return "intact";
    case Integrity::modified_after_signing: return "modified-after-signing";
    case Integrity::certified_violation: return "certified-violation";
    case Integrity::invalid: return "invalid";
    }
    return "invalid";
}

std::string_view name_of(Trust trust) { return trust == Trust::trusted ? "trusted" : trust == Trust::expired ? "expired" : "unknown"; }

std::vector<CertificateRef> read_all(const std::vector<Bytes>& ders) {
    std::vector<CertificateRef> all;
    for (const auto& der : ders)
        if (auto certificate = x509::read_certificate(der)) all.push_back(*certificate);
    return all;
}

Trust trust_of(const CmsFindings& cms, const std::vector<CertificateRef>& anchors, std::vector<CertificateRef> intermediates, WallTime at) {
    if (!cms.signer) return Trust::unknown;
    intermediates.insert(intermediates.end(), cms.certificates.begin(), cms.certificates.end());
    if (!x509::chain_to_anchor(cms.signer, intermediates, anchors, std::nullopt)) return Trust::unknown;
    return x509::chain_to_anchor(cms.signer, intermediates, anchors, at) ? Trust::trusted : Trust::expired;
}

struct Verdict {
    std::string_view indication, sub_indication; ///< ETSI TS 119 102-1
};

Verdict verdict_of(const SignatureFindings& s, Trust trust) {
    switch (s.cms.verdict) {
    case CmsVerdict::format_failure: return {"TOTAL-FAILED", "FORMAT_FAILURE"};
    case CmsVerdict::hash_failure: return {"TOTAL-FAILED", "HASH_FAILURE"};
    case CmsVerdict::crypto_failure: return {"TOTAL-FAILED", "SIG_CRYPTO_FAILURE"};
    case CmsVerdict::intact: break;
    }
    if (s.integrity != Integrity::intact) return {"TOTAL-FAILED", "FORMAT_FAILURE"};
    if (trust == Trust::unknown) return {"INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND"};
    // Before validity: no proof of when it was made heals a certificate of another purpose.
    if (!s.cms.signer || x509::unfit_for_documents(*s.cms.signer)) return {"INDETERMINATE", "CHAIN_CONSTRAINTS_FAILURE"};
    if (trust == Trust::expired) return {"INDETERMINATE", "OUT_OF_BOUNDS_NO_POE"};
    return {"TOTAL-PASSED", ""};
}

json::object signer_of(const Certificate& c) {
    return {{"commonName", c.common_name},
            {"subject", c.subject},
            {"issuer", c.issuer},
            {"serialNumber", c.serial_hex},
            {"notBefore", rfc3339(c.not_before)},
            {"notAfter", rfc3339(c.not_after)},
            {"certificate", to_base64(c.der)}};
}

json::object warning(std::string_view code, std::string_view text) { return {{"code", code}, {"text", text}}; }

json::array warnings_of(const SignatureFindings& s, Trust trust) {
    json::array all;
    if (!s.cms.reason.empty()) all.push_back(warning("REASON", s.cms.reason));
    for (const auto& text : s.cms.warnings) all.push_back(warning("FORM", text));
    if (s.cms.signer)
        if (const auto why = x509::unfit_for_documents(*s.cms.signer))
            all.push_back(warning("KEY-USAGE", "the certificate is not meant for signatures on documents: " + *why));
    if (trust != Trust::unknown) all.push_back(warning("REVOCATION-NOT-CHECKED", "whether the certificate was revoked was not checked"));
    return all;
}

std::string level_of(const CmsFindings& cms, bool pdf) { return std::string(pdf ? "PAdES" : "CAdES") + (cms.cades ? "_BASELINE_B" : "_UNKNOWN"); }

json::value text_or_null(std::string_view text) { return text.empty() ? json::value(nullptr) : json::value(text); }

json::object start(std::string_view conclusion, const VerifyRequest& request) {
    return {{"conclusion", conclusion},
            {"signatures", json::array()},
            // Said in every report, so that nobody takes this version for more than it is.
            {"notChecked", {"revocation", "timestamp", "form-filling-permissions", "shadow-content"}},
            {"environment", request.environment},
            {"verifiedAt", rfc3339(request.at)}};
}

} // namespace

std::string unreadable_report(const std::string& reason, const VerifyRequest& request) {
    auto report = start("unreadable", request);
    report["reason"] = reason;
    return json::serialize(report);
}

std::string report_of(const std::vector<SignatureFindings>& signatures, const VerifyRequest& request, bool pdf) {
    const auto anchors = read_all(request.anchors), intermediates = read_all(request.intermediates);
    bool all_passed = !signatures.empty();
    json::array list;
    for (const auto& s : signatures) {
        const auto trust = trust_of(s.cms, anchors, intermediates, request.at);
        const auto verdict = verdict_of(s, trust);
        all_passed = all_passed && verdict.indication == "TOTAL-PASSED";
        json::object o{{"field", text_or_null(s.field)},
                       {"integrity", name_of(s.integrity)},
                       {"trust", name_of(trust)},
                       {"indication", verdict.indication},
                       {"subIndication", text_or_null(verdict.sub_indication)},
                       {"level", level_of(s.cms, pdf)},
                       {"signer", s.cms.signer ? json::value(signer_of(*s.cms.signer)) : json::value(nullptr)},
                       {"signatureAlgorithm", text_or_null(s.cms.algorithm)},
                       {"claimedTime", s.cms.signing_time ? json::value(rfc3339(*s.cms.signing_time)) : json::value(nullptr)},
                       {"changes", json::array(s.changes.begin(), s.changes.end())},
                       {"warnings", warnings_of(s, trust)}};
        o["coverage"] = json::object{{"byteRange", json::array(s.byte_range.begin(), s.byte_range.end())},
                                     {"revisionEnd", s.revision_end},
                                     {"wholeDocument", s.whole_document}};
        list.push_back(std::move(o));
    }
    auto report = start(signatures.empty() ? "no-signature" : all_passed ? "valid" : "not-valid", request);
    report["signatures"] = std::move(list);
    return json::serialize(report);
}

} // namespace jk::documents::child
