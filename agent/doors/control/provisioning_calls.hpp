// The provisioning calls of one connection of the control door: docs/protocol/provisioning.md.
#pragma once
#include "agent/gate/provisioning.hpp"
#include "jurukunci/error.hpp"

#include <boost/json/object.hpp>

#include <functional>

namespace jk::doors {

namespace json = boost::json;

class ProvisioningCalls {
public:
    ProvisioningCalls(gate::Provisioning& provisioning, CallerIdentity caller) : m_provisioning(provisioning), m_caller(std::move(caller)) {}

    Task<Outcome<json::object>> contents(Language language);
    Outcome<json::object> begin(const json::value& request, Language language);
    /// Returns when the step has changed since revision `seen`, has ended, or after so many seconds.
    Task<Outcome<json::object>> wait_for(std::string id, std::uint64_t seen, int seconds, std::function<bool()> hung_up, Language language);
    /// The program has gone: what nobody has agreed to is given up.
    void abandon();

private:
    gate::Provisioning& m_provisioning;
    CallerIdentity m_caller;
    std::vector<gate::ProvisioningRef> m_started;
};

} // namespace jk::doors
