// RSA decryption (provider-asym_cipher(7)). Encrypting to a token key is for its public half.
#include "pkcs11/openssl/dispatch.hpp"
#include "pkcs11/openssl/signing_request.hpp"

#include <openssl/crypto.h>

namespace jk::openssl {
namespace {

struct Decryption {
    TokenKey key;
    x509::EvpPkeyCtxPtr operation;
};

Decryption& decryption(void* context) { return *static_cast<Decryption*>(context); }

void* make(void*) noexcept {
    return guarded<void*>(nullptr, [] { return new Decryption; });
}
void drop(void* context) noexcept { delete static_cast<Decryption*>(context); }

void* duplicate(void* context) noexcept {
    return guarded<void*>(nullptr, [&]() -> void* {
        auto copy = std::make_unique<Decryption>();
        copy->key = decryption(context).key;
        if (const auto& from = decryption(context).operation) copy->operation.reset(EVP_PKEY_CTX_dup(from.get()));
        return copy.release();
    });
}

int init(void* context, void* key, const OSSL_PARAM parameters[]) noexcept {
    return guarded(0, [&] {
        auto& self = decryption(context);
        if (key != nullptr) self.key = key_of(key);
        if (!self.key.operations) return refuse(Error{Errc::key_mismatch, "a public key cannot decrypt"});
        self.operation = self.key.operation();
        return self.operation && EVP_PKEY_decrypt_init(self.operation.get()) > 0 &&
                       (parameters == nullptr || EVP_PKEY_CTX_set_params(self.operation.get(), parameters) > 0)
                   ? 1
                   : 0;
    });
}

int decrypt(void* context, unsigned char* out, std::size_t* size, std::size_t room, const unsigned char* in, std::size_t in_size) noexcept {
    return guarded(0, [&] {
        auto& self = decryption(context);
        if (!self.operation) return 0;
        if (out == nullptr) {
            *size = static_cast<std::size_t>(EVP_PKEY_get_size(self.key.public_half.get()));
            return 1;
        }
        const auto scheme = chosen_decryption(self.operation.get());
        if (!scheme) return refuse(scheme.error());
        auto plain = self.key.operations->decrypt(*scheme, ByteView(in, in_size));
        if (!plain) return refuse(plain.error());
        const int given = give(*plain, out, size, room);
        OPENSSL_cleanse(plain->data(), plain->size()); // the key of somebody's message
        return given;
    });
}

int get_params(void* context, OSSL_PARAM parameters[]) noexcept {
    auto& operation = decryption(context).operation;
    return operation ? EVP_PKEY_CTX_get_params(operation.get(), parameters) > 0 : 0;
}
int set_params(void* context, const OSSL_PARAM parameters[]) noexcept {
    auto& operation = decryption(context).operation;
    return operation ? EVP_PKEY_CTX_set_params(operation.get(), parameters) > 0 : 0;
}
const OSSL_PARAM* gettable(void*, void* state) noexcept { return EVP_ASYM_CIPHER_gettable_ctx_params(static_cast<const Software*>(state)->cipher()); }
const OSSL_PARAM* settable(void*, void* state) noexcept { return EVP_ASYM_CIPHER_settable_ctx_params(static_cast<const Software*>(state)->cipher()); }

} // namespace

const OSSL_DISPATCH* decryption_dispatch() {
    static const OSSL_DISPATCH table[] = {entry(OSSL_FUNC_ASYM_CIPHER_NEWCTX, make),
                                          entry(OSSL_FUNC_ASYM_CIPHER_FREECTX, drop),
                                          entry(OSSL_FUNC_ASYM_CIPHER_DUPCTX, duplicate),
                                          entry(OSSL_FUNC_ASYM_CIPHER_DECRYPT_INIT, init),
                                          entry(OSSL_FUNC_ASYM_CIPHER_DECRYPT, decrypt),
                                          entry(OSSL_FUNC_ASYM_CIPHER_GET_CTX_PARAMS, get_params),
                                          entry(OSSL_FUNC_ASYM_CIPHER_GETTABLE_CTX_PARAMS, gettable),
                                          entry(OSSL_FUNC_ASYM_CIPHER_SET_CTX_PARAMS, set_params),
                                          entry(OSSL_FUNC_ASYM_CIPHER_SETTABLE_CTX_PARAMS, settable),
                                          OSSL_DISPATCH{0, nullptr}};
    return table;
}

} // namespace jk::openssl
