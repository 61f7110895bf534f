#include "x509/certificate_use.hpp"

#include "x509/openssl_ptr.hpp"
#include "x509/read_certificate.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace jk::x509 {
namespace {

using ExtendedKeyUsagePtr = std::unique_ptr<EXTENDED_KEY_USAGE, Deleter<EXTENDED_KEY_USAGE_free>>;

/// What certificates for documents carry in practice: few have the purpose that RFC 9336 made for it.
constexpr std::array<std::string_view, 5> document_purposes{
    "2.5.29.37.0",             // anyExtendedKeyUsage
    "1.3.6.1.5.5.7.3.36",      // id-kp-documentSigning
    "1.3.6.1.5.5.7.3.4",       // emailProtection: what there was before
    "1.3.6.1.4.1.311.10.3.12", // Microsoft's document signing
    "1.2.840.113583.1.1.5",    // Adobe's
};

constexpr std::array<std::string_view, 2> login_purposes{
    "2.5.29.37.0",       // anyExtendedKeyUsage
    "1.3.6.1.5.5.7.3.2", // clientAuth
};

bool is_one_of(const ASN1_OBJECT* purpose, std::span<const std::string_view> wanted) {
    char text[80];
    const int size = OBJ_obj2txt(text, sizeof text, purpose, 1);
    if (size <= 0 || size >= static_cast<int>(sizeof text)) return false;
    return std::ranges::find(wanted, std::string_view(text)) != wanted.end();
}

bool extended_usage_allows(const Certificate& certificate, std::span<const std::string_view> wanted) {
    const auto x509 = to_x509(certificate);
    if (!x509) return false;
    if ((X509_get_extension_flags(x509.get()) & EXFLAG_XKUSAGE) == 0) return true;
    const ExtendedKeyUsagePtr purposes(static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(x509.get(), NID_ext_key_usage, nullptr, nullptr)));
    for (int i = 0; purposes && i < sk_ASN1_OBJECT_num(purposes.get()); ++i)
        if (is_one_of(sk_ASN1_OBJECT_value(purposes.get(), i), wanted)) return true;
    return false;
}

} // namespace

std::optional<std::string> unfit_for_documents(const Certificate& certificate) {
    if (certificate.is_ca) return "it belongs to a certification authority";
    if (!certificate.key_usage.non_repudiation) return "its key usage has no nonRepudiation";
    if (!extended_usage_allows(certificate, document_purposes)) return "its extended key usage names other purposes only";
    return std::nullopt;
}

std::optional<std::string> unfit_for_login(const Certificate& certificate) {
    if (certificate.is_ca) return "it belongs to a certification authority";
    if (!certificate.key_usage.digital_signature) return "its key usage has no digitalSignature";
    if (!extended_usage_allows(certificate, login_purposes)) return "its extended key usage names no client authentication";
    return std::nullopt;
}

} // namespace jk::x509
