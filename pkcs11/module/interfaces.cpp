// C_GetFunctionList (v2.40) and C_GetInterface (v3.0): the same functions in two lists.
#include "pkcs11/module/entry.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

using namespace jk::pkcs11::module;

namespace {

// v3.0's message functions have many forms. None is offered, and a function that looks at no argument is right for all of them: on every
// calling convention that this is built for the caller cleans up.
CK_RV not_offered() {
    return with_application([](Application&) -> CK_RV { return CKR_FUNCTION_NOT_SUPPORTED; });
}
using NotOffered = CK_RV (*)();

/// CK_FUNCTION_LIST_3_0: v2.40's members, and what v3.0 appends, in its order.
struct FunctionList3 {
    CK_FUNCTION_LIST v2;
    decltype(&C_GetInterfaceList) get_interface_list;
    decltype(&C_GetInterface) get_interface;
    decltype(&C_LoginUser) login_user;
    decltype(&C_SessionCancel) session_cancel;
    NotOffered messages[20]; ///< encrypt, decrypt, sign, verify: five each
};

#define EVERY_FUNCTION                                                                                                                               \
    C_Initialize, C_Finalize, C_GetInfo, C_GetFunctionList, C_GetSlotList, C_GetSlotInfo, C_GetTokenInfo, C_GetMechanismList, C_GetMechanismInfo,    \
        C_InitToken, C_InitPIN, C_SetPIN, C_OpenSession, C_CloseSession, C_CloseAllSessions, C_GetSessionInfo, C_GetOperationState,                  \
        C_SetOperationState, C_Login, C_Logout, C_CreateObject, C_CopyObject, C_DestroyObject, C_GetObjectSize, C_GetAttributeValue,                 \
        C_SetAttributeValue, C_FindObjectsInit, C_FindObjects, C_FindObjectsFinal, C_EncryptInit, C_Encrypt, C_EncryptUpdate, C_EncryptFinal,        \
        C_DecryptInit, C_Decrypt, C_DecryptUpdate, C_DecryptFinal, C_DigestInit, C_Digest, C_DigestUpdate, C_DigestKey, C_DigestFinal, C_SignInit,   \
        C_Sign, C_SignUpdate, C_SignFinal, C_SignRecoverInit, C_SignRecover, C_VerifyInit, C_Verify, C_VerifyUpdate, C_VerifyFinal,                  \
        C_VerifyRecoverInit, C_VerifyRecover, C_DigestEncryptUpdate, C_DecryptDigestUpdate, C_SignEncryptUpdate, C_DecryptVerifyUpdate,              \
        C_GenerateKey, C_GenerateKeyPair, C_WrapKey, C_UnwrapKey, C_DeriveKey, C_SeedRandom, C_GenerateRandom, C_GetFunctionStatus,                  \
        C_CancelFunction, C_WaitForSlotEvent

#define FIVE not_offered, not_offered, not_offered, not_offered, not_offered
CK_FUNCTION_LIST list_2_40 = {{2, 40}, EVERY_FUNCTION};
FunctionList3 list_3_0 = {{{3, 0}, EVERY_FUNCTION}, C_GetInterfaceList, C_GetInterface, C_LoginUser, C_SessionCancel, {FIVE, FIVE, FIVE, FIVE}};
#undef FIVE

CK_UTF8CHAR interface_name[] = "PKCS 11";
CK_INTERFACE interfaces[] = {{interface_name, &list_3_0, 0}, {interface_name, &list_2_40, 0}};

} // namespace

CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
    if (list == nullptr) return CKR_ARGUMENTS_BAD;
    *list = &list_2_40;
    return CKR_OK;
}

CK_RV C_GetInterfaceList(CK_INTERFACE* to, CK_ULONG* count) {
    if (count == nullptr) return CKR_ARGUMENTS_BAD;
    constexpr CK_ULONG all = std::size(interfaces);
    if (to != nullptr && *count < all) return *count = all, CKR_BUFFER_TOO_SMALL;
    if (to != nullptr) std::copy(std::begin(interfaces), std::end(interfaces), to);
    *count = all;
    return CKR_OK;
}

CK_RV C_GetInterface(CK_UTF8CHAR* name, CK_VERSION* version, CK_INTERFACE** found, CK_FLAGS flags) {
    if (found == nullptr) return CKR_ARGUMENTS_BAD;
    for (auto& candidate : interfaces) {
        const auto& is = *static_cast<const CK_VERSION*>(candidate.pFunctionList);
        if (name != nullptr && std::strcmp(reinterpret_cast<const char*>(name), reinterpret_cast<const char*>(interface_name)) != 0) continue;
        if (version != nullptr && (version->major != is.major || version->minor != is.minor)) continue;
        if ((flags & candidate.flags) != flags) continue;
        *found = &candidate;
        return CKR_OK;
    }
    return CKR_ARGUMENTS_BAD; // v3.0 5.4.6: no such interface
}
