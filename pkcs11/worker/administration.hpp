// Administration: the worker's side of it. Keeps the channels of secrets until their step comes, reads each secret straight into locked memory,
// and carries out one step at a time. Lives on the worker's main thread.
#pragma once
#include "pkcs11/worker/administration_messages.hpp"
#include "pkcs11/wrap/administration.hpp"

#include <map>

namespace jk::pkcs11 {

class Administration {
public:
    explicit Administration(const Module& module) : m_module(module) {}

    Outcome<std::vector<ReportedContents>> contents() const;
    /// The token is there; its secrets will come on these channels, in the order of secrets_of(step).
    Outcome<void> expect(PinTicket ticket, const std::string& serial, std::vector<UniqueFd> channels);
    void forget(PinTicket ticket) { m_channels.erase(ticket.value); }
    Outcome<AdministrationResult> carry_out(const AdministerRequest& request);

private:
    const Module& m_module;
    std::map<std::uint64_t, std::vector<UniqueFd>> m_channels; ///< by ticket
};

} // namespace jk::pkcs11
