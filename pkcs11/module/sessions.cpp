// Sessions and logins. A PIN is never taken: the agent's prompter asks for it (CKF_PROTECTED_AUTHENTICATION_PATH).
#include "pkcs11/module/entry.hpp"

using namespace jk::pkcs11::module;

CK_RV C_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void*, CK_NOTIFY, CK_SESSION_HANDLE* session) {
    return with_application([&](Application& application) -> CK_RV {
        if (session == nullptr) return CKR_ARGUMENTS_BAD;
        if ((flags & CKF_SERIAL_SESSION) == 0) return CKR_SESSION_PARALLEL_NOT_SUPPORTED;
        Slot seen;
        if (const CK_RV rv = application.slot(slot, seen); rv != CKR_OK) return rv;
        if (!seen.present) (void)application.refresh(); // the agent may have been started again meanwhile
        // Programs that only try things out want such a session, too; it changes nothing, because nothing changes a token here.
        return application.open_session(slot, (flags & CKF_RW_SESSION) != 0 ? Access::read_write : Access::read_only, *session);
    });
}

CK_RV C_CloseSession(CK_SESSION_HANDLE handle) {
    return with_application([&](Application& application) { return application.close_session(handle); });
}

CK_RV C_CloseAllSessions(CK_SLOT_ID slot) {
    return with_application([&](Application& application) { return application.close_all(slot); });
}

CK_RV C_GetSessionInfo(CK_SESSION_HANDLE handle, CK_SESSION_INFO* info) {
    return in_session(handle, [&](Application& application, Session& session) -> CK_RV {
        if (info == nullptr) return CKR_ARGUMENTS_BAD;
        const bool user = application.logged_in(session.slot), writes = session.access == Access::read_write;
        info->slotID = session.slot;
        info->state = user ? (writes ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS) : (writes ? CKS_RW_PUBLIC_SESSION : CKS_RO_PUBLIC_SESSION);
        info->flags = CKF_SERIAL_SESSION | (writes ? CKF_RW_SESSION : 0);
        info->ulDeviceError = 0;
        return CKR_OK;
    });
}

CK_RV C_Login(CK_SESSION_HANDLE handle, CK_USER_TYPE user, CK_UTF8CHAR* pin, CK_ULONG size) {
    CK_SLOT_ID slot = 0;
    const CK_RV rv = in_session(handle, [&](Application&, Session& session) -> CK_RV {
        slot = session.slot;
        if (user != CKU_USER && user != CKU_CONTEXT_SPECIFIC) return CKR_USER_TYPE_INVALID;
        // Not looked at, not copied, not passed on. Not CKR_PIN_INCORRECT: programs would ask for it again, and it was never tried.
        if (pin != nullptr && size > 0) return CKR_ARGUMENTS_BAD;
        if (user != CKU_CONTEXT_SPECIFIC) return CKR_OK;
        // The agent asks when it knows what is to be done: at C_Sign or C_Decrypt.
        return session.sign || session.decrypt ? CKR_OK : CKR_OPERATION_NOT_INITIALIZED;
    });
    if (rv != CKR_OK || user == CKU_CONTEXT_SPECIFIC) return rv;
    // The session stays free: the person may take two minutes.
    return with_application([&](Application& application) { return application.login(slot); });
}

CK_RV C_Logout(CK_SESSION_HANDLE handle) {
    return in_session(handle, [&](Application& application, Session& session) { return application.logout(session.slot); });
}

CK_RV C_LoginUser(CK_SESSION_HANDLE handle, CK_USER_TYPE user, CK_UTF8CHAR* pin, CK_ULONG size, CK_UTF8CHAR*, CK_ULONG name_size) {
    if (name_size == 0) return C_Login(handle, user, pin, size);
    return in_session(handle, [](Application&, Session&) -> CK_RV { return CKR_FUNCTION_NOT_SUPPORTED; });
}

CK_RV C_SessionCancel(CK_SESSION_HANDLE handle, CK_FLAGS flags) {
    return in_session(handle, [&](Application&, Session& session) -> CK_RV {
        if ((flags & CKF_SIGN) != 0) session.sign.reset();
        if ((flags & CKF_DECRYPT) != 0) session.decrypt.reset();
        if ((flags & CKF_VERIFY) != 0) session.verify.reset();
        if ((flags & CKF_DIGEST) != 0) session.digest.reset();
        return CKR_OK;
    });
}
