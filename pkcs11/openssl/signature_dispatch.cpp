// Signatures with RSA and EC keys (provider-signature(7)): an operation on the public half carries the parameters, and verifies; the token signs.
#include "pkcs11/openssl/dispatch.hpp"
#include "pkcs11/openssl/signing_request.hpp"

#include <array>

namespace jk::openssl {
namespace {

struct Signing {
    const Software* software = nullptr;
    TokenKey key;
    x509::EvpPkeyCtxPtr operation;
    x509::EvpMdCtxPtr hashing;
};

Signing& signing(void* context) { return *static_cast<Signing*>(context); }

void* make(void* state, const char*) noexcept {
    return guarded<void*>(nullptr, [&] {
        auto made = std::make_unique<Signing>();
        made->software = static_cast<const Software*>(state);
        return made.release();
    });
}

void drop(void* context) noexcept { delete static_cast<Signing*>(context); }

void* duplicate(void* context) noexcept {
    return guarded<void*>(nullptr, [&]() -> void* {
        const auto& from = signing(context);
        auto copy = std::make_unique<Signing>();
        copy->software = from.software;
        copy->key = from.key;
        if (from.operation) {
            copy->operation.reset(EVP_PKEY_CTX_dup(from.operation.get()));
            if (!copy->operation) return nullptr;
        }
        if (from.hashing) {
            copy->hashing.reset(EVP_MD_CTX_new());
            if (!copy->hashing || EVP_MD_CTX_copy_ex(copy->hashing.get(), from.hashing.get()) != 1) return nullptr;
        }
        return copy.release();
    });
}

enum class Purpose { sign, verify };

/// `key` is null where the same key begins anew.
int begin(Signing& self, const void* key, const OSSL_PARAM* parameters, Purpose purpose) {
    if (key != nullptr) self.key = key_of(key);
    if (purpose == Purpose::sign && !self.key.operations) return refuse(Error{Errc::key_mismatch, "a public key cannot sign"});
    self.operation = self.key.operation();
    self.hashing.reset();
    if (!self.operation) return 0;
    // OpenSSL's own operation is begun for signing although its key is public: it remembers padding and identifier, and never signs.
    const int begun = purpose == Purpose::sign ? EVP_PKEY_sign_init(self.operation.get()) : EVP_PKEY_verify_init(self.operation.get());
    if (begun <= 0) return 0;
    return parameters == nullptr || EVP_PKEY_CTX_set_params(self.operation.get(), parameters) > 0;
}

template <Purpose purpose> int init(void* context, void* key, const OSSL_PARAM parameters[]) noexcept {
    return guarded(0, [&] { return begin(signing(context), key, parameters, purpose); });
}

template <Purpose purpose> int digest_init(void* context, const char* digest_name, void* key, const OSSL_PARAM parameters[]) noexcept {
    return guarded(0, [&] {
        auto& self = signing(context);
        if (begin(self, key, nullptr, purpose) == 0) return 0;
        const x509::EvpMdPtr digest(EVP_MD_fetch(self.software->context(), digest_name != nullptr ? digest_name : "SHA256", nullptr));
        if (!digest) return 0;
        if (purpose == Purpose::sign)
            if (const auto known = known_hash(digest.get()); !known) return refuse(known.error());
        self.hashing.reset(EVP_MD_CTX_new());
        return self.hashing && EVP_PKEY_CTX_set_signature_md(self.operation.get(), digest.get()) > 0 &&
                       (parameters == nullptr || EVP_PKEY_CTX_set_params(self.operation.get(), parameters) > 0) &&
                       EVP_DigestInit_ex2(self.hashing.get(), digest.get(), nullptr) == 1
                   ? 1
                   : 0;
    });
}

int update(void* context, const unsigned char* data, std::size_t size) noexcept {
    auto& hashing = signing(context).hashing;
    return hashing ? EVP_DigestUpdate(hashing.get(), data, size) : 0;
}

int sign(void* context, unsigned char* out, std::size_t* size, std::size_t room, const unsigned char* digest, std::size_t digest_size) noexcept {
    return guarded(0, [&] {
        auto& self = signing(context);
        if (!self.operation || !self.key.operations) return 0;
        if (out == nullptr) {
            *size = static_cast<std::size_t>(EVP_PKEY_get_size(self.key.public_half.get()));
            return 1;
        }
        const auto hash = chosen_hash(self.operation.get());
        if (!hash) return refuse(hash.error());
        const auto value = Digest::from(*hash, ByteView(digest, digest_size));
        if (!value) return refuse(Error{Errc::mechanism_unsupported, "the digest has another size than its function"}.with("mechanism", "digest"));
        const auto scheme = chosen_scheme(self.operation.get(), self.key.type, *hash);
        if (!scheme) return refuse(scheme.error());
        const auto signature = self.key.operations->sign(*scheme, *value);
        if (!signature) return refuse(signature.error());
        return give(*signature, out, size, room);
    });
}

int digest_sign_final(void* context, unsigned char* out, std::size_t* size, std::size_t room) noexcept {
    auto& self = signing(context);
    if (out == nullptr) return sign(context, nullptr, size, 0, nullptr, 0);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int digest_size = 0;
    if (!self.hashing || EVP_DigestFinal_ex(self.hashing.get(), digest, &digest_size) != 1) return 0;
    return sign(context, out, size, room, digest, digest_size);
}

int verify(void* context, const unsigned char* signature, std::size_t size, const unsigned char* digest, std::size_t digest_size) noexcept {
    auto& operation = signing(context).operation;
    return operation ? EVP_PKEY_verify(operation.get(), signature, size, digest, digest_size) > 0 : 0;
}

int digest_verify_final(void* context, const unsigned char* signature, std::size_t size) noexcept {
    auto& self = signing(context);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int digest_size = 0;
    if (!self.hashing || EVP_DigestFinal_ex(self.hashing.get(), digest, &digest_size) != 1) return 0;
    return verify(context, signature, size, digest, digest_size);
}

int get_params(void* context, OSSL_PARAM parameters[]) noexcept {
    auto& operation = signing(context).operation;
    return operation ? EVP_PKEY_CTX_get_params(operation.get(), parameters) > 0 : 0;
}

int set_params(void* context, const OSSL_PARAM parameters[]) noexcept {
    auto& operation = signing(context).operation;
    return operation ? EVP_PKEY_CTX_set_params(operation.get(), parameters) > 0 : 0;
}

KeyType type_of(void* context) { return context != nullptr ? signing(context).key.type : KeyType::rsa; }
const OSSL_PARAM* gettable(void* context, void* state) noexcept {
    return EVP_SIGNATURE_gettable_ctx_params(static_cast<const Software*>(state)->signature(type_of(context)));
}
const OSSL_PARAM* settable(void* context, void* state) noexcept {
    if (context != nullptr && signing(context).operation) return EVP_PKEY_CTX_settable_params(signing(context).operation.get());
    return EVP_SIGNATURE_settable_ctx_params(static_cast<const Software*>(state)->signature(type_of(context)));
}

} // namespace

const OSSL_DISPATCH* signature_dispatch() {
    static const OSSL_DISPATCH table[] = {entry(OSSL_FUNC_SIGNATURE_NEWCTX, make),
                                          entry(OSSL_FUNC_SIGNATURE_FREECTX, drop),
                                          entry(OSSL_FUNC_SIGNATURE_DUPCTX, duplicate),
                                          entry(OSSL_FUNC_SIGNATURE_SIGN_INIT, init<Purpose::sign>),
                                          entry(OSSL_FUNC_SIGNATURE_SIGN, sign),
                                          entry(OSSL_FUNC_SIGNATURE_VERIFY_INIT, init<Purpose::verify>),
                                          entry(OSSL_FUNC_SIGNATURE_VERIFY, verify),
                                          entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, digest_init<Purpose::sign>),
                                          entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE, update),
                                          entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL, digest_sign_final),
                                          entry(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_INIT, digest_init<Purpose::verify>),
                                          entry(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_UPDATE, update),
                                          entry(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_FINAL, digest_verify_final),
                                          entry(OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, get_params),
                                          entry(OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, gettable),
                                          entry(OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, set_params),
                                          entry(OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, settable),
                                          OSSL_DISPATCH{0, nullptr}};
    return table;
}

} // namespace jk::openssl
