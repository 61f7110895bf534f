// Replacements: which certificate was followed by a newer one of the same holder, for the same use, from the same issuer (row 9.4). The newest one that
// was seen is kept as what it is, signed by its issuer; that another was replaced is a row of the log. Owner: main; lives on the event loop.
#pragma once
#include "agent/audit/log.hpp"
#include "agent/policy/profile.hpp"
#include "agent/policy/state.hpp"
#include "agent/store/device_key.hpp"
#include "jurukunci/token.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <string>

namespace jk::life {

/// Whose certificate it is and for what: issuer, subject, key usage and extended key usage. Two of one identity follow each other; a certificate for
/// encryption never follows one for signatures, nor one of another office.
std::string identity_of(const Certificate& certificate);

class Replacements {
public:
    struct Rooms {
        const policy::Profile& profile;
        audit::Log& log;
        const store::DeviceKey& device_key;
        const Clock& clock;
        std::filesystem::path folder; ///< for the newest ones
    };
    static Outcome<Replacements> open(Rooms rooms);

    /// What is on the tokens now. `unfit`: revoked or blocked; such a certificate follows nobody.
    void look(const std::vector<TokenInfo>& tokens, const std::function<bool(const Certificate&, const TokenId&)>& unfit);
    void add_facts(policy::State& state, const Certificate& certificate) const;

private:
    explicit Replacements(Rooms rooms) : m_rooms(std::move(rooms)) {}
    CertificateRef newest(const std::string& identity, const std::vector<CertificateRef>& intermediates);
    bool recognised(const CertificateRef& certificate, const std::vector<CertificateRef>& intermediates) const;
    void keep(const std::string& identity, const CertificateRef& certificate);
    void record(const Certificate& old, const Certificate& successor);

    Rooms m_rooms;
    std::map<std::string, CertificateRef> m_newest; ///< by identity; null: looked for, and nothing was kept
    std::map<std::string, WallTime> m_replaced;     ///< by the certificate's SHA-256: since when there is another
};

} // namespace jk::life
