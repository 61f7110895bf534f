// Random bytes of this computer, not of the token: programs that ask a module for some do not care, and the token has other work.
#include "pkcs11/module/entry.hpp"

#include <openssl/rand.h>

#include <climits>

using namespace jk::pkcs11::module;

CK_RV C_GenerateRandom(CK_SESSION_HANDLE handle, CK_BYTE* to, CK_ULONG size) {
    return in_session(handle, [&](Application&, Session&) -> CK_RV {
        if (to == nullptr || size > INT_MAX) return CKR_ARGUMENTS_BAD;
        return RAND_bytes(to, static_cast<int>(size)) == 1 ? CKR_OK : CKR_GENERAL_ERROR;
    });
}

CK_RV C_SeedRandom(CK_SESSION_HANDLE handle, CK_BYTE* seed, CK_ULONG size) {
    return in_session(handle, [&](Application&, Session&) -> CK_RV {
        if (seed == nullptr || size > INT_MAX) return CKR_ARGUMENTS_BAD;
        return RAND_add(seed, static_cast<int>(size), 0.0), CKR_OK; // mixed in, and trusted for nothing
    });
}
