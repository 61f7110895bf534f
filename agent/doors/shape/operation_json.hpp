// Operations and documents as every door shows them.
#pragma once
#include "agent/doors/shape/error_json.hpp"
#include "agent/gate/operation.hpp"

namespace jk::doors {

json::object operation_json(const gate::Operation& operation, Language language);
json::object document_json(const DocumentFacts& facts);

} // namespace jk::doors
