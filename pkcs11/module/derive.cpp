// C_DeriveKey: ECDH (CKM_ECDH1_DERIVE). The token agrees on the secret behind the gate; what is made of it (X9.63, a length) is made here, and the
// secret is an object of the session, in this program: the token keeps nothing.
#include "pkcs11/module/entry.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>

using namespace jk::pkcs11::module;
namespace frames = jk::pkcs11::frames;

namespace {

using jk::Bytes;
using jk::ByteView;

constexpr CK_ULONG longest_secret = 512;

struct Agreement {
    jk::PeerPoint peer;
    const char* kdf_hash = nullptr; ///< of X9.63; null for the bare x coordinate
    ByteView shared_info;
};

/// v2.40 2.3.6: the point as it is, or in a DER OCTET STRING.
CK_RV read_peer(ByteView given, std::size_t field, jk::PeerPoint& peer) {
    const std::size_t bare = 1 + 2 * field, header = bare < 128 ? 2 : 3;
    if (given.size() == bare + header && given[0] == 0x04) given = given.subspan(header);
    if (given.size() != bare || given[0] != 0x04) return CKR_MECHANISM_PARAM_INVALID;
    peer.point.assign(given.begin(), given.end());
    return CKR_OK;
}

CK_RV read_mechanism(const CK_MECHANISM& mechanism, std::size_t field, Agreement& agreement) {
    if (mechanism.mechanism != CKM_ECDH1_DERIVE) return CKR_MECHANISM_INVALID;
    if (mechanism.pParameter == nullptr || mechanism.ulParameterLen != sizeof(CK_ECDH1_DERIVE_PARAMS)) return CKR_MECHANISM_PARAM_INVALID;
    const auto& p = *static_cast<const CK_ECDH1_DERIVE_PARAMS*>(mechanism.pParameter);
    if (p.pPublicData == nullptr || (p.pSharedData == nullptr && p.ulSharedDataLen > 0)) return CKR_MECHANISM_PARAM_INVALID;
    agreement.shared_info = {p.pSharedData, p.ulSharedDataLen};
    switch (p.kdf) {
    case CKD_NULL:
        if (!agreement.shared_info.empty()) return CKR_MECHANISM_PARAM_INVALID;
        break;
    case CKD_SHA1_KDF: agreement.kdf_hash = "SHA1"; break; // in a derivation, SHA-1 need not be free of collisions
    case CKD_SHA256_KDF: agreement.kdf_hash = "SHA256"; break;
    case CKD_SHA384_KDF: agreement.kdf_hash = "SHA384"; break;
    case CKD_SHA512_KDF: agreement.kdf_hash = "SHA512"; break;
    default: return CKR_MECHANISM_PARAM_INVALID;
    }
    return read_peer({p.pPublicData, p.ulPublicDataLen}, field, agreement.peer);
}

CK_ULONG number_in(const CK_ATTRIBUTE& attribute, CK_ULONG otherwise) {
    return attribute.pValue != nullptr && attribute.ulValueLen == sizeof(CK_ULONG) ? *static_cast<const CK_ULONG*>(attribute.pValue) : otherwise;
}

void put(frames::Object& object, CK_ATTRIBUTE_TYPE type, ByteView value) {
    auto& all = object.attributes;
    const auto known = std::ranges::find(all, type, [](const auto& a) { return a.first; });
    if (known != all.end())
        known->second.assign(value.begin(), value.end());
    else
        all.emplace_back(type, Bytes(value.begin(), value.end()));
}
template <class T> void put(frames::Object& object, CK_ATTRIBUTE_TYPE type, T number) {
    put(object, type, ByteView(reinterpret_cast<const std::uint8_t*>(&number), sizeof number));
}

/// The new object but for its value, and how long that is to be: 0 where the template does not say.
CK_RV read_template(std::span<const CK_ATTRIBUTE> wanted, frames::Object& object, CK_ULONG& length) {
    put(object, CKA_CLASS, CK_OBJECT_CLASS{CKO_SECRET_KEY});
    put(object, CKA_KEY_TYPE, CK_KEY_TYPE{CKK_GENERIC_SECRET});
    for (const auto no : {CKA_TOKEN, CKA_SENSITIVE, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE, CKA_LOCAL}) put(object, no, CK_BBOOL{CK_FALSE});
    for (const auto yes : {CKA_PRIVATE, CKA_EXTRACTABLE}) put(object, yes, CK_BBOOL{CK_TRUE});
    for (const auto& attribute : wanted) {
        if (attribute.pValue == nullptr && attribute.ulValueLen > 0) return CKR_ARGUMENTS_BAD;
        const ByteView value(static_cast<const CK_BYTE*>(attribute.pValue), attribute.ulValueLen);
        switch (attribute.type) {
        case CKA_CLASS:
            if (number_in(attribute, CKO_DATA) != CKO_SECRET_KEY) return CKR_TEMPLATE_INCONSISTENT;
            break;
        case CKA_KEY_TYPE:
            if (const auto type = number_in(attribute, CKK_RSA); type != CKK_GENERIC_SECRET && type != CKK_AES) return CKR_TEMPLATE_INCONSISTENT;
            break;
        case CKA_VALUE_LEN:
            length = number_in(attribute, 0);
            if (length == 0 || length > longest_secret) return CKR_ATTRIBUTE_VALUE_INVALID;
            continue;
        case CKA_TOKEN:
            if (value.size() != 1) return CKR_ATTRIBUTE_VALUE_INVALID;
            if (value[0] != CK_FALSE) return CKR_TOKEN_WRITE_PROTECTED;
            break;
        case CKA_PRIVATE:
        case CKA_SENSITIVE:
        case CKA_EXTRACTABLE:
        case CKA_MODIFIABLE:
        case CKA_ENCRYPT:
        case CKA_DECRYPT:
        case CKA_SIGN:
        case CKA_VERIFY:
        case CKA_WRAP:
        case CKA_UNWRAP:
        case CKA_DERIVE:
            if (value.size() != 1) return CKR_ATTRIBUTE_VALUE_INVALID;
            break;
        case CKA_LABEL:
        case CKA_ID:
            if (value.size() > frames::max_text) return CKR_ATTRIBUTE_VALUE_INVALID;
            break;
        default: return CKR_ATTRIBUTE_TYPE_INVALID;
        }
        put(object, attribute.type, value);
    }
    const bool aes = number_of(object, CKA_KEY_TYPE, CKK_GENERIC_SECRET) == CKK_AES;
    return aes && length != 16 && length != 24 && length != 32 ? CKR_TEMPLATE_INCOMPLETE : CKR_OK;
}

CK_RV x963(const Agreement& agreement, const Bytes& agreed, Bytes& value) {
    EVP_KDF* function = EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_X963KDF, nullptr);
    EVP_KDF_CTX* derivation = EVP_KDF_CTX_new(function);
    const auto bytes_of = [](ByteView view) { return const_cast<std::uint8_t*>(view.data()); };
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, const_cast<char*>(agreement.kdf_hash), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, bytes_of(agreed), agreed.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, bytes_of(agreement.shared_info), agreement.shared_info.size()), OSSL_PARAM_END};
    const int derived = derivation != nullptr ? EVP_KDF_derive(derivation, value.data(), value.size(), parameters) : 0;
    EVP_KDF_CTX_free(derivation);
    EVP_KDF_free(function);
    return derived > 0 ? CKR_OK : CKR_GENERAL_ERROR;
}

/// `agreed` is the shared point's x coordinate. Without a function, bytes are cut off its leading end (v2.40 2.3.6).
CK_RV secret_of(const Agreement& agreement, const Bytes& agreed, CK_ULONG length, Bytes& value) {
    if (agreement.kdf_hash == nullptr) {
        if (length > agreed.size()) return CKR_TEMPLATE_INCONSISTENT;
        const auto kept = length != 0 ? length : agreed.size();
        value.assign(agreed.end() - static_cast<std::ptrdiff_t>(kept), agreed.end());
        return CKR_OK;
    }
    if (length == 0) return CKR_TEMPLATE_INCOMPLETE;
    value.resize(length);
    return x963(agreement, agreed, value);
}

} // namespace

CK_RV C_DeriveKey(CK_SESSION_HANDLE handle, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE base, CK_ATTRIBUTE* wanted, CK_ULONG count,
                  CK_OBJECT_HANDLE* derived) {
    return in_session(handle, [&](Application& application, Session& session) -> CK_RV {
        if (mechanism == nullptr || derived == nullptr || (wanted == nullptr && count > 0)) return CKR_ARGUMENTS_BAD;
        const auto key = application.object(session.slot, base);
        if (!key || number_of(key->object, CKA_CLASS, CKO_DATA) != CKO_PRIVATE_KEY) return CKR_KEY_HANDLE_INVALID;
        if (number_of(key->object, CKA_KEY_TYPE, CKK_RSA) != CKK_EC) return CKR_KEY_TYPE_INCONSISTENT;
        if (!flag_of(key->object, CKA_DERIVE)) return CKR_KEY_FUNCTION_NOT_PERMITTED;
        Agreement agreement;
        if (const CK_RV rv = read_mechanism(*mechanism, signature_size(key->object) / 2, agreement); rv != CKR_OK) return rv;
        frames::Object secret;
        CK_ULONG length = 0;
        if (const CK_RV rv = read_template({wanted, count}, secret, length); rv != CKR_OK) return rv;
        Result agreed;
        agreed.value.emplace();
        const jk::KeyTask task{key->object.certificate, agreement.peer};
        if (const CK_RV rv = application.use(session.slot, task, *agreed.value); rv != CKR_OK) return rv;
        if (agreed.value->size() != signature_size(key->object) / 2) return CKR_DEVICE_ERROR;
        Result value;
        value.value.emplace();
        if (const CK_RV rv = secret_of(agreement, *agreed.value, length, *value.value); rv != CKR_OK) return rv;
        put(secret, CKA_VALUE_LEN, CK_ULONG{value.value->size()});
        if (flag_of(secret, CKA_EXTRACTABLE) && !flag_of(secret, CKA_SENSITIVE)) put(secret, CKA_VALUE, ByteView(*value.value));
        return application.keep_secret(handle, session.slot, std::move(secret), *derived);
    });
}
