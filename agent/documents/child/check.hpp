// The second look: does this update add one signature and nothing else? Runs in a process that has not seen the first one. Throws Refusal.
#pragma once
#include "agent/documents/child/pdf_file.hpp"
#include "agent/documents/messages.hpp"

namespace jk::documents::child {

void check(std::shared_ptr<DocumentBytes> bytes, const CheckRequest& request);

} // namespace jk::documents::child
