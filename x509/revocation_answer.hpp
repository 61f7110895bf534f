// What an issuer says about one of its certificates: OCSP (RFC 6960) and CRL (RFC 5280 5), from bytes of outside to a fact, or to the reason why they
// are none. Pure; any thread. Nothing is believed that the issuer, or whom it named for this, did not sign.
#pragma once
#include "jurukunci/certificate.hpp"
#include "jurukunci/outcome.hpp"

#include <optional>
#include <string>
#include <vector>

namespace jk::x509 {

inline constexpr std::size_t max_ocsp_answer = 64u << 10, max_crl = 16u << 20;

enum class RevocationState { good, revoked, suspended };

struct RevocationFact {
    RevocationState state = RevocationState::good;
    WallTime made_at{};                  ///< thisUpdate
    std::optional<WallTime> next_update; ///< when the issuer says more
    std::optional<WallTime> revoked_at;  ///< of a revoked or suspended one
    std::string crl_number;              ///< hexadecimal; empty for OCSP, and where the list has none
};

struct OcspRequest {
    Bytes der, nonce;
};
Outcome<OcspRequest> make_ocsp_request(const Certificate& certificate, const Certificate& issuer);

/// `nonce`: of the request; empty where an answer that was kept is read again. An answer without one is taken: responders that sign ahead have none.
/// `at`: when it came. Errors: status_unknown, with the reason as detail.
Outcome<RevocationFact> read_ocsp_answer(ByteView der, const Certificate& certificate, const Certificate& issuer, ByteView nonce, WallTime at);

/// `least_number`: hexadecimal, of the list that was known before; an older one is no answer. Empty: none was.
Outcome<RevocationFact> read_crl(ByteView der, const Certificate& certificate, const Certificate& issuer, const std::string& least_number,
                                 WallTime at);

/// Where the certificate says that answers are: its words, not yet judged. At most eight of each.
struct StatusPointers {
    std::vector<std::string> ocsp, crl;
};
StatusPointers status_pointers(const Certificate& certificate);

} // namespace jk::x509
