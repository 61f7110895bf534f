// What CK_TOKEN_INFO and C_GetMechanismList say of a token: as the worker found it, and no more than local programs could ever use.
#pragma once
#include "agent/policy/rules.hpp"
#include "jurukunci/token.hpp"
#include "pkcs11/frames/messages.hpp"

namespace jk::doors {

pkcs11::frames::Token token_facts(const TokenInfo& token, const policy::LocalProgramTerms& terms);

} // namespace jk::doors
