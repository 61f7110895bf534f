// A NIK where one may stand in words that others chose: a certificate's subject, a document's name. The log promises to hold none.
#pragma once
#include <string>
#include <string_view>

namespace jk::audit {

/// Every run of exactly sixteen digits with a day and a month of birth where a NIK has them is replaced by "[NIK]".
std::string without_nik(std::string_view text);

} // namespace jk::audit
