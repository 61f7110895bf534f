// Explaining: a hypothetical request judged by the very functions that enforce, in the order in which the gate asks them.
#pragma once
#include "agent/policy/rules.hpp"

namespace jk::policy {

/// What would be asked, and what would be known. What has no value is not judged, and listed so.
struct Hypothesis {
    SignRequest request;
    std::string delegation_field;
    CertificateRef certificate;             ///< null: none was named
    std::vector<CertificateRef> candidates; ///< that may complete its chain
    std::optional<TokenInfo> token;
    bool token_absent = false;
    std::optional<int> tries_left;
    std::chrono::seconds pin_pause{0};
    State state;
    SessionFacts session;
    ConsentFacts consent;
    std::optional<KeyCustody> custody;
};

Decision judge_everything(const Profile& profile, const Hypothesis& hypothesis, WallTime now);

} // namespace jk::policy
