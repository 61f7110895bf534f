// A prepared update is looked at by a life that did not prepare it.
#pragma once
#include "agent/documents/child/font.hpp"
#include "agent/documents/child/pdf_file.hpp"
#include "agent/documents/messages.hpp"

#include <memory>

namespace jk::documents::child {

/// The update must read back as one signature and nothing else, and be, byte by byte, what this life makes of the same request.
/// Throws Refusal(document_disputed).
void check(std::shared_ptr<DocumentBytes> bytes, const CheckRequest& request, const Font* font);

/// The half of it that reads the finished document as a stranger's: our own writer's mistakes are found here.
void read_back(PdfFile& older, PdfFile& newer, const CheckRequest& request);

} // namespace jk::documents::child
