#include "x509/certificate_use.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace jk::x509 {
namespace {

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

constexpr std::string_view server_purpose = "1.3.6.1.5.5.7.3.1"; // serverAuth: a system's certificate, whatever else it may do

bool extended_usage_allows(const Certificate& certificate, std::span<const std::string_view> wanted) {
    return !certificate.has_extended_key_usage || std::ranges::any_of(certificate.extended_purposes, [&](const auto& purpose) {
        return std::ranges::find(wanted, purpose) != wanted.end();
    });
}

} // namespace

std::optional<std::string> unfit_for_documents(const Certificate& certificate) {
    if (certificate.is_ca) return "it belongs to a certification authority";
    if (!certificate.key_usage.non_repudiation) return "its key usage has no nonRepudiation";
    if (!extended_usage_allows(certificate, document_purposes)) return "its extended key usage names other purposes only";
    return std::nullopt;
}

bool is_for_a_server(const Certificate& certificate) {
    return certificate.has_extended_key_usage &&
           std::ranges::find(certificate.extended_purposes, server_purpose) != certificate.extended_purposes.end();
}

std::optional<std::string> unfit_for_login(const Certificate& certificate) {
    if (certificate.is_ca) return "it belongs to a certification authority";
    if (!certificate.key_usage.digital_signature) return "its key usage has no digitalSignature";
    if (!extended_usage_allows(certificate, login_purposes)) return "its extended key usage names no client authentication";
    return std::nullopt;
}

} // namespace jk::x509
