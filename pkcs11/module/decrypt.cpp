// C_Decrypt*: RSA PKCS#1 v1.5 and OAEP, one ciphertext each. What comes back is kept only until the caller's buffer is large enough.
#include "pkcs11/module/entry.hpp"

using namespace jk::pkcs11::module;

namespace {

constexpr struct {
    CK_MECHANISM_TYPE hash;
    CK_RSA_PKCS_MGF_TYPE mgf;
    jk::Hiding hiding;
} known[] = {{CKM_SHA_1, CKG_MGF1_SHA1, jk::Hiding::oaep_sha1},
             {CKM_SHA256, CKG_MGF1_SHA256, jk::Hiding::oaep_sha256},
             {CKM_SHA384, CKG_MGF1_SHA384, jk::Hiding::oaep_sha384},
             {CKM_SHA512, CKG_MGF1_SHA512, jk::Hiding::oaep_sha512}};

/// OAEP with MGF1 of the same function and no label: what the agent asks the token for.
CK_RV read_mechanism(const CK_MECHANISM& mechanism, jk::Ciphertext& ciphertext) {
    if (mechanism.mechanism == CKM_RSA_PKCS) return CKR_OK;
    if (mechanism.mechanism != CKM_RSA_PKCS_OAEP) return CKR_MECHANISM_INVALID;
    if (mechanism.pParameter == nullptr || mechanism.ulParameterLen != sizeof(CK_RSA_PKCS_OAEP_PARAMS)) return CKR_MECHANISM_PARAM_INVALID;
    const auto& p = *static_cast<const CK_RSA_PKCS_OAEP_PARAMS*>(mechanism.pParameter);
    if (p.ulSourceDataLen != 0) return CKR_MECHANISM_PARAM_INVALID;
    for (const auto& [hash, mgf, hiding] : known)
        if (p.hashAlg == hash && p.mgf == mgf) return ciphertext.hiding = hiding, CKR_OK;
    return CKR_MECHANISM_PARAM_INVALID;
}

CK_RV add(Session& session, jk::ByteView data) {
    auto& all = session.decrypt->ciphertext.value;
    if (all.size() + data.size() > session.decrypt->size) return session.decrypt.reset(), CKR_ENCRYPTED_DATA_LEN_RANGE;
    all.insert(all.end(), data.begin(), data.end());
    return CKR_OK;
}

CK_RV ask(Application& application, Session& session) {
    auto& operation = *session.decrypt;
    operation.plaintext.value.emplace();
    return application.use(session.slot, {operation.key->object.certificate, operation.ciphertext}, *operation.plaintext.value);
}

/// How long the plaintext is, only the token knows: the first question that brings a buffer has it made, and it waits for one that is large enough.
CK_RV finish(Application& application, Session& session, CK_BYTE* data, CK_ULONG* size) {
    auto& operation = *session.decrypt;
    if (!operation.plaintext.value) {
        if (data == nullptr) return *size = operation.size, CKR_OK;
        if (operation.ciphertext.value.size() != operation.size) return session.decrypt.reset(), CKR_ENCRYPTED_DATA_LEN_RANGE;
        if (const CK_RV rv = ask(application, session); rv != CKR_OK) return session.decrypt.reset(), rv;
    }
    const CK_RV rv = give(*operation.plaintext.value, data, size);
    if (rv == CKR_OK && data != nullptr) session.decrypt.reset();
    return rv;
}

} // namespace

CK_RV C_DecryptInit(CK_SESSION_HANDLE handle, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
    return in_session(handle, [&](Application& application, Session& session) -> CK_RV {
        if (mechanism == nullptr) return CKR_ARGUMENTS_BAD;
        if (session.decrypt) return CKR_OPERATION_ACTIVE;
        const auto object = application.object(session.slot, key);
        if (!object || number_of(object->object, CKA_CLASS, CKO_DATA) != CKO_PRIVATE_KEY) return CKR_KEY_HANDLE_INVALID;
        if (!flag_of(object->object, CKA_DECRYPT)) return CKR_KEY_FUNCTION_NOT_PERMITTED;
        DecryptOperation operation;
        if (const CK_RV rv = read_mechanism(*mechanism, operation.ciphertext); rv != CKR_OK) return rv;
        operation.key = object;
        operation.size = signature_size(object->object);
        session.decrypt = std::move(operation);
        return CKR_OK;
    });
}

CK_RV C_Decrypt(CK_SESSION_HANDLE handle, CK_BYTE* encrypted, CK_ULONG encrypted_size, CK_BYTE* data, CK_ULONG* size) {
    return in_session(handle, [&](Application& application, Session& session) -> CK_RV {
        if (!session.decrypt) return CKR_OPERATION_NOT_INITIALIZED;
        if (size == nullptr || (encrypted == nullptr && encrypted_size > 0)) return session.decrypt.reset(), CKR_ARGUMENTS_BAD;
        if (data != nullptr && !session.decrypt->plaintext.value) {
            session.decrypt->ciphertext.value.clear();
            if (const CK_RV rv = add(session, {encrypted, encrypted_size}); rv != CKR_OK) return rv;
        }
        return finish(application, session, data, size);
    });
}

CK_RV C_DecryptUpdate(CK_SESSION_HANDLE handle, CK_BYTE* part, CK_ULONG part_size, CK_BYTE*, CK_ULONG* size) {
    return in_session(handle, [&](Application&, Session& session) -> CK_RV {
        if (!session.decrypt) return CKR_OPERATION_NOT_INITIALIZED;
        if (size == nullptr || (part == nullptr && part_size > 0)) return session.decrypt.reset(), CKR_ARGUMENTS_BAD;
        *size = 0; // everything comes at the end
        return add(session, {part, part_size});
    });
}

CK_RV C_DecryptFinal(CK_SESSION_HANDLE handle, CK_BYTE* data, CK_ULONG* size) {
    return in_session(handle, [&](Application& application, Session& session) -> CK_RV {
        if (!session.decrypt) return CKR_OPERATION_NOT_INITIALIZED;
        if (size == nullptr) return session.decrypt.reset(), CKR_ARGUMENTS_BAD;
        return finish(application, session, data, size);
    });
}
