// AgentProof: what this installation's device key says to an application's server, in the words of docs/protocol/http.md.
// Owner: main; lives on the event loop.
#pragma once
#include "agent/store/device_key.hpp"
#include "jurukunci/clock.hpp"

#include <string>

namespace jk::doors {

class AgentProof {
public:
    AgentProof(const store::DeviceKey& key, std::string environment) : m_key(key), m_environment(std::move(environment)) {}

    /// SubjectPublicKeyInfo, base64.
    std::string public_key() const;
    /// Six digits that the page works out for itself: another key, another code.
    std::string code(const std::string& origin, const std::string& nonce) const;

    Bytes session(const std::string& origin, unsigned short port, const std::string& nonce, WallTime expires) const;
    Bytes enrolment(const std::string& origin, unsigned short port, const std::string& nonce, const std::string& code) const;

private:
    const store::DeviceKey& m_key;
    std::string m_environment;
};

} // namespace jk::doors
