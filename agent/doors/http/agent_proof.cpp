#include "agent/doors/http/agent_proof.hpp"

#include "jurukunci/digest.hpp"
#include "jurukunci/encoding.hpp"
#include "jurukunci/version.hpp"

#include <initializer_list>
#include <string_view>

namespace jk::doors {
namespace {

std::string lines(std::initializer_list<std::string_view> all) {
    std::string text;
    for (const auto line : all) text.append(text.empty() ? "" : "\n").append(line);
    return text;
}

} // namespace

std::string AgentProof::public_key() const { return to_base64(m_key.public_key()); }

std::string AgentProof::code(const std::string& origin, const std::string& nonce) const {
    const auto statement = lines({"jurukunci-code-v1", origin, nonce, public_key()});
    const auto digest = sha256(bytes_of(statement));
    std::uint64_t number = 0;
    for (const auto byte : digest.value().first(8)) number = number << 8 | byte;
    const auto digits = std::to_string(number % 1'000'000);
    return std::string(6 - digits.size(), '0') + digits;
}

Bytes AgentProof::session(const std::string& origin, unsigned short port, const std::string& nonce, WallTime expires) const {
    return m_key.sign(bytes_of(lines({"jurukunci-session-v1", origin, std::to_string(port), nonce, version(), m_environment, rfc3339(expires)})));
}

Bytes AgentProof::enrolment(const std::string& origin, unsigned short port, const std::string& nonce, const std::string& code) const {
    return m_key.sign(bytes_of(lines({"jurukunci-enrolment-v1", origin, std::to_string(port), nonce, version(), m_environment, code})));
}

} // namespace jk::doors
