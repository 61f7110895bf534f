// Errors as every door shows them: docs/protocol/http.md, "Errors".
#pragma once
#include "jurukunci/error.hpp"

#include <boost/json/object.hpp>

namespace jk::doors {

namespace json = boost::json;

/// {"code", "message", "userMessage", "retriable", "rule", "citation", "remedy"}
json::object error_json(const Error& error, Language language);

} // namespace jk::doors
