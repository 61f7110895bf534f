// The cross-reference sections as they stand in the file. libqpdf gives only their sum, and readers differ in how they add up: an object listed
// twice in one section is one thing here and another elsewhere.
#pragma once
#include "agent/documents/child/pdf_file.hpp"

#include <string>

namespace jk::documents::child {

/// Reads the sections that start at `from` or later. Empty if each lists an object at most once; otherwise what is wrong.
std::string cross_reference_fault(PdfFile& file, std::uint64_t from);

} // namespace jk::documents::child
