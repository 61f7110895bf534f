// Tokens, certificates and status as every door shows them.
#pragma once
#include "agent/doors/shape/error_json.hpp"
#include "agent/gate/gate.hpp"
#include "jurukunci/token.hpp"

namespace jk::doors {

/// An array; a certificate that cannot be used carries the reasons.
json::array certificates_json(const gate::Gate& gate, const std::vector<TokenInfo>& tokens, WallTime now, Language language);
json::object status_json(const gate::Gate& gate, const Outcome<std::vector<TokenInfo>>& tokens, bool prompter_present, Language language);
/// A token that is there, for whoever only needs to know that.
json::object present_token_json(const TokenInfo& token);

} // namespace jk::doors
