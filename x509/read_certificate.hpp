// From DER or PEM to Certificate. Pure; any thread.
#pragma once
#include "jurukunci/certificate.hpp"
#include "jurukunci/outcome.hpp"
#include "x509/openssl_ptr.hpp"

#include <string_view>
#include <vector>

namespace jk::x509 {

/// Larger ones are refused unread; real ones have one to three kilobytes.
inline constexpr std::size_t max_certificate_size = 64u << 10;

Outcome<CertificateRef> read_certificate(ByteView der);
/// All certificates of a PEM file, in order; anything else in it is an error.
Outcome<std::vector<CertificateRef>> read_pem(std::string_view pem);
/// OpenSSL's own object, for callers that go on with OpenSSL.
X509Ptr to_x509(const Certificate& certificate);
std::string name_text(const X509_NAME* name);

} // namespace jk::x509
