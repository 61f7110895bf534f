// Is a certificate meant for signatures on documents? Pure; any thread.
#pragma once
#include "jurukunci/certificate.hpp"

#include <optional>
#include <string>

namespace jk::x509 {

/// Why signatures by this certificate on documents do not count; nothing if they do. nonRepudiation is demanded (tanda tangan elektronik binds
/// its holder; digitalSignature alone is for logging in), no certification authority signs documents, and an extended key usage must name a
/// purpose that documents come under (RFC 5280 4.2.1.12, RFC 9336).
std::optional<std::string> unfit_for_documents(const Certificate& certificate);

} // namespace jk::x509
