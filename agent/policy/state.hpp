// State: what is known at this moment about a certificate and about the session, beyond what certificate and token show by themselves.
// Filled by others (reports, life of the certificate, agent/session); the default is what is known on a computer that never heard of any.
#pragma once
#include "agent/policy/blocks.hpp"
#include "jurukunci/certificate.hpp"
#include "jurukunci/clock.hpp"

#include <optional>
#include <string>

namespace jk::policy {

struct BlockFact {
    std::string case_number;
    WallTime since{};
};

enum class RevocationAnswer { good, revoked, suspended };

struct State {
    std::optional<BlockFact> blocked; ///< by a report of loss or compromise (row 10.2)
    std::optional<WallTime> revoked;  ///< final, whatever an answer says later (row 10.6)
    bool decryption_blocked = false;  ///< one of the blocks does not leave old letters readable
    bool suspended = false;
    std::optional<WallTime> replaced;        ///< by a newer certificate of the same holder (row 9.4)
    std::optional<bool> agreement_accepted;  ///< row 8.3; nothing is on record where there is no value
    std::optional<bool> duties_acknowledged; ///< row 7.9
    std::optional<RevocationAnswer> status;  ///< the newest answer of the issuer, if it was ever asked
    WallTime status_at{};                    ///< when that answer was made
};

/// The agent's log is not the one that its device key wrote, and the RA has not decided about it.
struct LogLoss {
    std::string id;
    WallTime noticed{};
};

/// Where the person sits, and whether this agent may act at all. No value: nothing and nobody says.
struct SessionFacts {
    std::optional<bool> remote; ///< SSH, RDP, VNC
    std::optional<bool> active; ///< the session in use at its seat
    bool other_user = false;    ///< the caller is not the user whose agent this is
    std::string how;            ///< "SSH", "xrdp": for the sentence
    std::optional<LogLoss> log_lost{};
};

/// What a list of blocks says about this certificate on this token, added to what is known.
void add_blocks(State& state, const BlockList& blocks, const Certificate& certificate, const TokenId& token);

/// Implemented by whoever keeps the facts. Asked on the event loop, for each decision anew; must not wait.
class Facts {
public:
    virtual ~Facts() = default;
    virtual State about(const Certificate&, const TokenId&) const { return {}; }
    virtual SessionFacts session() const { return {}; }
};

} // namespace jk::policy
