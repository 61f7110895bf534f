// Attributes of an object as PKCS#11 asks for them: templates that match, values that are copied out by the rules of v2.40 5.7.5.
#pragma once
#include "pkcs11/frames/messages.hpp"
#include "pkcs11/module/pkcs11.hpp"

#include <optional>
#include <span>

namespace jk::pkcs11::module {

std::optional<ByteView> value_of(const frames::Object& object, CK_ATTRIBUTE_TYPE type);
CK_ULONG number_of(const frames::Object& object, CK_ATTRIBUTE_TYPE type, CK_ULONG otherwise);
bool flag_of(const frames::Object& object, CK_ATTRIBUTE_TYPE type);
bool matches(const frames::Object& object, std::span<const CK_ATTRIBUTE> pattern);
CK_RV copy_out(const frames::Object& object, std::span<CK_ATTRIBUTE> wanted);

/// Bytes to a caller who may only want the size: CKR_OK or CKR_BUFFER_TOO_SMALL, and the size either way.
CK_RV give(ByteView value, CK_BYTE* to, CK_ULONG* size);

} // namespace jk::pkcs11::module
