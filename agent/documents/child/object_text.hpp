// PDF objects as text, with strings encrypted for the object they stand in.
#pragma once
#include "agent/documents/child/string_cipher.hpp"

#include <qpdf/QPDFObjectHandle.hh>

#include <string>

namespace jk::documents::child {

/// Where text is going: the object number decides the key of an encrypted string.
struct Place {
    const StringCipher* cipher = nullptr;
    int object = 0, generation = 0;
};

/// `value` resolved at the top, with references kept below. Streams cannot be written this way. Throws Refusal beyond 200 levels.
std::string object_text(QPDFObjectHandle value, const Place& place);
/// A PDF string in hexadecimal.
std::string string_text(const std::string& bytes, const Place& place);
/// UTF-8 as a PDF text string: PDFDocEncoding's ASCII where that does, else UTF-16BE with its mark.
std::string text_string(std::string_view utf8, const Place& place);
std::string number_text(double value);
std::string reference_text(const QPDFObjGen& object);

} // namespace jk::documents::child
