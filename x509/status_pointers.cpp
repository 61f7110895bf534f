#include "x509/read_certificate.hpp"
#include "x509/revocation_answer.hpp"

namespace jk::x509 {
namespace {

constexpr std::size_t most = 8;

void add(std::vector<std::string>& all, const GENERAL_NAME* name) {
    int type = -1;
    const auto* value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(name, &type));
    if (type != GEN_URI || value == nullptr || all.size() >= most) return;
    all.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)), static_cast<std::size_t>(ASN1_STRING_length(value)));
}

} // namespace

StatusPointers status_pointers(const Certificate& certificate) {
    StatusPointers pointers;
    const auto x509 = to_x509(certificate);
    if (!x509) return pointers;
    const std::unique_ptr<AUTHORITY_INFO_ACCESS, Deleter<AUTHORITY_INFO_ACCESS_free>> access(
        static_cast<AUTHORITY_INFO_ACCESS*>(X509_get_ext_d2i(x509.get(), NID_info_access, nullptr, nullptr)));
    for (int i = 0; access && i < sk_ACCESS_DESCRIPTION_num(access.get()); ++i) {
        const auto* description = sk_ACCESS_DESCRIPTION_value(access.get(), i);
        if (OBJ_obj2nid(description->method) == NID_ad_OCSP) add(pointers.ocsp, description->location);
    }
    const std::unique_ptr<CRL_DIST_POINTS, Deleter<CRL_DIST_POINTS_free>> points(
        static_cast<CRL_DIST_POINTS*>(X509_get_ext_d2i(x509.get(), NID_crl_distribution_points, nullptr, nullptr)));
    for (int i = 0; points && i < sk_DIST_POINT_num(points.get()); ++i) {
        const auto* point = sk_DIST_POINT_value(points.get(), i);
        // A list for some reasons only, or of another issuer, is no answer about this certificate.
        if (point->distpoint == nullptr || point->distpoint->type != 0 || point->reasons != nullptr || point->CRLissuer != nullptr) continue;
        for (int n = 0; n < sk_GENERAL_NAME_num(point->distpoint->name.fullname); ++n)
            add(pointers.crl, sk_GENERAL_NAME_value(point->distpoint->name.fullname, n));
    }
    openssl_fault();
    return pointers;
}

} // namespace jk::x509
