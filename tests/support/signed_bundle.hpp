// SignedBundle: a bundle as an RA would make it, of the files that lie in a folder. The content is put together here by hand, beside the product's
// own writer, so that the two agree on the format.
#pragma once
#include "jurukunci/certificate.hpp"
#include "x509/openssl_ptr.hpp"

#include <filesystem>
#include <string>

namespace jk::test {

struct BundleWish {
    int version = 1;
    std::string issued = "", expires = "2035-01-01T00:00:00Z"; ///< `issued` empty: a minute ago
    std::string blocked = "[]", holders = "[]";                ///< JSON
};

std::string bundle_content(const std::filesystem::path& folder, const BundleWish& wish);
/// DER of a CMS SignedData with the content inside.
std::string signed_bundle(const std::string& content, const Certificate& signer, EVP_PKEY* key);

} // namespace jk::test
