// CK_RV to Errc: the one border where PKCS#11's results become ours.
#pragma once
#include "jurukunci/outcome.hpp"
#include "pkcs11/wrap/ck.hpp"

#include <string>
#include <string_view>

namespace jk::pkcs11 {

/// What a caller can do about `rv`. CKR_OK has no meaning here.
Errc errc_of(CK_RV rv);
/// "CKR_PIN_INCORRECT", or "CKR 0x80000001" for a vendor's own.
std::string name_of(CK_RV rv);
/// The error of a failed call; keeps the function's and the result's name.
Error ck_error(std::string_view function, CK_RV rv);
/// It is ck_error's of this result.
bool came_of(const Error& error, CK_RV rv);

/// Every result that the table translates by name, for the test that walks it.
std::size_t known_results();

} // namespace jk::pkcs11
