// The DER pieces of a certificate that PKCS#11 shows as attributes of their own.
#pragma once
#include "jurukunci/certificate.hpp"
#include "jurukunci/outcome.hpp"

namespace jk::x509 {

struct CertificateParts {
    Bytes subject, issuer, serial; ///< each as its own DER value
    Bytes modulus, exponent;       ///< of RSA, big-endian, no leading zero
    Bytes ec_parameters;           ///< of EC: the named curve's OID, in DER; of Ed25519: its own (RFC 8410)
};

Outcome<CertificateParts> parts_of(const Certificate& certificate);

} // namespace jk::x509
