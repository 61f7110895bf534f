// ECDH (provider-keyexch(7)): the token gives the shared x coordinate; the X9.63 function that CMS wants behind it is OpenSSL's.
#include "pkcs11/openssl/dispatch.hpp"

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

namespace jk::openssl {
namespace {

struct Agreement {
    TokenKey key;
    x509::EvpPkeyCtxPtr operation;
    Bytes peer;
};

/// Wiped when it goes.
struct SharedSecret {
    Bytes value;
    ~SharedSecret() { OPENSSL_cleanse(value.data(), value.size()); }
};

Agreement& agreement(void* context) { return *static_cast<Agreement*>(context); }

void* make(void*) noexcept {
    return guarded<void*>(nullptr, [] { return new Agreement; });
}
void drop(void* context) noexcept { delete static_cast<Agreement*>(context); }

void* duplicate(void* context) noexcept {
    return guarded<void*>(nullptr, [&]() -> void* {
        auto copy = std::make_unique<Agreement>();
        const auto& from = agreement(context);
        copy->key = from.key;
        copy->peer = from.peer;
        if (from.operation) copy->operation.reset(EVP_PKEY_CTX_dup(from.operation.get()));
        return copy.release();
    });
}

int init(void* context, void* key, const OSSL_PARAM parameters[]) noexcept {
    return guarded(0, [&] {
        auto& self = agreement(context);
        self.key = key_of(key);
        self.peer.clear();
        if (!self.key.operations) return refuse(Error{Errc::key_mismatch, "a public key cannot derive"});
        self.operation = self.key.operation();
        return self.operation && EVP_PKEY_derive_init(self.operation.get()) > 0 &&
                       (parameters == nullptr || EVP_PKEY_CTX_set_params(self.operation.get(), parameters) > 0)
                   ? 1
                   : 0;
    });
}

int set_peer(void* context, void* peer) noexcept {
    return guarded(0, [&] {
        auto& self = agreement(context);
        const auto& other = key_of(peer);
        const auto checking = other.operation();
        if (!checking || EVP_PKEY_public_check(checking.get()) <= 0 ||
            EVP_PKEY_parameters_eq(self.key.public_half.get(), other.public_half.get()) != 1)
            return refuse(Error{Errc::mechanism_unsupported, "the peer's point is not on the key's curve"}.with("mechanism", "ECDH"));
        unsigned char* point = nullptr;
        const auto size = EVP_PKEY_get1_encoded_public_key(other.public_half.get(), &point);
        const x509::OpensslBytes owner(point);
        self.peer.assign(point, point + size);
        return size != 0 ? 1 : 0;
    });
}

std::size_t field_bytes(const TokenKey& key) { return (static_cast<std::size_t>(EVP_PKEY_get_bits(key.public_half.get())) + 7) / 8; }

int x963(const Agreement& self, const Bytes& secret, unsigned char* out, std::size_t size) {
    const EVP_MD* digest = nullptr;
    void* shared_info = nullptr;
    if (EVP_PKEY_CTX_get_ecdh_kdf_md(self.operation.get(), &digest) <= 0 || digest == nullptr) return 0;
    OSSL_PARAM keying[] = {OSSL_PARAM_construct_octet_ptr(OSSL_EXCHANGE_PARAM_KDF_UKM, &shared_info, 0), OSSL_PARAM_END};
    if (EVP_PKEY_CTX_get_params(self.operation.get(), keying) <= 0) return 0;
    const std::size_t info_size = shared_info != nullptr ? keying[0].return_size : 0;
    EVP_KDF* function = EVP_KDF_fetch(self.key.software->context(), OSSL_KDF_NAME_X963KDF, nullptr);
    EVP_KDF_CTX* derivation = EVP_KDF_CTX_new(function);
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, const_cast<char*>(EVP_MD_get0_name(digest)), 0),
                                     OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<std::uint8_t*>(secret.data()), secret.size()),
                                     // The user keying material stands in the "info" of this function, whatever its name suggests.
                                     OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, shared_info, info_size), OSSL_PARAM_END};
    const int derived = derivation != nullptr ? EVP_KDF_derive(derivation, out, size, parameters) : 0;
    EVP_KDF_CTX_free(derivation);
    EVP_KDF_free(function);
    return derived > 0 ? 1 : 0;
}

int derive(void* context, unsigned char* out, std::size_t* size, std::size_t room) noexcept {
    return guarded(0, [&] {
        auto& self = agreement(context);
        if (!self.operation || self.peer.empty()) return 0;
        const bool with_function = EVP_PKEY_CTX_get_ecdh_kdf_type(self.operation.get()) == EVP_PKEY_ECDH_KDF_X9_63;
        int wanted = 0;
        if (with_function && EVP_PKEY_CTX_get_ecdh_kdf_outlen(self.operation.get(), &wanted) <= 0) return 0;
        const std::size_t length = with_function ? static_cast<std::size_t>(wanted) : field_bytes(self.key);
        if (out == nullptr) {
            *size = length;
            return 1;
        }
        if (room < length) return 0;
        auto answer = self.key.operations->derive(self.peer);
        if (!answer) return refuse(answer.error());
        const SharedSecret secret{std::move(*answer)};
        if (secret.value.size() != field_bytes(self.key))
            return refuse(Error{Errc::token_failed, "a shared secret of another length"}.with("function", "C_DeriveKey").with("result", "length"));
        if (!with_function) return give(secret.value, out, size, room);
        *size = length;
        return x963(self, secret.value, out, length);
    });
}

int get_params(void* context, OSSL_PARAM parameters[]) noexcept {
    auto& operation = agreement(context).operation;
    return operation ? EVP_PKEY_CTX_get_params(operation.get(), parameters) > 0 : 0;
}
int set_params(void* context, const OSSL_PARAM parameters[]) noexcept {
    auto& operation = agreement(context).operation;
    return operation ? EVP_PKEY_CTX_set_params(operation.get(), parameters) > 0 : 0;
}
const OSSL_PARAM* gettable(void*, void* state) noexcept { return EVP_KEYEXCH_gettable_ctx_params(static_cast<const Software*>(state)->exchange()); }
const OSSL_PARAM* settable(void*, void* state) noexcept { return EVP_KEYEXCH_settable_ctx_params(static_cast<const Software*>(state)->exchange()); }

} // namespace

const OSSL_DISPATCH* agreement_dispatch() {
    static const OSSL_DISPATCH table[] = {entry(OSSL_FUNC_KEYEXCH_NEWCTX, make),
                                          entry(OSSL_FUNC_KEYEXCH_FREECTX, drop),
                                          entry(OSSL_FUNC_KEYEXCH_DUPCTX, duplicate),
                                          entry(OSSL_FUNC_KEYEXCH_INIT, init),
                                          entry(OSSL_FUNC_KEYEXCH_SET_PEER, set_peer),
                                          entry(OSSL_FUNC_KEYEXCH_DERIVE, derive),
                                          entry(OSSL_FUNC_KEYEXCH_GET_CTX_PARAMS, get_params),
                                          entry(OSSL_FUNC_KEYEXCH_GETTABLE_CTX_PARAMS, gettable),
                                          entry(OSSL_FUNC_KEYEXCH_SET_CTX_PARAMS, set_params),
                                          entry(OSSL_FUNC_KEYEXCH_SETTABLE_CTX_PARAMS, settable),
                                          OSSL_DISPATCH{0, nullptr}};
    return table;
}

} // namespace jk::openssl
