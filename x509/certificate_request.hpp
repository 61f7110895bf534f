// CertificateRequest: PKCS#10 (RFC 2986) for a key whose private half is elsewhere: first what is to be signed, then, with the signature, the
// request. Pure; any thread.
#pragma once
#include "jurukunci/digest.hpp"
#include "jurukunci/outcome.hpp"
#include "jurukunci/provisioning.hpp"

#include <memory>
#include <string>

namespace jk::x509 {

/// The fields of a subject that a request may have, in the order in which they are written.
std::vector<std::string_view> subject_field_names();

/// Every field of a known kind, once, printable and short enough for X.520, with a commonName: subject_invalid names the field otherwise.
Outcome<void> judge_subject(const SubjectFields& subject);

/// The subject of a certificate by these names; a field of any other kind under its dotted number.
SubjectFields subject_of(const Certificate& certificate);

/// SubjectPublicKeyInfo of a certificate, in DER.
Bytes public_key_of(const Certificate& certificate);

class CertificateRequest {
public:
    /// `public_key` is a SubjectPublicKeyInfo. The subject has been judged.
    static Outcome<CertificateRequest> draft(const SubjectFields& subject, ByteView public_key);
    CertificateRequest(CertificateRequest&&) noexcept;
    CertificateRequest& operator=(CertificateRequest&&) noexcept;
    ~CertificateRequest();

    const Mechanism& mechanism() const { return m_mechanism; }
    const Digest& to_sign() const { return m_to_sign; }
    /// CertificationRequestInfo in DER: what to_sign() is of.
    Bytes info() const;
    /// The request in PEM. `signature` is as the token gives it, r‖s for EC; one that does not verify is signature_wrong.
    Outcome<std::string> finish(ByteView signature) const;

private:
    struct Parts;
    CertificateRequest(std::unique_ptr<Parts> parts, Mechanism mechanism, Digest to_sign);
    std::unique_ptr<Parts> m_parts;
    Mechanism m_mechanism;
    Digest m_to_sign;
};

} // namespace jk::x509
