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
    const auto& law = profile.regulation;
    auto chain = profile.paths.find(certificate, intermediates, profile.anchors_of(profile.environment));
    if (chain) {
        decision.pass(Rule::issuer_recognised);
        const bool other = profile.from_other_issuer(chain->back());
        if (other)
            decision.check(Rule::other_issuer_permitted, is_true(law.other_issuers),
                           Error{Errc::issuer_unrecognised, "the regulation names its issuer, and this is another"}
                               .with("city", law.city)
                               .with("reason", "another issuer than the regulation's"));
        const std::vector<CertificateRef> issuers(chain->begin() + 1, chain->end());
        const auto* stale = outside_validity(issuers, now);
        decision.check(Rule::issuers_current, stale == nullptr,
                       Error{Errc::issuer_unrecognised, stale ? stale->subject + " is outside its validity" : ""}.with("city", law.city));
        return;
    }
    const auto other = profile.environment == Environment::uji ? Environment::produksi : Environment::uji;
    const auto other_anchors = profile.anchors_of(other);
    if (!other_anchors.empty() && profile.paths.find(certificate, intermediates, other_anchors))
        return decision.refuse(Rule::environment_unmixed,
                               Error{Errc::environment_mixed}.with("environment", std::string(name_of(profile.environment))));
    decision.refuse(Rule::issuer_recognised, Error{Errc::issuer_unrecognised, chain.error().detail}.with("city", law.city));
}

void judge_use(Decision& decision, const Certificate& certificate, CertificateUse use) {
    if (use == CertificateUse::login) {
        const auto unfit = x509::unfit_for_login(certificate);
        return decision.check(Rule::login_usage_fits, !unfit, Error{Errc::key_usage_refused, unfit.value_or("")}.with("purpose", "login"));
    }
    if (use == CertificateUse::program) // what the key may do is judge_key_for_program's
        return decision.check(Rule::holder_no_ca, !certificate.is_ca, Error{Errc::key_usage_refused, "a CA"}.with("purpose", "program"));
    const auto unfit = x509::unfit_for_documents(certificate); // as verification judges it, so that nothing is signed that we would not call valid
    decision.check(Rule::usage_fits, !unfit, Error{Errc::key_usage_refused, unfit.value_or("")}.with("purpose", "tte"));
    decision.check(Rule::holder_is_person, !x509::is_for_a_server(certificate), Errc::holder_no_person);
}

/// The last moment of the city's years from the day of issue.
WallTime end_of_years(WallTime issued, int years) {
    const auto day = std::chrono::floor<std::chrono::days>(issued);
    const std::chrono::year_month_day date(day);
    auto end = date + std::chrono::years(years);
    if (!end.ok()) end = end.year() / end.month() / std::chrono::last; // 29 February
    return WallTime(std::chrono::sys_days(end)) + (issued - day);
}

/// Within the city's years from the issue, whatever the certificate says of itself (rows 9.1, 9.5).
void judge_years(Decision& decision, const Profile& profile, const Certificate& certificate, WallTime now) {
    const auto& law = profile.regulation;
    if (!law.validity_years) return decision.not_judged(Rule::validity_within_city, Note::years_silent);
    const auto end = end_of_years(certificate.not_before, *law.validity_years);
    // A day of grace: issuers count the last day in or out.
    if (certificate.not_after <= end + std::chrono::days(1)) return decision.pass(Rule::validity_within_city);
    const auto in_force = parse_rfc3339(law.in_force + "T00:00:00Z");
    if (in_force && certificate.not_before < *in_force && law.basis_of("baris.9.5").source == Source::regulation)
        return decision.pass(Rule::transitional, Note::transitional);
    if (now > end) return decision.refuse(Rule::validity_within_city, Error{Errc::certificate_expired}.with("date", indonesian_date(end)));
    auto too_long = Error{Errc::validity_too_long}.with("years", std::to_string(*law.validity_years)).with("date", indonesian_date(end));
    if (profile.long_validity == LongValidity::refuse) return decision.refuse(Rule::validity_within_city, std::move(too_long));
    decision.warn(Rule::validity_within_city, std::move(too_long));
}

} // namespace

Decision judge_issuer(const Profile& profile, const CertificateRef& certificate, const std::vector<CertificateRef>& candidates, WallTime now) {
    Decision decision(profile.regulation);
    judge_issuer(decision, profile, certificate, all_intermediates(profile, candidates), now);
    return decision;
}

Decision judge_certificate(const Profile& profile, const CertificateRef& certificate, const std::vector<CertificateRef>& candidates, WallTime now,
                           CertificateUse use) {
    Decision decision(profile.regulation);
    judge_issuer(decision, profile, certificate, all_intermediates(profile, candidates), now);
    decision.check(Rule::already_valid, now >= certificate->not_before,
                   Error{Errc::certificate_not_yet_valid}.with("date", indonesian_date(certificate->not_before)));
    decision.check(Rule::not_expired, now <= certificate->not_after,
                   Error{Errc::certificate_expired}.with("date", indonesian_date(certificate->not_after)));
    // Old letters stay readable: the city's years end signing, not decryption by a program (which an expiry ends in judge_key_for_program).
    if (use == CertificateUse::signature) judge_years(decision, profile, *certificate, now);
    judge_use(decision, *certificate, use);
    const bool for_programs = use == CertificateUse::program && certificate->key_kind == KeyKind::ed25519; // no digest of a document
    decision.check(Rule::key_kind_known, for_programs || !certificate->mechanisms.empty(),
                   Error{Errc::mechanism_unsupported}.with("mechanism", other_key(*certificate)));
    decision.check(Rule::key_strong, certificate->mechanisms.empty() || strong(*certificate),
                   Error{Errc::algorithm_weak}.with("algorithm", algorithm_of(*certificate)));
    return decision;
}

std::vector<CertificateRef> chain_of(const Profile& profile, const CertificateRef& certificate, const std::vector<CertificateRef>& candidates) {
    auto chain = profile.paths.find(certificate, all_intermediates(profile, candidates), profile.anchors_of(profile.environment));
    if (!chain || chain->size() < 2) return {};
    return {chain->begin() + 1, chain->end() - 1};
}

bool hashed_by(const TokenInfo& token, const Mechanism& mechanism) {
    return std::ranges::find(token.hashed_there, mechanism) != token.hashed_there.end();
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
