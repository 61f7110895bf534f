// PKCS#11's own names. Debian 12's header is v2.40; what v3.0 adds to the interface is declared here (v3.0, 3.5 and 5.4).
#pragma once
#include <p11-kit/pkcs11.h>

struct CK_INTERFACE {
    CK_UTF8CHAR* pInterfaceName;
    void* pFunctionList;
    CK_FLAGS flags;
};

struct CK_EDDSA_PARAMS { ///< v3.0 2.3.14
    CK_BBOOL phFlag;
    CK_ULONG ulContextDataLen;
    CK_BYTE* pContextData;
};

extern "C" {
CK_RV C_GetInterfaceList(CK_INTERFACE* interfaces, CK_ULONG* count);
CK_RV C_GetInterface(CK_UTF8CHAR* name, CK_VERSION* version, CK_INTERFACE** interface, CK_FLAGS flags);
CK_RV C_LoginUser(CK_SESSION_HANDLE session, CK_USER_TYPE type, CK_UTF8CHAR* pin, CK_ULONG size, CK_UTF8CHAR* name, CK_ULONG name_size);
CK_RV C_SessionCancel(CK_SESSION_HANDLE session, CK_FLAGS flags);
}
