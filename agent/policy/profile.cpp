#include "agent/policy/profile.hpp"

#include <algorithm>

namespace jk::policy {

std::string_view name_of(Environment environment) { return environment == Environment::uji ? "uji" : "produksi"; }

const Application* Profile::find_application(std::string_view origin) const {
    const auto place = std::ranges::find_if(applications, [&](const Application& a) { return a.origin.text() == origin; });
    return place == applications.end() ? nullptr : &*place;
}

bool Profile::from_other_issuer(const CertificateRef& anchor) const {
    return std::ranges::any_of(anchors, [&](const Anchor& a) { return a.other_issuer && a.certificate->id == anchor->id; });
}

std::vector<CertificateRef> Profile::anchors_of(Environment which) const {
    std::vector<CertificateRef> all;
    for (const auto& anchor : anchors)
        if (anchor.environment == which) all.push_back(anchor.certificate);
    return all;
}

std::string Profile::marking() const { return environment == Environment::uji ? "TOKEN UJI – TIDAK SAH" : ""; }

} // namespace jk::policy
