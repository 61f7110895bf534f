// Stands in for the gate where a token is tested without it: the only other place that can make a Grant. Never linked together with jk_gate.
#pragma once
#include "jurukunci/grant.hpp"

namespace jk::gate {

class Gate {
public:
    static Grant grant(TokenId token, CertificateRef certificate, Mechanism mechanism, std::vector<Digest> sealed, PinTicket pin,
                       std::vector<Bytes> hashed = {}) {
        return {std::move(token), std::move(certificate), mechanism, std::move(sealed), std::move(hashed), pin, AuditRow{1}};
    }
};

} // namespace jk::gate
