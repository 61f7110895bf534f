#include "agent/delivery/s3_signature.hpp"

#include "jurukunci/digest.hpp"
#include "jurukunci/encoding.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

namespace jk::delivery {
namespace {

Bytes hmac(ByteView key, std::string_view text) {
    Bytes out(32);
    unsigned int size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &size);
    return out;
}

} // namespace

void sign_for_s3(Errand& errand, const S3Credentials& credentials, WallTime now) {
    auto stamp = rfc3339(now); // 2026-11-21T08:00:00Z → 20261121T080000Z
    std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
    const auto day = stamp.substr(0, 8), content = sha256(errand.body).hex();
    const auto host = errand.port == "443" ? errand.host : errand.host + ":" + errand.port;
    const std::string names = "host;x-amz-content-sha256;x-amz-date";
    const auto canonical = errand.method + "\n" + errand.target + "\n\nhost:" + host + "\nx-amz-content-sha256:" + content + "\nx-amz-date:" + stamp +
                           "\n\n" + names + "\n" + content;
    const auto scope = day + "/" + credentials.region + "/s3/aws4_request";
    const auto to_sign = "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + sha256(bytes_of(canonical)).hex();
    auto key = hmac(bytes_of("AWS4" + credentials.secret_key), day);
    key = hmac(key, credentials.region);
    key = hmac(key, "s3");
    key = hmac(key, "aws4_request");
    errand.headers.emplace_back("x-amz-date", stamp);
    errand.headers.emplace_back("x-amz-content-sha256", content);
    errand.headers.emplace_back("Authorization", "AWS4-HMAC-SHA256 Credential=" + credentials.access_key + "/" + scope + ", SignedHeaders=" + names +
                                                     ", Signature=" + to_hex(hmac(key, to_sign)));
}

} // namespace jk::delivery
