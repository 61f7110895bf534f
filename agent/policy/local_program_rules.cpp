#include "agent/policy/rules.hpp"
#include "x509/ec_point.hpp"

namespace jk::policy {
namespace {

Error not_permitted(const char* reason) { return Error{Errc::program_not_permitted, reason}.with("reason", reason); }

} // namespace

Outcome<KeyForProgram> judge_key_for_program(const Profile& profile, const CertificateRef& certificate, const std::vector<CertificateRef>& candidates,
                                             WallTime now) {
    const auto& terms = profile.local_programs;
    if (!terms.allowed) return not_permitted("local_programs");
    bool expired = false;
    for (const auto& refusal : judge_certificate(profile, certificate, candidates, now, CertificateUse::program).refusals()) {
        if (refusal.code != Errc::certificate_expired) return refusal;
        expired = true;
    }
    const auto& usage = certificate->key_usage;
    const bool for_documents = usage.non_repudiation || !usage.present;
    if (for_documents) {
        if (!terms.non_repudiation_key) return not_permitted("local_programs.non_repudiation_key");
        if (expired) return Error{Errc::certificate_expired}.with("date", indonesian_date(certificate->not_after));
        return KeyForProgram{true, false, true};
    }
    KeyForProgram key;
    key.sign = usage.digital_signature && !expired;
    key.decrypt = certificate->key_kind == KeyKind::rsa ? usage.key_encipherment : certificate->key_kind == KeyKind::ec && usage.key_agreement;
    key.each_asked = terms.operations_per_consent == 1;
    if (!key.sign && !key.decrypt) {
        if (expired) return Error{Errc::certificate_expired}.with("date", indonesian_date(certificate->not_after));
        return not_permitted("keyUsage");
    }
    return key;
}

Outcome<void> judge_task(const Certificate& certificate, const TokenInfo& token, const KeyTask& task) {
    bool fits = true;
    if (const auto* sign = std::get_if<DigestToSign>(&task.what)) {
        if (hashed_by(token, sign->mechanism)) // a program's module has hashed already
            return Error{Errc::mechanism_unsupported, "the token hashes by itself"}.with("mechanism", sign->mechanism.name());
        if (auto can = choose_mechanism(certificate, token, sign->mechanism); !can) return can.error();
    } else if (std::holds_alternative<MessageToSign>(task.what)) {
        fits = certificate.key_kind == KeyKind::ed25519 && token.eddsa;
    } else if (const auto* peer = std::get_if<PeerPoint>(&task.what)) {
        const auto field = static_cast<std::size_t>((certificate.key_bits + 7) / 8);
        fits = certificate.key_kind == KeyKind::ec && token.ecdh && peer->point.size() == 1 + 2 * field && peer->point.front() == 0x04;
        if (fits && !x509::is_on_curve(certificate, peer->point)) return Error{Errc::decryption_failed, "a point that is not on the key's curve"};
    } else {
        fits = certificate.key_kind == KeyKind::rsa;
    }
    if (!fits) return Error{Errc::mechanism_unsupported}.with("mechanism", task.mechanism_name());
    return done();
}

} // namespace jk::policy
