// Orders: from a compact JWS of an application's server to an Order whose signature was good. docs/protocol/http.md, "Orders".
#pragma once
#include "agent/policy/profile.hpp"
#include "jurukunci/requests.hpp"

#include <string_view>

namespace jk::doors {

/// Bytes of a JWS with ten thousand documents.
inline constexpr std::size_t max_order = 1u << 20;

/// `key` is the registry's; null where it holds none. order_refused names the member; whether the order is for this request, and still fresh,
/// policy says.
Outcome<Order> read_order(std::string_view jws, const x509::PublicKey* key);

} // namespace jk::doors
