#include "agent/reports/ra_decision.hpp"

#include "ipc/json_fields.hpp"
#include "ipc/strict_json.hpp"
#include "x509/signed_message.hpp"

#include <boost/json/array.hpp>

namespace jk::reports {
namespace {

constexpr std::size_t most_certificates = 32;

Error refused(const std::string& why) { return Error{Errc::ra_decision_refused, why}.with("reason", why); }

} // namespace

Outcome<RaVerdict> read_decision_text(std::string_view text, const std::string& environment) {
    const auto value = ipc::parse_json(text);
    if (!value) return refused("isinya bukan JSON");
    ipc::JsonFields fields(*value, "");
    RaVerdict verdict;
    const auto type = fields.text("type", 64);
    const auto decision = fields.text("decision", 16);
    verdict.case_id = fields.text("case", 64);
    const auto meant_for = fields.text("environment", 16);
    const auto number = fields.text("number", 200);
    const auto date = parse_rfc3339(fields.text("date", 32));
    const auto officer = fields.text("officer", 200);
    const auto reason = fields.optional_text("reason", 2000).value_or("");
    if (fields.has("certificates"))
        if (const auto* list = fields.array("certificates", most_certificates))
            for (const auto& fingerprint : *list) {
                const bool is_text = fingerprint.is_string();
                if (is_text) verdict.certificates.emplace_back(fingerprint.get_string());
                if (!is_text || verdict.certificates.back().size() != 64 ||
                    verdict.certificates.back().find_first_not_of("0123456789abcdef") != std::string::npos)
                    fields.refuse("certificates", "must be fingerprints of 64 hexadecimal digits");
            }
    if (auto ok = fields.end(); !ok) return refused("isinya tidak sesuai (" + ok.error().sentence(Language::english) + ")");
    if (type != "jurukunci-ra-decision") return refused("bukan keputusan RA");
    if (meant_for != environment) return refused("untuk lingkungan lain");
    if (!date) return refused("tanpa tanggal");
    if (decision != "lift" && decision != "revoked") return refused("keputusannya tidak dikenal");
    verdict.verdict = decision == "lift" ? Verdict::lift : Verdict::revoked;
    if (verdict.verdict == Verdict::revoked && verdict.certificates.empty()) return refused("tidak menyebut sertifikat yang dicabut");
    verdict.date = *date;
    verdict.document = sha256(bytes_of(text));
    verdict.about = {{"number", number}, {"officer", officer}, {"reason", reason}, {"date", rfc3339(*date)}};
    return verdict;
}

Outcome<RaWord> read_ra_decision(ByteView cms, const std::vector<CertificateRef>& pinned, const std::string& environment) {
    if (pinned.empty()) return refused("di komputer ini belum ada sertifikat RA (folder ra)");
    auto message = x509::read_signed_message(cms, pinned);
    if (!message) return refused("tanda tangan RA tidak sah (" + message.error().detail + ")");
    const auto text = text_of(message->content);
    auto loss = read_loss_decision(text, environment);
    if (!loss) return loss.error();
    if (*loss) {
        (*loss)->cms.assign(cms.begin(), cms.end());
        return RaWord(std::move(**loss));
    }
    auto verdict = read_decision_text(text, environment);
    if (!verdict) return verdict.error();
    verdict->cms.assign(cms.begin(), cms.end());
    return RaWord(std::move(*verdict));
}

} // namespace jk::reports
