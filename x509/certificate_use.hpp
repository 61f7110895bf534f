// What is a certificate meant for: signatures on documents, logging in? Pure; any thread.
#pragma once
#include "jurukunci/certificate.hpp"

#include <optional>
#include <string>

namespace jk::x509 {

/// Why signatures by this certificate on documents do not count; nothing if they do. nonRepudiation is demanded (tanda tangan elektronik binds
/// its holder; digitalSignature alone is for logging in), no certification authority signs documents, and an extended key usage must name a
/// purpose that documents come under (RFC 5280 4.2.1.12, RFC 9336).
std::optional<std::string> unfit_for_documents(const Certificate& certificate);

/// It may stand for a server (TLS), so a system holds it and not a person.
bool is_for_a_server(const Certificate& certificate);

/// Why this certificate does not show who logs in; nothing if it does. digitalSignature is demanded, no certification authority logs in, and an
/// extended key usage must name client authentication.
std::optional<std::string> unfit_for_login(const Certificate& certificate);

} // namespace jk::x509
