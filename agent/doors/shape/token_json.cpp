#include "agent/doors/shape/token_json.hpp"

#include "jurukunci/encoding.hpp"

#include <algorithm>

namespace jk::doors {
namespace {

std::string_view name_of(PinState state) {
    switch (state) {
    case PinState::ok: return "ok";
    case PinState::count_low: return "count-low";
    case PinState::final_try: return "final-try";
    case PinState::locked: return "locked";
    case PinState::to_be_changed: return "to-be-changed";
    case PinState::not_set: return "not-set";
    }
    return "?";
}

json::object algorithm_json(const Mechanism& mechanism) {
    return {{"cryptoAlgorithm", mechanism.crypto_algorithm()},
            {"hashFunction", jk::name_of(mechanism.hash)},
            {"paddingScheme", mechanism.padding_scheme()}};
}

json::array algorithms_json(const Certificate& certificate, const TokenInfo& token) {
    json::array all;
    for (const auto& mechanism : certificate.mechanisms)
        if (std::ranges::find(token.mechanisms, mechanism) != token.mechanisms.end()) all.push_back(algorithm_json(mechanism));
    return all;
}

std::string_view name_of(policy::StatusSource source) {
    return source == policy::StatusSource::crl ? "crl" : source == policy::StatusSource::ocsp ? "ocsp" : "none";
}

/// What the issuer said last, and when; revoked once is revoked.
json::object status_of(const policy::Profile& profile, const policy::State& state) {
    auto answer = state.status;
    auto at = state.status_at;
    if (state.revoked) {
        answer = policy::RevocationAnswer::revoked;
        at = *state.revoked;
    }
    json::object o{{"answer", "unknown"}, {"at", nullptr}, {"source", name_of(profile.revocation_status.source)}};
    if (!answer) return o;
    o["answer"] = *answer == policy::RevocationAnswer::good ? "good" : *answer == policy::RevocationAnswer::revoked ? "revoked" : "suspended";
    o["at"] = rfc3339(at);
    return o;
}

json::object certificate_json(const gate::Gate& gate, const TokenInfo& token, const CertificateRef& certificate, WallTime now, Language language) {
    const auto& profile = gate.profile();
    const auto judged = policy::judge_certificate(profile, certificate, token.certificates, now);
    policy::Decision decision(profile.regulation);
    if (const auto blocked = gate.not_blocked(*certificate, token.id); !blocked && !certificate->is_ca)
        decision.refuse(blocked.error().code == Errc::certificate_revoked ? policy::Rule::not_revoked : policy::Rule::not_blocked, blocked.error());
    const auto state = gate.facts().about(*certificate, token.id);
    if (decision.allowed() && !certificate->is_ca) decision.append(policy::judge_state(profile, state, *certificate, now));
    decision.append(judged);
    json::array refusals, purposes, to_read;
    for (const auto& verdict : decision.verdicts()) {
        if (verdict.verdict != policy::Verdict::refused || !verdict.error) continue;
        if (policy::is_for_first_use(verdict.rule)) // asked when it is used: nothing that a page or a person must do before
            to_read.emplace_back(verdict.rule == policy::Rule::duties_acknowledged ? policy::duties_part : policy::agreement_part);
        else
            refusals.push_back(error_json(*verdict.error, language));
    }
    if (certificate->key_usage.non_repudiation && !certificate->is_ca) purposes.emplace_back("tte");
    if (profile.authentication && policy::judge_certificate(profile, certificate, token.certificates, now, policy::CertificateUse::login).allowed())
        purposes.emplace_back("login");
    json::value renewal;
    if (const auto due = policy::renewal_reminder(profile.regulation, profile.calendar, certificate->not_after, now); due && !certificate->is_ca)
        renewal = error_json(*due, language);
    return {{"certificate", to_base64(certificate->der)},
            {"sha256", certificate->id.sha256.hex()},
            {"subject", certificate->subject},
            {"commonName", certificate->common_name},
            {"issuer", certificate->issuer},
            {"serialNumber", certificate->serial_hex},
            {"notBefore", rfc3339(certificate->not_before)},
            {"notAfter", rfc3339(certificate->not_after)},
            {"kind", certificate->is_ca ? "penerbit" : "individu"},
            {"purposes", std::move(purposes)},
            {"tokenLabel", token.label},
            {"supportedSignatureAlgorithms", algorithms_json(*certificate, token)},
            {"usable", static_cast<bool>(policy::outcome_before_first_use(decision))},
            {"firstUse", std::move(to_read)},
            {"revocationStatus", status_of(profile, state)},
            {"renewal", std::move(renewal)},
            {"refusals", std::move(refusals)}};
}

/// Enough to tell two tokens apart, not enough to recognise a person across applications.
std::string ending(const std::string& serial) { return serial.size() <= 4 ? serial : serial.substr(serial.size() - 4); }

} // namespace

json::array certificates_json(const gate::Gate& gate, const std::vector<TokenInfo>& tokens, WallTime now, Language language) {
    json::array all;
    for (const auto& token : tokens)
        for (const auto& certificate : token.certificates) all.push_back(certificate_json(gate, token, certificate, now, language));
    return all;
}

json::object present_token_json(const TokenInfo& token) {
    return {{"label", token.label}, {"model", token.model}, {"serialEnding", ending(token.id.serial)}, {"pinState", name_of(token.pin_state)}};
}

json::object status_json(const gate::Gate& gate, const Outcome<std::vector<TokenInfo>>& tokens, bool prompter_present, Language language) {
    const auto& profile = gate.profile();
    const auto& law = profile.regulation;
    json::array list, warnings;
    for (const auto& token : tokens ? *tokens : std::vector<TokenInfo>{})
        list.push_back(json::object{{"label", token.label},
                                    {"manufacturer", token.manufacturer},
                                    {"model", token.model},
                                    {"serialEnding", ending(token.id.serial)},
                                    {"pinState", name_of(token.pin_state)},
                                    {"pinPad", token.pin_pad},
                                    {"triesLeft", gate.tries_left(token.id)}});
    const auto warn = [&](const Error& error) {
        warnings.push_back(json::object{{"code", error.entry().code}, {"userMessage", error.sentence(language)}});
    };
    if (const auto kept = policy::judge_log_kept(profile, gate.facts().session()).outcome(); !kept) warn(kept.error());
    json::array blocked;
    for (const auto& token : tokens ? *tokens : std::vector<TokenInfo>{})
        for (const auto& certificate : token.certificates)
            if (const auto fit = gate.not_blocked(*certificate, token.id); !fit && !certificate->is_ca) {
                blocked.push_back(json::object{{"sha256", certificate->id.sha256.hex()}, {"code", fit.error().entry().code}});
                warn(fit.error());
            }
    if (!tokens) warn(tokens.error());
    if (tokens && tokens->empty()) warn(Error(Errc::token_absent));
    if (!prompter_present) warn(Error(Errc::consent_unavailable));
    return {{"profile", {{"id", law.id}, {"city", law.city}, {"title", law.title}, {"number", law.number}, {"year", law.year}}},
            {"environment", policy::name_of(profile.environment)},
            {"prompter", prompter_present ? "present" : "absent"},
            {"tokens", std::move(list)},
            {"blockedKeys", std::move(blocked)},
            {"warnings", std::move(warnings)}};
}

} // namespace jk::doors
