// C_Digest*: SHA-2, here.
#include "pkcs11/module/entry.hpp"

using namespace jk::pkcs11::module;

namespace {

CK_RV finish(Session& session, CK_BYTE* digest, CK_ULONG* size) {
    const auto length = static_cast<CK_ULONG>(EVP_MD_CTX_get_size(session.digest.get()));
    if (digest == nullptr || *size < length) return *size = length, digest == nullptr ? CKR_OK : CKR_BUFFER_TOO_SMALL;
    unsigned written = 0;
    const bool done = EVP_DigestFinal_ex(session.digest.get(), digest, &written) == 1;
    session.digest.reset();
    *size = written;
    return done ? CKR_OK : CKR_GENERAL_ERROR;
}

} // namespace

CK_RV C_DigestInit(CK_SESSION_HANDLE handle, CK_MECHANISM* mechanism) {
    return in_session(handle, [&](Application&, Session& session) -> CK_RV {
        if (mechanism == nullptr) return CKR_ARGUMENTS_BAD;
        if (session.digest) return CKR_OPERATION_ACTIVE;
        const auto hash = hash_of(mechanism->mechanism);
        if (!hash) return CKR_MECHANISM_INVALID;
        HashPtr context(EVP_MD_CTX_new());
        if (!context || EVP_DigestInit_ex(context.get(), md_of(*hash), nullptr) != 1) return CKR_HOST_MEMORY;
        session.digest = std::move(context);
        return CKR_OK;
    });
}

CK_RV C_Digest(CK_SESSION_HANDLE handle, CK_BYTE* data, CK_ULONG data_size, CK_BYTE* digest, CK_ULONG* size) {
    return in_session(handle, [&](Application&, Session& session) -> CK_RV {
        if (!session.digest) return CKR_OPERATION_NOT_INITIALIZED;
        if (size == nullptr || (data == nullptr && data_size > 0)) return session.digest.reset(), CKR_ARGUMENTS_BAD;
        const bool gives = digest != nullptr && *size >= static_cast<CK_ULONG>(EVP_MD_CTX_get_size(session.digest.get()));
        if (gives && EVP_DigestUpdate(session.digest.get(), data, data_size) != 1) return session.digest.reset(), CKR_GENERAL_ERROR;
        return finish(session, digest, size);
    });
}

CK_RV C_DigestUpdate(CK_SESSION_HANDLE handle, CK_BYTE* part, CK_ULONG size) {
    return in_session(handle, [&](Application&, Session& session) -> CK_RV {
        if (!session.digest) return CKR_OPERATION_NOT_INITIALIZED;
        if (part == nullptr && size > 0) return session.digest.reset(), CKR_ARGUMENTS_BAD;
        return EVP_DigestUpdate(session.digest.get(), part, size) == 1 ? CKR_OK : CKR_GENERAL_ERROR;
    });
}

CK_RV C_DigestFinal(CK_SESSION_HANDLE handle, CK_BYTE* digest, CK_ULONG* size) {
    return in_session(handle, [&](Application&, Session& session) -> CK_RV {
        if (!session.digest) return CKR_OPERATION_NOT_INITIALIZED;
        if (size == nullptr) return session.digest.reset(), CKR_ARGUMENTS_BAD;
        return finish(session, digest, size);
    });
}
