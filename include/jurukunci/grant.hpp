// Grant: proof that policy, consent and audit all said yes to exactly these digests. Only the gate can make one.
#pragma once
#include "jurukunci/certificate.hpp"
#include "jurukunci/digest.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jk {

namespace gate {
class Gate;
}

/// Names the channel on which the prompter wrote the PIN that belongs to one consent.
struct PinTicket {
    std::uint64_t value = 0;
    friend bool operator==(const PinTicket&, const PinTicket&) = default;
};

/// The row of the audit log that carries the consent.
struct AuditRow {
    std::int64_t number = 0;
};

/// Which token: a serial alone is not unique between vendors.
struct TokenId {
    std::string module; ///< name in modules.d
    std::string serial;
    friend bool operator==(const TokenId&, const TokenId&) = default;
};

class Grant {
public:
    Grant(Grant&&) noexcept = default;
    Grant& operator=(Grant&&) noexcept = default;
    Grant(const Grant&) = delete;
    Grant& operator=(const Grant&) = delete;

    const TokenId& token() const { return m_token; }
    const CertificateRef& certificate() const { return m_certificate; }
    const Mechanism& mechanism() const { return m_mechanism; }
    const std::vector<Digest>& sealed() const { return m_sealed; }
    /// For a token that hashes: what each digest is of, in the same order. Empty for all others.
    const std::vector<Bytes>& hashed() const { return m_hashed; }
    PinTicket pin() const { return m_pin; }
    AuditRow row() const { return m_row; }

private:
    friend class gate::Gate;
    Grant(TokenId token, CertificateRef certificate, Mechanism mechanism, std::vector<Digest> sealed, std::vector<Bytes> hashed, PinTicket pin,
          AuditRow row)
        : m_token(std::move(token)), m_certificate(std::move(certificate)), m_mechanism(mechanism), m_sealed(std::move(sealed)),
          m_hashed(std::move(hashed)), m_pin(pin), m_row(row) {}

    TokenId m_token;
    CertificateRef m_certificate;
    Mechanism m_mechanism;
    std::vector<Digest> m_sealed;
    std::vector<Bytes> m_hashed;
    PinTicket m_pin;
    AuditRow m_row;
};

} // namespace jk
