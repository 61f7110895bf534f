#include "pkcs11/module/attributes.hpp"

#include <algorithm>
#include <cstring>

namespace jk::pkcs11::module {
namespace {

bool is_secret_part(CK_ATTRIBUTE_TYPE type) {
    return type == CKA_PRIVATE_EXPONENT || type == CKA_PRIME_1 || type == CKA_PRIME_2 || type == CKA_EXPONENT_1 || type == CKA_EXPONENT_2 ||
           type == CKA_COEFFICIENT || type == CKA_VALUE;
}

} // namespace

std::optional<ByteView> value_of(const frames::Object& object, CK_ATTRIBUTE_TYPE type) {
    for (const auto& [known, value] : object.attributes)
        if (known == type) return ByteView(value);
    return std::nullopt;
}

CK_ULONG number_of(const frames::Object& object, CK_ATTRIBUTE_TYPE type, CK_ULONG otherwise) {
    const auto value = value_of(object, type);
    if (!value || value->size() != sizeof(CK_ULONG)) return otherwise;
    CK_ULONG number = 0;
    std::memcpy(&number, value->data(), sizeof number);
    return number;
}

bool flag_of(const frames::Object& object, CK_ATTRIBUTE_TYPE type) {
    const auto value = value_of(object, type);
    return value && value->size() == 1 && value->front() == CK_TRUE;
}

bool matches(const frames::Object& object, std::span<const CK_ATTRIBUTE> pattern) {
    return std::ranges::all_of(pattern, [&](const CK_ATTRIBUTE& wanted) {
        const auto value = value_of(object, wanted.type);
        return value && value->size() == wanted.ulValueLen && (value->empty() || std::memcmp(value->data(), wanted.pValue, value->size()) == 0);
    });
}

CK_RV copy_out(const frames::Object& object, std::span<CK_ATTRIBUTE> wanted) {
    const auto kind = number_of(object, CKA_CLASS, CKO_DATA);
    const bool key = kind == CKO_PRIVATE_KEY || kind == CKO_SECRET_KEY;
    CK_RV result = CKR_OK;
    for (auto& attribute : wanted) {
        const auto value = value_of(object, attribute.type);
        if (!value) {
            attribute.ulValueLen = CK_UNAVAILABLE_INFORMATION;
            result = key && is_secret_part(attribute.type) ? CKR_ATTRIBUTE_SENSITIVE : CKR_ATTRIBUTE_TYPE_INVALID;
        } else if (attribute.pValue == nullptr) {
            attribute.ulValueLen = value->size();
        } else if (attribute.ulValueLen < value->size()) {
            attribute.ulValueLen = CK_UNAVAILABLE_INFORMATION;
            result = CKR_BUFFER_TOO_SMALL;
        } else {
            std::copy(value->begin(), value->end(), static_cast<CK_BYTE*>(attribute.pValue));
            attribute.ulValueLen = value->size();
        }
    }
    return result;
}

CK_RV give(ByteView value, CK_BYTE* to, CK_ULONG* size) {
    if (to != nullptr && *size < value.size()) {
        *size = value.size();
        return CKR_BUFFER_TOO_SMALL;
    }
    if (to != nullptr) std::copy(value.begin(), value.end(), to);
    *size = value.size();
    return CKR_OK;
}

} // namespace jk::pkcs11::module
