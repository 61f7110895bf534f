// The verification report of docs/protocol/verification.md, for a PDF's own signatures or a detached CAdES one.
#pragma once
#include "agent/documents/child/document_input.hpp"
#include "agent/documents/messages.hpp"

#include <memory>
#include <string>

namespace jk::documents::child {

/// JSON. A document that cannot be opened gives "unreadable", never an error.
std::string verify(std::shared_ptr<DocumentBytes> bytes, const VerifyRequest& request);

} // namespace jk::documents::child
