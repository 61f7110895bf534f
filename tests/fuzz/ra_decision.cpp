// Decisions of the RA: a CMS from outside, with nobody's and with one pinned certificate, and its content as if the signature had been good.
#include "agent/reports/ra_decision.hpp"
#include "jurukunci/displayed_text.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/support/ra_desk.hpp"

using namespace jk;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto ca = test::DemoCa::create();
    static const test::RaDesk desk(ca);
    const ByteView input(data, size);
    fuzz::require(!reports::read_ra_decision(input, {}, "uji"), "without a pinned certificate nothing is a decision");
    fuzz::require(!reports::read_ra_decision(input, {desk.certificate()}, "uji"), "nobody else's signature is taken");
    const auto loss = reports::read_loss_decision(text_of(input), "uji");
    if (loss && *loss) {
        fuzz::require(!(*loss)->loss.empty() && !(*loss)->device.empty(), "a decision about a log names the loss and the device");
        fuzz::require(!reports::read_decision_text(text_of(input), "uji"), "no text is about a log and about a case");
    }
    const auto verdict = reports::read_decision_text(text_of(input), "uji");
    if (!verdict) {
        fuzz::require(is_utf8(verdict.error().log_line()), "a refusal can be logged");
        return 0;
    }
    fuzz::require(verdict->verdict == reports::Verdict::lift || !verdict->certificates.empty(), "a revocation names what is revoked");
    for (const auto& certificate : verdict->certificates) fuzz::require(certificate.size() == 64, "a fingerprint has 64 digits");
    return 0;
}
