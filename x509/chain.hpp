// From a certificate to an anchor. Pure; any thread.
#pragma once
#include "jurukunci/certificate.hpp"
#include "jurukunci/outcome.hpp"

#include <optional>
#include <vector>

namespace jk::x509 {

/// The certificates from `leaf` to an anchor, both included. Signatures, CA flags, path lengths and key strength (112 bits) are checked;
/// validity times only when `at` is given, so that callers can tell "unknown issuer" from "expired". The error says why no path exists.
Outcome<std::vector<CertificateRef>> chain_to_anchor(const CertificateRef& leaf, const std::vector<CertificateRef>& intermediates,
                                                     const std::vector<CertificateRef>& anchors, std::optional<WallTime> at);

} // namespace jk::x509
