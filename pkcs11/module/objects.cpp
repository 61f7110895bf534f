// Finding and reading objects. What is on the token cannot be changed or taken away: refused.cpp.
#include "pkcs11/module/entry.hpp"

#include <algorithm>

using namespace jk::pkcs11::module;

namespace {

bool well_formed(const CK_ATTRIBUTE* attributes, CK_ULONG count) {
    if (attributes == nullptr) return count == 0;
    return std::all_of(attributes, attributes + count, [](const auto& a) { return a.pValue != nullptr || a.ulValueLen == 0; });
}

} // namespace

CK_RV C_FindObjectsInit(CK_SESSION_HANDLE handle, CK_ATTRIBUTE* pattern, CK_ULONG count) {
    return in_session(handle, [&](Application& application, Session& session) -> CK_RV {
        if (!well_formed(pattern, count)) return CKR_ARGUMENTS_BAD;
        if (session.found) return CKR_OPERATION_ACTIVE;
        std::vector<CK_OBJECT_HANDLE> found;
        if (const CK_RV rv = application.find(session.slot, {pattern, count}, found); rv != CKR_OK) return rv;
        session.found = std::move(found);
        return CKR_OK;
    });
}

CK_RV C_FindObjects(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE* objects, CK_ULONG most, CK_ULONG* count) {
    return in_session(handle, [&](Application&, Session& session) -> CK_RV {
        if (objects == nullptr || count == nullptr) return CKR_ARGUMENTS_BAD;
        if (!session.found) return CKR_OPERATION_NOT_INITIALIZED;
        *count = std::min<CK_ULONG>(most, session.found->size());
        std::copy_n(session.found->begin(), *count, objects);
        session.found->erase(session.found->begin(), session.found->begin() + static_cast<std::ptrdiff_t>(*count));
        return CKR_OK;
    });
}

CK_RV C_FindObjectsFinal(CK_SESSION_HANDLE handle) {
    return in_session(handle, [&](Application&, Session& session) -> CK_RV {
        if (!session.found) return CKR_OPERATION_NOT_INITIALIZED;
        session.found.reset();
        return CKR_OK;
    });
}

CK_RV C_GetAttributeValue(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object, CK_ATTRIBUTE* wanted, CK_ULONG count) {
    return in_session(handle, [&](Application& application, Session& session) -> CK_RV {
        if (wanted == nullptr) return CKR_ARGUMENTS_BAD;
        const auto known = application.object(session.slot, object);
        return known ? copy_out(known->object, {wanted, count}) : CKR_OBJECT_HANDLE_INVALID;
    });
}

CK_RV C_GetObjectSize(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object, CK_ULONG* size) {
    return in_session(handle, [&](Application& application, Session& session) -> CK_RV {
        if (size == nullptr) return CKR_ARGUMENTS_BAD;
        const auto known = application.object(session.slot, object);
        if (!known) return CKR_OBJECT_HANDLE_INVALID;
        *size = 0;
        for (const auto& [type, value] : known->object.attributes) *size += value.size();
        return CKR_OK;
    });
}

CK_RV C_DestroyObject(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object) {
    return in_session(handle, [&](Application& application, Session& session) { return application.destroy(session.slot, object); });
}
