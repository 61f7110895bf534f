// Stands in for the gate where administration is tested without it: the only other place that can make an AdministrationGrant. Never linked together
// with jk_gate.
#pragma once
#include "jurukunci/administration.hpp"

namespace jk::gate {

class Provisioning {
public:
    static AdministrationGrant grant(TokenId token, AdministrationStep step, PinTicket secrets) {
        return {std::move(token), std::move(step), secrets, AuditRow{1}};
    }
};

} // namespace jk::gate
