// What issuers say about certificates, the addresses that certificates name for it, and certificates that name some.
#include "x509/revocation_answer.hpp"
#include "tests/fuzz/kept_files.hpp"
#include "x509/status_url.hpp"

using namespace jk;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto issuer = fuzz::kept_certificate("status-issuing.pem"), subject = fuzz::kept_certificate("status-subject.pem");
    const ByteView input(data, size);
    const auto at = fuzz::now();
    const auto sound = [&](const Outcome<x509::RevocationFact>& fact) {
        if (!fact) return fuzz::require(!fact.error().detail.empty(), "what is not believed has a reason");
        fuzz::require(fact->made_at <= at + std::chrono::minutes(5), "no answer is of the future");
        fuzz::require((fact->state == x509::RevocationState::good) == !fact->revoked_at, "revoked has a time, and good has none");
        (void)rfc3339(fact->made_at);
    };
    sound(x509::read_ocsp_answer(input, *subject, *issuer, {}, at));
    sound(x509::read_crl(input, *subject, *issuer, "", at));
    fuzz::require(!x509::read_crl(input, *subject, *issuer, "FFFFFFFFFF", at), "numbers do not go back");
    if (const auto certificate = x509::read_certificate(input)) (void)x509::status_pointers(**certificate);
    if (const auto url = x509::StatusUrl::parse(text_of(input))) {
        const auto again = x509::StatusUrl::parse("http://" + url->authority() + url->target);
        fuzz::require(again && again->host == url->host && again->port == url->port && again->target == url->target, "an address is what it says");
        for (const char c : url->host + url->target) fuzz::require(c > ' ' && c < 0x7f, "nothing ends a request's line");
    }
    return 0;
}
