// What is not done. A token is never changed from here: that is the RA desk's, through the agent. Other operations are not offered at all.
#include "pkcs11/module/entry.hpp"

using namespace jk::pkcs11::module;

namespace {

CK_RV refuse(CK_SESSION_HANDLE handle, CK_RV why) {
    return in_session(handle, [&](Application&, Session&) -> CK_RV { return why; });
}
CK_RV not_changed(CK_SESSION_HANDLE handle) { return refuse(handle, CKR_TOKEN_WRITE_PROTECTED); }
CK_RV not_offered(CK_SESSION_HANDLE handle) { return refuse(handle, CKR_FUNCTION_NOT_SUPPORTED); }

} // namespace

using Session_ = CK_SESSION_HANDLE;
using Object_ = CK_OBJECT_HANDLE;

CK_RV C_InitToken(CK_SLOT_ID id, CK_UTF8CHAR*, CK_ULONG, CK_UTF8CHAR*) {
    return with_application([&](Application& application) -> CK_RV {
        Slot slot;
        const CK_RV rv = application.slot(id, slot);
        return rv != CKR_OK ? rv : slot.present ? CKR_TOKEN_WRITE_PROTECTED : CKR_TOKEN_NOT_PRESENT;
    });
}
CK_RV C_InitPIN(Session_ s, CK_UTF8CHAR*, CK_ULONG) { return not_changed(s); }
CK_RV C_SetPIN(Session_ s, CK_UTF8CHAR*, CK_ULONG, CK_UTF8CHAR*, CK_ULONG) { return not_changed(s); }
CK_RV C_CreateObject(Session_ s, CK_ATTRIBUTE*, CK_ULONG, Object_*) { return not_changed(s); }
CK_RV C_CopyObject(Session_ s, Object_, CK_ATTRIBUTE*, CK_ULONG, Object_*) { return not_changed(s); }
CK_RV C_SetAttributeValue(Session_ s, Object_, CK_ATTRIBUTE*, CK_ULONG) { return not_changed(s); }
CK_RV C_GenerateKey(Session_ s, CK_MECHANISM*, CK_ATTRIBUTE*, CK_ULONG, Object_*) { return not_changed(s); }
CK_RV C_GenerateKeyPair(Session_ s, CK_MECHANISM*, CK_ATTRIBUTE*, CK_ULONG, CK_ATTRIBUTE*, CK_ULONG, Object_*, Object_*) { return not_changed(s); }

CK_RV C_GetOperationState(Session_ s, CK_BYTE*, CK_ULONG*) { return not_offered(s); }
CK_RV C_SetOperationState(Session_ s, CK_BYTE*, CK_ULONG, Object_, Object_) { return not_offered(s); }
CK_RV C_EncryptInit(Session_ s, CK_MECHANISM*, Object_) { return not_offered(s); }
CK_RV C_Encrypt(Session_ s, CK_BYTE*, CK_ULONG, CK_BYTE*, CK_ULONG*) { return not_offered(s); }
CK_RV C_EncryptUpdate(Session_ s, CK_BYTE*, CK_ULONG, CK_BYTE*, CK_ULONG*) { return not_offered(s); }
CK_RV C_EncryptFinal(Session_ s, CK_BYTE*, CK_ULONG*) { return not_offered(s); }
CK_RV C_DigestKey(Session_ s, Object_) { return not_offered(s); }
CK_RV C_SignRecoverInit(Session_ s, CK_MECHANISM*, Object_) { return not_offered(s); }
CK_RV C_SignRecover(Session_ s, CK_BYTE*, CK_ULONG, CK_BYTE*, CK_ULONG*) { return not_offered(s); }
CK_RV C_VerifyRecoverInit(Session_ s, CK_MECHANISM*, Object_) { return not_offered(s); }
CK_RV C_VerifyRecover(Session_ s, CK_BYTE*, CK_ULONG, CK_BYTE*, CK_ULONG*) { return not_offered(s); }
CK_RV C_DigestEncryptUpdate(Session_ s, CK_BYTE*, CK_ULONG, CK_BYTE*, CK_ULONG*) { return not_offered(s); }
CK_RV C_DecryptDigestUpdate(Session_ s, CK_BYTE*, CK_ULONG, CK_BYTE*, CK_ULONG*) { return not_offered(s); }
CK_RV C_SignEncryptUpdate(Session_ s, CK_BYTE*, CK_ULONG, CK_BYTE*, CK_ULONG*) { return not_offered(s); }
CK_RV C_DecryptVerifyUpdate(Session_ s, CK_BYTE*, CK_ULONG, CK_BYTE*, CK_ULONG*) { return not_offered(s); }
CK_RV C_WrapKey(Session_ s, CK_MECHANISM*, Object_, Object_, CK_BYTE*, CK_ULONG*) { return not_offered(s); }
CK_RV C_UnwrapKey(Session_ s, CK_MECHANISM*, Object_, CK_BYTE*, CK_ULONG, CK_ATTRIBUTE*, CK_ULONG, Object_*) { return not_offered(s); }
CK_RV C_GetFunctionStatus(Session_ s) { return refuse(s, CKR_FUNCTION_NOT_PARALLEL); }
CK_RV C_CancelFunction(Session_ s) { return refuse(s, CKR_FUNCTION_NOT_PARALLEL); }
