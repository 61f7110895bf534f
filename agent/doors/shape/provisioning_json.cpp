#include "agent/doors/shape/provisioning_json.hpp"

#include "ipc/json_fields.hpp"
#include "jurukunci/displayed_text.hpp"
#include "jurukunci/encoding.hpp"
#include "x509/certificate_request.hpp"
#include "x509/read_certificate.hpp"

#include <algorithm>

namespace jk::doors {
namespace {

constexpr std::size_t max_name = 200, max_witnesses = 10;

SubjectFields read_subject(const json::value& value, const std::string& where, ipc::JsonFields& outer) {
    ipc::JsonFields fields(value, where);
    SubjectFields subject;
    for (const auto name : x509::subject_field_names())
        if (auto text = fields.optional_text(name, 512)) subject.emplace_back(std::string(name), std::move(*text));
    if (auto ok = fields.end(); !ok) outer.refuse(ok.error());
    return subject;
}

RegistrationCase read_case(const json::value& value, ipc::JsonFields& outer) {
    ipc::JsonFields fields(value, "case");
    RegistrationCase c;
    c.id = fields.text("id", 100);
    c.state = fields.text("state", 40);
    c.holder_present = fields.flag_or("holderPresent", false);
    c.by_proxy = fields.flag_or("byProxy", false);
    if (const auto* holder = fields.optional_object("holder")) {
        ipc::JsonFields person(*holder, "case.holder");
        c.holder_name = person.text("name", max_name);
        c.holder_unit = person.optional_text("unit", max_name).value_or("");
        c.holder_number = person.optional_text("number", 64).value_or("");
        if (auto ok = person.end(); !ok) fields.refuse(ok.error());
    }
    if (const auto* agreement = fields.optional_object("agreement")) {
        ipc::JsonFields terms(*agreement, "case.agreement");
        c.agreement_version = terms.text("version", 100);
        c.agreement_sha256 = terms.text("sha256", 64);
        c.agreement_accepted_at = terms.text("acceptedAt", 32);
        if (auto ok = terms.end(); !ok) fields.refuse(ok.error());
    }
    if (const auto* subject = fields.optional_object("subject")) c.subject = read_subject(*subject, "case.subject", fields);
    if (auto ok = fields.end(); !ok) outer.refuse(ok.error());
    return c;
}

Destruction read_destruction(const json::value& value, ipc::JsonFields& outer) {
    ipc::JsonFields fields(value, "destruction");
    Destruction d;
    d.reason = fields.text("reason", 40);
    const auto& known = destruction_reasons();
    if (std::ranges::find(known, d.reason) == known.end()) fields.refuse("reason", "is none of the known reasons");
    d.minutes = fields.optional_text("minutes", max_name).value_or("");
    d.officer = fields.text("officer", max_name);
    if (d.officer.empty()) fields.refuse("officer", "is empty");
    if (fields.has("witnesses")) {
        const auto* witnesses = fields.array("witnesses", max_witnesses);
        for (const auto& witness : witnesses != nullptr ? *witnesses : json::array()) {
            if (witness.is_string() && !witness.get_string().empty() && witness.get_string().size() <= max_name)
                d.witnesses.emplace_back(witness.get_string());
            else
                fields.refuse("witnesses", "must be names");
        }
    }
    if (auto ok = fields.end(); !ok) outer.refuse(ok.error());
    return d;
}

/// DER in base64, as everywhere else in the doors.
CertificateRef read_certificate_field(ipc::JsonFields& fields) {
    const auto der = fields.base64("certificate", 1, x509::max_certificate_size);
    auto certificate = x509::read_certificate(der);
    if (certificate) return *certificate;
    fields.refuse("certificate", "is no certificate");
    return nullptr;
}

void read_label(ipc::JsonFields& fields, ProvisioningRequest& request, std::string otherwise) {
    request.label = fields.optional_text("label", 128).value_or(std::move(otherwise));
    if (request.label.empty() || request.label.size() > 32 || displayed(request.label) != request.label)
        fields.refuse("label", "must be 1 to 32 bytes that can be shown");
}

void read_key(ipc::JsonFields& fields, ProvisioningRequest& request) {
    if (const auto name = fields.optional_text("key", 16)) {
        const auto key = key_choice(*name);
        if (!key) fields.refuse("key", "must be rsa2048, rsa3072, rsa4096, p256, p384, p521 or ed25519");
        request.key = key.value_or(KeyChoice::p256);
    }
    const auto purpose = fields.optional_text("purpose", 16).value_or("signature");
    if (purpose != "signature" && purpose != "encryption") fields.refuse("purpose", "must be signature or encryption");
    request.purpose = purpose == "encryption" ? KeyPurpose::encryption : KeyPurpose::signature;
    if (request.key == KeyChoice::ed25519 && request.purpose == KeyPurpose::encryption)
        fields.refuse("purpose", "must be signature: an Ed25519 key decrypts nothing");
    read_label(fields, request, request.purpose == KeyPurpose::encryption ? "Kunci enkripsi" : "Kunci tanda tangan");
}

void read_step(ipc::JsonFields& fields, ProvisioningRequest& request) {
    switch (request.kind) {
    case ProvisioningKind::token_init: return read_label(fields, request, "");
    case ProvisioningKind::key_generate: return read_key(fields, request);
    case ProvisioningKind::csr: {
        const auto id = from_hex(fields.optional_text("keyId", 512).value_or(""));
        if (!id) fields.refuse("keyId", "must be hexadecimal");
        request.key_id = id.value_or(Bytes());
        return;
    }
    case ProvisioningKind::cert_import: request.certificate = read_certificate_field(fields); return read_label(fields, request, "Sertifikat");
    case ProvisioningKind::cert_delete: {
        const auto hash = from_hex(fields.text("certificateSha256", 64));
        const auto digest = hash ? Digest::from(HashFunction::sha256, *hash) : std::nullopt;
        if (!digest) return fields.refuse("certificateSha256", "must be 64 hexadecimal digits");
        request.certificate_id = CertificateId{*digest};
        return;
    }
    case ProvisioningKind::destroy: {
        request.with_so_pin = fields.flag_or("withSoPin", true);
        const auto* destruction = fields.optional_object("destruction");
        if (destruction == nullptr) return fields.refuse("destruction", "is missing");
        request.destruction = read_destruction(*destruction, fields);
        return;
    }
    case ProvisioningKind::pin_set:
    case ProvisioningKind::pin_unblock: return;
    }
}

json::object key_json(const PublicKeyOnToken& key) {
    return {{"id", to_hex(key.id)}, {"label", key.label}, {"publicKey", to_base64(key.public_key)}, {"sha256", sha256(key.public_key).hex()}};
}

json::object certificate_json(const CertificateOnToken& certificate) {
    json::object o{{"keyId", to_hex(certificate.id)}, {"label", certificate.label}, {"sha256", nullptr}, {"subject", nullptr}, {"notAfter", nullptr}};
    if (certificate.certificate) {
        o["sha256"] = certificate.certificate->id.sha256.hex();
        o["subject"] = certificate.certificate->subject;
        o["notAfter"] = rfc3339(certificate.certificate->not_after);
    }
    return o;
}

json::value text_or_null(std::string_view text) { return text.empty() ? json::value(nullptr) : json::value(text); }

json::object interrupted_step(const audit::OpenProvisioning& open, std::string_view next, Language language) {
    const auto error = Error{Errc::step_interrupted}
                           .with("step", open.step)
                           .with("token", open.label)
                           .with("time", rfc3339(open.begun))
                           .with("next", "jurukunci " + std::string(next.empty() ? "token show" : next));
    return {{"operation", open.operation},
            {"step", open.step},
            {"begunAt", rfc3339(open.begun)},
            {"tokenLabel", open.label},
            {"error", error_json(error, language)}};
}

} // namespace

Outcome<ProvisioningRequest> read_provisioning_request(const json::value& body, CallerIdentity caller) {
    ipc::JsonFields fields(body, "");
    ProvisioningRequest request;
    request.caller = std::move(caller);
    const auto kind = provisioning_kind(fields.text("step", 32));
    if (!kind) fields.refuse("step", "is unknown");
    request.kind = kind.value_or(ProvisioningKind::token_init);
    request.serial = fields.optional_text("serial", 64).value_or("");
    if (const auto* c = fields.optional_object("case")) request.registration = read_case(*c, fields);
    read_step(fields, request);
    if (auto ok = fields.end(); !ok) return ok.error();
    return request;
}

json::object provisioning_json(const gate::ProvisioningStep& step, Language language) {
    json::object o{{"id", step.id},
                   {"step", name_of(step.request.kind)},
                   {"state", gate::name_of(step.state)},
                   {"revision", step.revision()},
                   {"token", nullptr},
                   {"result", nullptr},
                   {"error", nullptr}};
    const auto& out = step.outcome;
    if (!out.token.module.empty()) o["token"] = json::object{{"serial", out.token.serial}, {"label", out.label}};
    if (step.error) o["error"] = error_json(*step.error, language);
    if (step.state != gate::ProvisioningState::done) return o;
    json::object result;
    if (!out.key_id.empty()) result["keyId"] = to_hex(out.key_id);
    if (!out.public_key.empty()) result["publicKey"] = to_base64(out.public_key);
    if (!out.certificate_request.empty()) result["certificateRequest"] = out.certificate_request;
    if (!out.certificate_sha256.empty()) result["certificateSha256"] = out.certificate_sha256;
    if (out.record) {
        result["removedObjects"] = out.removed;
        if (step.request.caller.door == Door::control) { // a page has no use for our paths
            result["record"] = out.record->record.string();
            result["recordSignature"] = out.record->signature.string();
        } else {
            result["record"] = to_base64(bytes_of(out.record->text));
            result["recordSignature"] = to_base64(out.record->signature_bytes);
        }
        result["recordSha256"] = out.record->sha256.hex();
    }
    o["result"] = std::move(result);
    return o;
}

json::object contents_json(const gate::ShownContents& token, Language language) {
    const auto& c = token.contents;
    const auto readiness = readiness_of(c);
    const auto next = gate::next_step(token);
    json::array keys, certificates, interrupted;
    for (const auto& key : c.keys) keys.push_back(key_json(key));
    for (const auto& certificate : c.certificates) certificates.push_back(certificate_json(certificate));
    for (const auto& open : token.interrupted) interrupted.push_back(interrupted_step(open, next, language));
    return {{"serial", c.id.serial},
            {"label", c.label},
            {"manufacturer", c.manufacturer},
            {"model", c.model},
            {"module", c.id.module},
            {"state", name_of(readiness)},
            {"nextStep", text_or_null(next)},
            {"keys", std::move(keys)},
            {"certificates", std::move(certificates)},
            {"otherObjects", c.other_objects},
            {"pinLength", json::object{{"least", c.least_pin}, {"most", c.most_pin}}},
            {"interrupted", std::move(interrupted)}};
}

json::array interrupted_json(const gate::Provisioning& provisioning, Language language) {
    json::array all;
    for (const auto& open : provisioning.interrupted()) all.push_back(interrupted_step(open, "", language));
    return all;
}

} // namespace jk::doors
