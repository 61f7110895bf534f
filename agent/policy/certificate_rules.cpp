#include "agent/policy/rules.hpp"
#include "x509/certificate_use.hpp"

#include <algorithm>

namespace jk::policy {
namespace {

std::vector<CertificateRef> all_intermediates(const Profile& profile, const std::vector<CertificateRef>& candidates) {
    auto all = profile.intermediates;
    for (const auto& candidate : candidates)
        if (candidate->is_ca) all.push_back(candidate);
    return all;
}

bool strong(const Certificate& certificate) {
    return certificate.key_kind == KeyKind::rsa ? certificate.key_bits >= 2048 : certificate.key_bits >= 256;
}

std::string algorithm_of(const Certificate& certificate) {
    return (certificate.key_kind == KeyKind::rsa ? "RSA " : "EC ") + std::to_string(certificate.key_bits) + " bit";
}

/// A key that is neither RSA nor EC has no mechanism here; what it is shows by its size, because nothing else about it was read.
std::string other_key(const Certificate& certificate) {
    return certificate.key_bits == 256 ? "Ed25519" : certificate.key_bits == 456 ? "Ed448" : std::to_string(certificate.key_bits) + " bit";
}

/// Certificates of a chain must be valid too, or an expired CA would live on through its children.
const Certificate* outside_validity(const std::vector<CertificateRef>& chain, WallTime now) {
    for (const auto& link : chain)
        if (now < link->not_before || now > link->not_after) return link.get();
    return nullptr;
}

void judge_issuer(Decision& decision, const Profile& profile, const CertificateRef& certificate, const std::vector<CertificateRef>& intermediates,
                  WallTime now) {
    const std::string rule = "the certificate chains to an anchor of the profile";
    const auto& law = profile.regulation;
    auto chain = profile.paths.find(certificate, intermediates, profile.anchors_of(profile.environment));
    if (chain) {
        decision.pass(rule);
        const std::vector<CertificateRef> issuers(chain->begin() + 1, chain->end());
        const auto* stale = outside_validity(issuers, now);
        decision.check("the issuers are within their validity", stale == nullptr,
                       Error{Errc::issuer_unrecognised, stale ? stale->subject + " is outside its validity" : ""}
                           .with("city", law.city)
                           .citing(law.issuer_citation));
        return;
    }
    const auto other = profile.environment == Environment::uji ? Environment::produksi : Environment::uji;
    const auto other_anchors = profile.anchors_of(other);
    if (!other_anchors.empty() && profile.paths.find(certificate, intermediates, other_anchors))
        return decision.refuse("test and production certificates never mix",
                               Error{Errc::environment_mixed}.with("environment", std::string(name_of(profile.environment))));
    decision.refuse(rule, Error{Errc::issuer_unrecognised, chain.error().detail}.with("city", law.city).citing(law.issuer_citation));
}

void judge_use(Decision& decision, const Regulation& law, const Certificate& certificate, CertificateUse use) {
    if (use == CertificateUse::login) {
        const auto unfit = x509::unfit_for_login(certificate);
        return decision.check("key usage is digitalSignature, no extended key usage excludes client authentication, and the holder is no CA", !unfit,
                              Error{Errc::key_usage_refused, unfit.value_or("")}.with("purpose", "login"));
    }
    if (use == CertificateUse::program) // what the key may do is judge_key_for_program's
        return decision.check("the holder is no CA", !certificate.is_ca, Error{Errc::key_usage_refused, "a CA"}.with("purpose", "program"));
    const auto* signing = find(law.purposes, "tte");
    const auto unfit = x509::unfit_for_documents(certificate); // as verification judges it, so that nothing is signed that we would not call valid
    decision.check("key usage is nonRepudiation, no extended key usage excludes documents, and the holder is no CA", !unfit,
                   Error{Errc::key_usage_refused, unfit.value_or("")}.with("purpose", "tte").citing(signing != nullptr ? signing->citation : ""));
}

} // namespace

Decision judge_issuer(const Profile& profile, const CertificateRef& certificate, const std::vector<CertificateRef>& candidates, WallTime now) {
    Decision decision;
    judge_issuer(decision, profile, certificate, all_intermediates(profile, candidates), now);
    return decision;
}

Decision judge_certificate(const Profile& profile, const CertificateRef& certificate, const std::vector<CertificateRef>& candidates, WallTime now,
                           CertificateUse use) {
    Decision decision;
    const auto& law = profile.regulation;
    judge_issuer(decision, profile, certificate, all_intermediates(profile, candidates), now);
    decision.check("the certificate is already valid", now >= certificate->not_before,
                   Error{Errc::certificate_not_yet_valid}.with("date", indonesian_date(certificate->not_before)).citing(law.validity_citation));
    decision.check("the certificate has not expired", now <= certificate->not_after,
                   Error{Errc::certificate_expired}.with("date", indonesian_date(certificate->not_after)).citing(law.validity_citation));
    judge_use(decision, law, *certificate, use);
    decision.check("the key is of a kind that can be used", !certificate->mechanisms.empty(),
                   Error{Errc::mechanism_unsupported}.with("mechanism", other_key(*certificate)));
    decision.check("the key is strong enough", certificate->mechanisms.empty() || strong(*certificate),
                   Error{Errc::algorithm_weak}.with("algorithm", algorithm_of(*certificate)));
    return decision;
}

std::vector<CertificateRef> chain_of(const Profile& profile, const CertificateRef& certificate, const std::vector<CertificateRef>& candidates) {
    auto chain = profile.paths.find(certificate, all_intermediates(profile, candidates), profile.anchors_of(profile.environment));
    if (!chain || chain->size() < 2) return {};
    return {chain->begin() + 1, chain->end() - 1};
}

Outcome<Mechanism> choose_mechanism(const Certificate& certificate, const TokenInfo& token, const std::optional<Mechanism>& requested) {
    const auto both = [&](const Mechanism& m) {
        return std::ranges::find(certificate.mechanisms, m) != certificate.mechanisms.end() &&
               std::ranges::find(token.mechanisms, m) != token.mechanisms.end();
    };
    if (requested) {
        if (both(*requested)) return *requested;
        return Error{Errc::mechanism_unsupported}.with("mechanism", requested->name());
    }
    for (const auto& mechanism : certificate.mechanisms)
        if (both(mechanism)) return mechanism;
    return Error{Errc::mechanism_unsupported}.with("mechanism", certificate.mechanisms.empty() ? "?" : certificate.mechanisms.front().name());
}

} // namespace jk::policy
