// A signing request as JSON: POST /v1/signatures and the control door's "sign". Strict: unknown fields, wrong sizes and impossible
// combinations are refused here, before policy is asked.
#pragma once
#include "agent/doors/shape/error_json.hpp"
#include "agent/doors/shape/order_json.hpp"
#include "jurukunci/outcome.hpp"
#include "jurukunci/requests.hpp"

#include <boost/json/value.hpp>

#include <map>

namespace jk::doors {

struct ReadSignRequest {
    SignRequest request;
    std::map<std::size_t, Bytes> inline_content; ///< items that brought their document along, by index; the door stores them
};

inline constexpr std::size_t max_items = 10'000, max_inline_content = 1u << 20;

/// `order_key`: the registry's, for orders of this caller's server; null where it holds none.
Outcome<ReadSignRequest> read_sign_request(const json::value& body, CallerIdentity caller, const x509::PublicKey* order_key);

} // namespace jk::doors
