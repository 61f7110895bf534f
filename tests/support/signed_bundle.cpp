#include "tests/support/signed_bundle.hpp"

#include "jurukunci/clock.hpp"
#include "x509/read_certificate.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <openssl/cms.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace jk::test {

namespace fs = std::filesystem;

std::string bundle_content(const fs::path& folder, const BundleWish& wish) {
    boost::json::object files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const auto name = fs::relative(entry.path(), folder).string();
        if (!entry.is_regular_file() || name.starts_with("ra/") || name.starts_with("bundle")) continue;
        std::ifstream in(entry.path());
        std::stringstream text;
        text << in.rdbuf();
        files[name] = text.str();
    }
    const auto issued = wish.issued.empty() ? rfc3339(SystemClock().now() - std::chrono::minutes(1)) : wish.issued;
    return "{\"format\":\"jurukunci-bundle-1\",\"version\":" + std::to_string(wish.version) + ",\"issuedAt\":\"" + issued + "\",\"expiresAt\":\"" +
           wish.expires + "\",\"files\":" + boost::json::serialize(files) + ",\"holders\":" + wish.holders + ",\"blocked\":" + wish.blocked + "}";
}

std::string signed_bundle(const std::string& content, const Certificate& signer, EVP_PKEY* key) {
    const auto* der = signer.der.data();
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(d2i_X509(nullptr, &der, static_cast<long>(signer.der.size())), X509_free);
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> data(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())), BIO_free_all);
    const std::unique_ptr<CMS_ContentInfo, decltype(&CMS_ContentInfo_free)> cms(CMS_sign(certificate.get(), key, nullptr, data.get(), CMS_BINARY),
                                                                                CMS_ContentInfo_free);
    if (!cms) throw std::runtime_error("CMS_sign");
    unsigned char* out = nullptr;
    const int size = i2d_CMS_ContentInfo(cms.get(), &out);
    if (size <= 0) throw std::runtime_error("i2d_CMS_ContentInfo");
    std::string bytes(reinterpret_cast<char*>(out), static_cast<std::size_t>(size));
    OPENSSL_free(out);
    return bytes;
}

} // namespace jk::test
