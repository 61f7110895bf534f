// What a document itself says about being signed again: certification, locks, permissions. Throws Refusal.
#pragma once
#include "agent/documents/child/pdf_file.hpp"

#include <optional>

namespace jk::documents::child {

/// DocMDP level of the certification (ISO 32000-1 12.8.2.2): 1, 2 or 3; nothing if the document is not certified.
std::optional<int> certification(PdfFile& file);

enum class NewSignature { invisible, visible, in_existing_field };

/// Throws if certification, FieldMDP, a lock or the encryption's permissions stand against this signature.
void require_signable(PdfFile& file, const std::vector<Field>& fields, NewSignature kind, const std::string& field_name);

/// What the form's author demands of a signature in this field (12.7.4.5, table 234). Throws for a demand that cannot be met: it is never ignored.
/// `hash` as the seed values name it: "SHA256".
void require_seed_values(QPDFObjectHandle seed, const std::string& field_name, const std::string& hash);

} // namespace jk::documents::child
