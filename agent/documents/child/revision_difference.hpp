// What one revision of a document changed against the one before it, object by object. Because the bytes of the older revision are a prefix
// of the newer one, only objects that the newer cross-reference finds elsewhere can differ: nothing else has to be read.
#pragma once
#include "agent/documents/child/pdf_file.hpp"

#include <string>
#include <vector>

namespace jk::documents::child {

/// How much besides the signature is let pass: nothing in our own updates; in those of other programs also what signing programs add
/// on the way: document information, XMP metadata, DSS, extensions.
enum class Strictness { own_update, any_producer };

/// Empty: exactly `signatures` signature fields were added or filled, and nothing else changed. Otherwise what was found, a phrase each.
std::vector<std::string> beyond_signatures(PdfFile& older, PdfFile& newer, int signatures, Strictness strictness);

} // namespace jk::documents::child
