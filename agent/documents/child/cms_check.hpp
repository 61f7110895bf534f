// Reads one CMS SignedData from outside and checks it as a CAdES or PAdES signature: form, digest, certificate binding, signature value.
#pragma once
#include "jurukunci/certificate.hpp"
#include "jurukunci/outcome.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace jk::documents::child {

enum class CmsVerdict { intact, format_failure, hash_failure, crypto_failure };

struct CmsFindings {
    CmsVerdict verdict = CmsVerdict::format_failure;
    std::string reason; ///< why it is not intact
    CertificateRef signer;
    std::vector<CertificateRef> certificates;
    std::string algorithm; ///< "ECDSA with SHA-256"
    std::optional<WallTime> signing_time;
    bool cades = false; ///< ESS signing-certificate(-v2) is there
    std::vector<std::string> warnings;
};

/// `content_digest` is asked once, for the hash function the signature names.
CmsFindings check_cms(ByteView cms, const std::function<Digest(HashFunction)>& content_digest);

} // namespace jk::documents::child
