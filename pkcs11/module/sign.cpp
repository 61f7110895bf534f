// C_Sign*: hashes here, asks the agent once, for a digest (with Ed25519 for the message). The agent asks the person where its windows do not cover it.
#include "pkcs11/module/entry.hpp"

using namespace jk::pkcs11::module;

namespace {

using jk::ByteView;

/// The last step of an operation whose input is complete: it ends here, unless the caller only wants the size.
CK_RV finish(Application& application, Session& session, CK_BYTE* signature, CK_ULONG* size) {
    auto& operation = *session.sign;
    if (signature == nullptr || *size < operation.size) {
        const bool only_size = signature == nullptr;
        *size = operation.size;
        return only_size ? CKR_OK : CKR_BUFFER_TOO_SMALL;
    }
    auto ended = std::move(*session.sign);
    session.sign.reset();
    ToSign to_sign;
    if (const CK_RV rv = ended.input.finish(to_sign); rv != CKR_OK) return rv;
    const auto task = std::visit([&](auto& what) { return jk::KeyTask{ended.key->object.certificate, std::move(what)}; }, to_sign);
    jk::Bytes made;
    const CK_RV rv = application.use(session.slot, task, made);
    if (rv != CKR_OK) return rv;
    if (made.size() != ended.size) return CKR_DEVICE_ERROR;
    return give(made, signature, size);
}

} // namespace

CK_RV C_SignInit(CK_SESSION_HANDLE handle, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
    return in_session(handle, [&](Application& application, Session& session) -> CK_RV {
        if (mechanism == nullptr) return CKR_ARGUMENTS_BAD;
        if (session.sign) return CKR_OPERATION_ACTIVE;
        const auto object = application.object(session.slot, key);
        if (!object || number_of(object->object, CKA_CLASS, CKO_DATA) != CKO_PRIVATE_KEY) return CKR_KEY_HANDLE_INVALID;
        if (!flag_of(object->object, CKA_SIGN)) return CKR_KEY_FUNCTION_NOT_PERMITTED;
        SignOperation operation;
        const auto type = number_of(object->object, CKA_KEY_TYPE, CKK_GENERIC_SECRET);
        if (const CK_RV rv = SignatureInput::begin(*mechanism, type, operation.input); rv != CKR_OK) return rv;
        operation.key = object;
        operation.size = signature_size(object->object);
        session.sign = std::move(operation);
        return CKR_OK;
    });
}

CK_RV C_Sign(CK_SESSION_HANDLE handle, CK_BYTE* data, CK_ULONG data_size, CK_BYTE* signature, CK_ULONG* size) {
    return in_session(handle, [&](Application& application, Session& session) -> CK_RV {
        if (!session.sign || session.sign->updated) return CKR_OPERATION_NOT_INITIALIZED;
        if (size == nullptr || (data == nullptr && data_size > 0)) return session.sign.reset(), CKR_ARGUMENTS_BAD;
        if (signature == nullptr || *size < session.sign->size) return finish(application, session, signature, size);
        if (const CK_RV rv = session.sign->input.add({data, data_size}); rv != CKR_OK) return session.sign.reset(), rv;
        return finish(application, session, signature, size);
    });
}

CK_RV C_SignUpdate(CK_SESSION_HANDLE handle, CK_BYTE* part, CK_ULONG size) {
    return in_session(handle, [&](Application&, Session& session) -> CK_RV {
        if (!session.sign) return CKR_OPERATION_NOT_INITIALIZED;
        if (part == nullptr && size > 0) return session.sign.reset(), CKR_ARGUMENTS_BAD;
        session.sign->updated = true;
        const CK_RV rv = session.sign->input.add({part, size});
        if (rv != CKR_OK) session.sign.reset();
        return rv;
    });
}

CK_RV C_SignFinal(CK_SESSION_HANDLE handle, CK_BYTE* signature, CK_ULONG* size) {
    return in_session(handle, [&](Application& application, Session& session) -> CK_RV {
        if (!session.sign) return CKR_OPERATION_NOT_INITIALIZED;
        if (size == nullptr) return session.sign.reset(), CKR_ARGUMENTS_BAD;
        return finish(application, session, signature, size);
    });
}
