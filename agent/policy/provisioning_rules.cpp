#include "agent/policy/provisioning_rules.hpp"

#include "x509/certificate_request.hpp"

#include <algorithm>

namespace jk::policy {
namespace {

bool needs_case(ProvisioningKind kind) {
    return kind == ProvisioningKind::key_generate || kind == ProvisioningKind::csr || kind == ProvisioningKind::cert_import;
}

/// States of a case in which its holder's key may exist (row 8.1): approved, and all that follow from it.
bool permits_key(const std::string& state) { return state == "disetujui" || state == "terbit" || state == "akun_diberikan"; }

const std::string* field(const SubjectFields& subject, std::string_view name) {
    for (const auto& [key, value] : subject)
        if (key == name) return &value;
    return nullptr;
}

Error differs(const std::string& name) { return Error{Errc::subject_differs}.with("field", name); }

/// The first field in which they differ.
std::optional<std::string> difference(const SubjectFields& left, const SubjectFields& right) {
    for (const auto* one : {&left, &right}) {
        const auto* other = one == &left ? &right : &left;
        for (const auto& [name, value] : *one) {
            const auto* there = field(*other, name);
            if (there == nullptr || *there != value) return name;
        }
    }
    if (left.size() != right.size()) return "commonName"; // a field that stands there twice
    return std::nullopt;
}

Error out_of_order(const ProvisioningRequest& request, const TokenContents& token) {
    return Error{Errc::step_out_of_order}.with("step", std::string(name_of(request.kind))).with("state", std::string(name_of(readiness_of(token))));
}

} // namespace

Outcome<void> judge_provisioning_caller(const Profile& profile, const CallerIdentity& caller) {
    if (caller.door == Door::control) return done();
    const auto* application = profile.find_application(caller.origin);
    if (application != nullptr && application->registration_authority) return done();
    return Error{Errc::registration_authority_only}.with("origin", caller.origin);
}

Decision judge_case(const Profile& profile, const ProvisioningRequest& request) {
    Decision decision(profile.regulation);
    if (!needs_case(request.kind)) return decision;
    if (!request.registration) {
        decision.refuse(Rule::has_case, Error{Errc::case_not_approved, "no case"}.with("case", "-"));
        return decision;
    }
    const auto& c = *request.registration;
    decision.check(Rule::case_approved, permits_key(c.state), Error{Errc::case_not_approved, c.state}.with("case", c.id));
    decision.check(Rule::applicant_present, c.holder_present && !c.by_proxy, Error{Errc::proxy_refused});
    decision.check(Rule::case_agreement,
                   !c.agreement_version.empty() && c.agreement_sha256.size() == 64 && parse_rfc3339(c.agreement_accepted_at).has_value(),
                   Error{Errc::agreement_missing}.with("case", c.id));
    if (const auto valid = x509::judge_subject(c.subject); !valid)
        decision.refuse(Rule::subject_writable, valid.error());
    else
        decision.pass(Rule::subject_writable);
    const auto* name = field(c.subject, "commonName");
    decision.check(Rule::subject_names_holder, name != nullptr && *name == c.holder_name, differs("commonName"));
    const auto* number = field(c.subject, "serialNumber");
    decision.check(Rule::subject_number, number == nullptr || c.holder_number.empty() || *number == c.holder_number, differs("serialNumber"));
    return decision;
}

Decision judge_step(const Profile& profile, const ProvisioningRequest& request, const TokenContents& token, bool destroyed) {
    Decision decision(profile.regulation);
    const auto state = readiness_of(token);
    // A key is made for somebody who alone knows the PIN; who handed the token over knows this one.
    const auto own_pin = [&] {
        decision.check(Rule::pin_changed, !token.pin_to_be_changed, Error{Errc::pin_must_change}.with("token", token.label));
    };
    const auto fits = [&](bool holds) { decision.check(Rule::step_fits, holds, out_of_order(request, token)); };
    const Error not_empty = Error{Errc::token_not_empty}.with("token", token.label);
    switch (request.kind) {
    case ProvisioningKind::token_init:
        decision.check(Rule::so_pin_not_locked, !token.so_pin_locked, Error{Errc::so_pin_locked}.with("token", token.label));
        decision.check(Rule::token_empty, token.empty(), not_empty); // whatever was destroyed once: these keys may be the next holder's
        // A token with a PIN is somebody's, also where it shows nothing without a login; a destruction leaves the PIN.
        decision.check(Rule::token_nobodys, token.pin_state == PinState::not_set || destroyed, not_empty);
        break;
    case ProvisioningKind::pin_set: fits(state != TokenReadiness::blank && state != TokenReadiness::locked); break;
    case ProvisioningKind::pin_unblock: fits(state != TokenReadiness::blank && state != TokenReadiness::without_pin); break;
    case ProvisioningKind::key_generate: {
        fits(state != TokenReadiness::blank && state != TokenReadiness::without_pin && state != TokenReadiness::locked);
        own_pin();
        const auto waiting = keys_without_certificate(token);
        const auto same = [&](const PublicKeyOnToken* key) { return key->label == request.label; };
        decision.check(Rule::no_waiting_key, std::ranges::none_of(waiting, same), Error{Errc::key_exists}.with("token", token.label));
        break;
    }
    case ProvisioningKind::csr:
    case ProvisioningKind::cert_import:
    case ProvisioningKind::cert_delete:
        fits(state != TokenReadiness::blank && state != TokenReadiness::without_pin && state != TokenReadiness::locked);
        if (request.kind == ProvisioningKind::csr) own_pin();
        break;
    case ProvisioningKind::destroy:
        fits(state != TokenReadiness::blank);
        if (!request.with_so_pin) fits(state != TokenReadiness::without_pin && state != TokenReadiness::locked);
        break;
    }
    return decision;
}

Decision judge_import(const Profile& profile, const ProvisioningRequest& request, const TokenContents& token, WallTime now) {
    Decision decision(profile.regulation);
    const auto& certificate = request.certificate;
    const auto public_key = x509::public_key_of(*certificate);
    const auto is_its = [&](const PublicKeyOnToken& key) { return !public_key.empty() && key.public_key == public_key; };
    decision.check(Rule::holds_its_key, std::ranges::any_of(token.keys, is_its),
                   Error{Errc::key_mismatch, "no key on the token has the certificate's public key"});
    const auto same = [&](const CertificateOnToken& there) { return there.certificate && there.certificate->id == certificate->id; };
    decision.check(Rule::certificate_new, std::ranges::none_of(token.certificates, same),
                   Error{Errc::certificate_present}.with("token", token.label));
    const auto other = difference(request.registration->subject, x509::subject_of(*certificate));
    decision.check(Rule::subject_is_cases, !other, differs(other.value_or("")));
    // Whether it may be used for signatures is judged when it is used; a certificate for encryption belongs on the token, too.
    auto chain = judge_issuer(profile, certificate, {}, now);
    decision.append(std::move(chain));
    return decision;
}

Outcome<const PublicKeyOnToken*> key_meant(const ProvisioningRequest& request, const TokenContents& token) {
    std::vector<const PublicKeyOnToken*> candidates;
    if (request.key_id.empty())
        candidates = keys_without_certificate(token);
    else
        for (const auto& key : token.keys)
            if (key.id == request.key_id) candidates.push_back(&key);
    std::erase_if(candidates, [](const PublicKeyOnToken* key) { return key->public_key.empty(); });
    if (candidates.empty()) return Error{Errc::key_absent}.with("token", token.label);
    if (candidates.size() > 1) return Error{Errc::key_ambiguous}.with("count", std::to_string(candidates.size()));
    return candidates.front();
}

namespace {

/// What a passphrase may not hold: the person as the case and the certificates name them, the unit, the city.
step::NewPin new_pin(const Profile& profile, const ProvisioningRequest& request, const TokenContents& token) {
    step::NewPin pin;
    const auto add = [&](const std::string& text) {
        if (!text.empty()) pin.about_holder.push_back(text);
    };
    if (const auto& registration = request.registration) {
        for (const auto* text : {&registration->holder_name, &registration->holder_number, &registration->holder_unit}) add(*text);
        for (const auto& [field, value] : registration->subject)
            if (field == "emailAddress" || field == "commonName" || field == "serialNumber") add(value);
    }
    for (const auto& certificate : token.certificates)
        if (certificate.certificate && !certificate.certificate->is_ca) add(certificate.certificate->common_name);
    add(profile.regulation.city);
    return pin;
}

} // namespace

AdministrationStep administration_step(const Profile& profile, const ProvisioningRequest& request, const TokenContents& token) {
    switch (request.kind) {
    case ProvisioningKind::token_init: return step::InitialiseToken{request.label, !token.initialised};
    case ProvisioningKind::pin_set: break;
    case ProvisioningKind::pin_unblock: return step::UnblockPin{new_pin(profile, request, token)};
    case ProvisioningKind::key_generate: return step::GenerateKey{request.key, request.purpose, request.label};
    case ProvisioningKind::csr: return step::SignRequestInfo{};
    case ProvisioningKind::cert_import: return step::ImportCertificate{request.certificate, request.label};
    case ProvisioningKind::cert_delete: return step::DeleteCertificate{*request.certificate_id};
    case ProvisioningKind::destroy: return step::DestroyContents{request.with_so_pin};
    }
    if (token.pin_state == PinState::not_set) return step::SetFirstPin{new_pin(profile, request, token)};
    return step::ChangePin{new_pin(profile, request, token)};
}

std::string serial_ending(const std::string& serial) { return serial.size() <= 4 ? serial : serial.substr(serial.size() - 4); }

bool wants_serial_typed(const ProvisioningRequest& request, const TokenContents& token) {
    const bool ends_something = request.kind == ProvisioningKind::token_init || request.kind == ProvisioningKind::destroy;
    return ends_something && !token.id.serial.empty(); // a blank token may have no serial yet: there is nothing to type
}

} // namespace jk::policy
