// Key management (provider-keymgmt(7)). Public halves are OpenSSL's; private ones are never exported, and come in only through a Binding.
#include "pkcs11/openssl/dispatch.hpp"

#include <array>

namespace jk::openssl {
namespace {

constexpr int private_part = OSSL_KEYMGMT_SELECT_PRIVATE_KEY;
constexpr int public_part = OSSL_KEYMGMT_SELECT_PUBLIC_KEY;

struct ParamsFree {
    void operator()(OSSL_PARAM* p) const noexcept { OSSL_PARAM_free(p); }
};
using ParamsPtr = std::unique_ptr<OSSL_PARAM, ParamsFree>;

std::shared_ptr<EVP_PKEY> public_key(const Software& software, KeyType type, int selection, const OSSL_PARAM* parameters) {
    const x509::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(software.context(), name_of(type), nullptr));
    EVP_PKEY* key = nullptr;
    // What a software key brings of its private half is left behind here.
    const int wanted = (selection & public_part) != 0 ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEY_PARAMETERS;
    if (!context || EVP_PKEY_fromdata_init(context.get()) <= 0 ||
        EVP_PKEY_fromdata(context.get(), &key, wanted, const_cast<OSSL_PARAM*>(parameters)) <= 0)
        return nullptr;
    return {key, EVP_PKEY_free};
}

template <KeyType type> void* make(void* state) noexcept {
    return guarded<void*>(nullptr, [&] { return new TokenKey{static_cast<const Software*>(state), type, nullptr, nullptr}; });
}

void drop(void* data) noexcept { delete static_cast<TokenKey*>(data); }

int has(const void* data, int selection) noexcept {
    if (data == nullptr) return 0; // OpenSSL asks so
    const auto& key = key_of(data);
    if ((selection & private_part) != 0 && !key.operations) return 0;
    if ((selection & OSSL_KEYMGMT_SELECT_KEYPAIR) != 0 && !key.public_half) return 0;
    return 1;
}

int match(const void* one, const void* other, int) noexcept {
    const auto &a = key_of(one), &b = key_of(other);
    return a.public_half && b.public_half && EVP_PKEY_eq(a.public_half.get(), b.public_half.get()) == 1;
}

int validate(const void* data, int selection, int) noexcept {
    const auto& key = key_of(data);
    if ((selection & private_part) != 0 && !key.operations) return 0;
    const auto context = key.operation();
    if (!context) return 0;
    // A peer's point is judged here before anything is derived with it (SP 800-56A 5.6.2.3).
    return (selection & public_part) != 0 ? EVP_PKEY_public_check(context.get()) > 0 : EVP_PKEY_param_check(context.get()) > 0;
}

int import_key(void* data, int selection, const OSSL_PARAM parameters[]) noexcept {
    return guarded(0, [&] {
        auto& key = *static_cast<TokenKey*>(data);
        key.public_half = public_key(*key.software, key.type, selection, parameters);
        if (key.public_half && (selection & private_part) != 0) key.operations = Binding::current();
        return key.public_half ? 1 : 0;
    });
}

int export_key(void* data, int selection, OSSL_CALLBACK* take, void* argument) noexcept {
    return guarded(0, [&] {
        const auto& key = key_of(data);
        if ((selection & private_part) != 0 || !key.public_half) return 0;
        OSSL_PARAM* raw = nullptr;
        const int wanted = (selection & public_part) != 0 ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEY_PARAMETERS;
        if (EVP_PKEY_todata(key.public_half.get(), wanted, &raw) <= 0) return 0;
        const ParamsPtr parameters(raw);
        return take(parameters.get(), argument);
    });
}

void* duplicate(const void* data, int selection) noexcept {
    return guarded<void*>(nullptr, [&]() -> void* {
        const auto& key = key_of(data);
        if (!key.public_half) return nullptr;
        auto copy = std::make_unique<TokenKey>(key);
        if ((selection & private_part) == 0) copy->operations.reset();
        const int wanted = (selection & public_part) != 0 ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEY_PARAMETERS;
        OSSL_PARAM* raw = nullptr;
        if (EVP_PKEY_todata(key.public_half.get(), wanted, &raw) <= 0) return nullptr;
        const ParamsPtr parameters(raw);
        copy->public_half = public_key(*key.software, key.type, selection, parameters.get());
        return copy->public_half ? copy.release() : nullptr;
    });
}

int get_params(void* data, OSSL_PARAM parameters[]) noexcept {
    const auto& key = key_of(data);
    return key.public_half ? EVP_PKEY_get_params(key.public_half.get(), parameters) : 0;
}

/// CMS makes the other side's key so: the curve of ours, then a point. Never on a key that has operations.
int set_params(void* data, const OSSL_PARAM parameters[]) noexcept {
    const auto& key = key_of(data);
    return !key.operations && key.public_half ? EVP_PKEY_set_params(key.public_half.get(), const_cast<OSSL_PARAM*>(parameters)) : 0;
}

template <KeyType type> const OSSL_PARAM* gettable(void* state) noexcept {
    return EVP_KEYMGMT_gettable_params(static_cast<const Software*>(state)->management(type));
}
template <KeyType type> const OSSL_PARAM* settable(void* state) noexcept {
    return EVP_KEYMGMT_settable_params(static_cast<const Software*>(state)->management(type));
}

const OSSL_PARAM* parts(int) noexcept {
    static const OSSL_PARAM list[] = {OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, nullptr, 0), OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, nullptr, 0),
                                      OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, nullptr, 0),
                                      OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0), OSSL_PARAM_END};
    return list;
}

template <KeyType type> const char* query_operation_name(int) noexcept { return operation_name(type); }

template <KeyType type> std::array<OSSL_DISPATCH, 16> table() {
    return {entry(OSSL_FUNC_KEYMGMT_NEW, make<type>),
            entry(OSSL_FUNC_KEYMGMT_FREE, drop),
            entry(OSSL_FUNC_KEYMGMT_HAS, has),
            entry(OSSL_FUNC_KEYMGMT_MATCH, match),
            entry(OSSL_FUNC_KEYMGMT_VALIDATE, validate),
            entry(OSSL_FUNC_KEYMGMT_IMPORT, import_key),
            entry(OSSL_FUNC_KEYMGMT_IMPORT_TYPES, parts),
            entry(OSSL_FUNC_KEYMGMT_EXPORT, export_key),
            entry(OSSL_FUNC_KEYMGMT_EXPORT_TYPES, parts),
            entry(OSSL_FUNC_KEYMGMT_DUP, duplicate),
            entry(OSSL_FUNC_KEYMGMT_GET_PARAMS, get_params),
            entry(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, gettable<type>),
            entry(OSSL_FUNC_KEYMGMT_SET_PARAMS, set_params),
            entry(OSSL_FUNC_KEYMGMT_SETTABLE_PARAMS, settable<type>),
            entry(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, query_operation_name<type>),
            OSSL_DISPATCH{0, nullptr}};
}

} // namespace

const OSSL_DISPATCH* key_dispatch(KeyType type) {
    static const auto rsa = table<KeyType::rsa>(), ec = table<KeyType::ec>(), ed25519 = table<KeyType::ed25519>();
    return (type == KeyType::rsa ? rsa : type == KeyType::ec ? ec : ed25519).data();
}

} // namespace jk::openssl
