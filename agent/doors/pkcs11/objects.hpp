// Objects: what a program sees of a token: certificates, their public keys, and, once it is logged in, the private keys it may use. Made from
// the certificates that the worker found; the private keys' attributes say what the profile permits, and custody is judged at each login.
#pragma once
#include "agent/policy/rules.hpp"
#include "jurukunci/token.hpp"
#include "pkcs11/frames/messages.hpp"

namespace jk::doors {

enum class Seen { without_login, logged_in };

std::vector<pkcs11::frames::Object> objects_of(const policy::Profile& profile, const TokenInfo& token, Seen seen, WallTime now);

} // namespace jk::doors
