#include "pkcs11/wrap/ck_result.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace jk::pkcs11 {
namespace {

struct Row {
    CK_RV rv;
    const char* name;
    Errc errc;
};

#define ROW(rv, errc)                                                                                                                                \
    { rv, #rv, Errc::errc }
// Removal has many faces: which one a module shows depends on where in the call the card went away.
constexpr Row rows[] = {
    ROW(CKR_CANCEL, consent_denied),
    ROW(CKR_FUNCTION_CANCELED, consent_denied),
    ROW(CKR_HOST_MEMORY, token_failed),
    ROW(CKR_SLOT_ID_INVALID, token_removed),
    ROW(CKR_GENERAL_ERROR, token_failed),
    ROW(CKR_FUNCTION_FAILED, token_failed),
    ROW(CKR_ARGUMENTS_BAD, token_failed),
    ROW(CKR_ATTRIBUTE_SENSITIVE, token_failed),
    ROW(CKR_ATTRIBUTE_TYPE_INVALID, token_failed),
    ROW(CKR_DATA_INVALID, mechanism_unsupported),
    ROW(CKR_DATA_LEN_RANGE, mechanism_unsupported),
    ROW(CKR_DEVICE_ERROR, token_failed),
    ROW(CKR_DEVICE_MEMORY, token_failed),
    ROW(CKR_DEVICE_REMOVED, token_removed),
    ROW(CKR_FUNCTION_NOT_SUPPORTED, token_failed),
    ROW(CKR_KEY_HANDLE_INVALID, token_removed),
    ROW(CKR_DOMAIN_PARAMS_INVALID, mechanism_unsupported),
    ROW(CKR_CURVE_NOT_SUPPORTED, mechanism_unsupported),
    ROW(CKR_KEY_SIZE_RANGE, mechanism_unsupported),
    ROW(CKR_KEY_TYPE_INCONSISTENT, mechanism_unsupported),
    ROW(CKR_KEY_FUNCTION_NOT_PERMITTED, mechanism_unsupported),
    ROW(CKR_MECHANISM_INVALID, mechanism_unsupported),
    ROW(CKR_MECHANISM_PARAM_INVALID, mechanism_unsupported),
    ROW(CKR_OBJECT_HANDLE_INVALID, token_removed),
    ROW(CKR_OPERATION_ACTIVE, token_failed),
    ROW(CKR_OPERATION_NOT_INITIALIZED, token_failed),
    ROW(CKR_PIN_INCORRECT, pin_incorrect),
    ROW(CKR_PIN_INVALID, pin_incorrect),
    ROW(CKR_PIN_LEN_RANGE, pin_incorrect),
    ROW(CKR_PIN_EXPIRED, pin_must_change),
    ROW(CKR_PIN_LOCKED, pin_locked),
    ROW(CKR_SESSION_CLOSED, token_removed),
    ROW(CKR_SESSION_COUNT, token_failed),
    ROW(CKR_SESSION_HANDLE_INVALID, token_removed),
    ROW(CKR_TOKEN_NOT_PRESENT, token_removed),
    ROW(CKR_TOKEN_NOT_RECOGNIZED, token_failed),
    ROW(CKR_TOKEN_WRITE_PROTECTED, token_failed),
    ROW(CKR_USER_ALREADY_LOGGED_IN, token_failed), // the PIN was not checked: never a success
    ROW(CKR_USER_NOT_LOGGED_IN, token_failed),
    ROW(CKR_USER_PIN_NOT_INITIALIZED, pin_must_change),
    ROW(CKR_USER_ANOTHER_ALREADY_LOGGED_IN, token_failed),
    ROW(CKR_BUFFER_TOO_SMALL, token_failed),
    ROW(CKR_CRYPTOKI_NOT_INITIALIZED, module_unusable),
    ROW(CKR_CRYPTOKI_ALREADY_INITIALIZED, module_unusable),
    ROW(CKR_CANT_LOCK, module_unusable),
    ROW(CKR_NEED_TO_CREATE_THREADS, module_unusable),
};
#undef ROW

const Row* row_of(CK_RV rv) {
    for (const auto& row : rows)
        if (row.rv == rv) return &row;
    return nullptr;
}

} // namespace

Errc errc_of(CK_RV rv) {
    const auto* row = row_of(rv);
    return row != nullptr ? row->errc : Errc::token_failed;
}

std::string name_of(CK_RV rv) {
    if (const auto* row = row_of(rv)) return row->name;
    if (rv == CKR_OK) return "CKR_OK";
    char text[32];
    std::snprintf(text, sizeof text, "CKR 0x%lx", rv);
    return text;
}

Error ck_error(std::string_view function, CK_RV rv) {
    auto error = Error{errc_of(rv), std::string(function) + ": " + name_of(rv)}.with("function", std::string(function)).with("result", name_of(rv));
    if (error.code == Errc::module_unusable) // the standard's names are the same in every language
        return std::move(error).with("module", "PKCS#11").with("alasan", error.detail).with("reason", error.detail);
    return error.code == Errc::mechanism_unsupported ? std::move(error).with("mechanism", error.detail) : error;
}

bool came_of(const Error& error, CK_RV rv) {
    return std::ranges::any_of(error.words, [&](const auto& word) { return word.first == "result" && word.second == name_of(rv); });
}

std::size_t known_results() { return std::size(rows); }

} // namespace jk::pkcs11
