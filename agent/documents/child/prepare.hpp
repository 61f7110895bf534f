// Prepares a signature: the bytes to append, with a gap for the CMS. Throws Refusal.
#pragma once
#include "agent/documents/child/font.hpp"
#include "agent/documents/child/pdf_file.hpp"
#include "agent/documents/messages.hpp"

namespace jk::documents::child {

Update prepare(std::shared_ptr<const DocumentBytes> bytes, const PrepareRequest& request, const Font* font);
/// For a file that is open already; afterwards it shows the document as changed. The same request gives the same bytes: nothing in them is chance.
Update prepare(PdfFile& file, const PrepareRequest& request, const Font* font);

} // namespace jk::documents::child
