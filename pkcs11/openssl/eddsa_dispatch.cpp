// Ed25519: one shot over the message, as RFC 8410 has it in X.509. No plain `sign`: CMS without signed attributes would have a digest signed as if
// it were the message, and nobody would notice.
#include "pkcs11/openssl/dispatch.hpp"

namespace jk::openssl {
namespace {

constexpr std::size_t signature_size = 64;

void* make(void* state, const char*) noexcept {
    return guarded<void*>(nullptr, [&] { return new TokenKey{static_cast<const Software*>(state), KeyType::ed25519, nullptr, nullptr}; });
}
void drop(void* context) noexcept { delete static_cast<TokenKey*>(context); }
void* duplicate(void* context) noexcept {
    return guarded<void*>(nullptr, [&] { return new TokenKey(key_of(context)); });
}

int init(void* context, const char* digest, void* key, const OSSL_PARAM[]) noexcept {
    return guarded(0, [&] {
        if (digest != nullptr && *digest != '\0')
            return refuse(Error{Errc::mechanism_unsupported, digest}.with("mechanism", "Ed25519 with a digest"));
        if (key != nullptr) *static_cast<TokenKey*>(context) = key_of(key);
        return key_of(context).public_half ? 1 : 0;
    });
}

int sign(void* context, unsigned char* out, std::size_t* size, std::size_t room, const unsigned char* message, std::size_t length) noexcept {
    return guarded(0, [&] {
        const auto& key = key_of(context);
        if (!key.operations) return refuse(Error{Errc::key_mismatch, "a public key cannot sign"});
        *size = signature_size;
        if (out == nullptr) return 1;
        const auto signature = key.operations->sign_message(ByteView(message, length));
        if (!signature) return refuse(signature.error());
        return give(*signature, out, size, room);
    });
}

int verify(void* context, const unsigned char* signature, std::size_t size, const unsigned char* message, std::size_t length) noexcept {
    const auto& key = key_of(context);
    const x509::EvpMdCtxPtr checking(EVP_MD_CTX_new());
    return checking &&
           EVP_DigestVerifyInit_ex(checking.get(), nullptr, nullptr, key.software->context(), nullptr, key.public_half.get(), nullptr) == 1 &&
           EVP_DigestVerify(checking.get(), signature, size, message, length) == 1;
}

/// RFC 8410 3: the OID alone, without parameters.
int get_params(void*, OSSL_PARAM parameters[]) noexcept {
    static constexpr unsigned char identifier[] = {0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70};
    OSSL_PARAM* wanted = OSSL_PARAM_locate(parameters, OSSL_SIGNATURE_PARAM_ALGORITHM_ID);
    return wanted == nullptr || OSSL_PARAM_set_octet_string(wanted, identifier, sizeof identifier) == 1;
}

const OSSL_PARAM* gettable(void*, void*) noexcept {
    static const OSSL_PARAM list[] = {OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, nullptr, 0), OSSL_PARAM_END};
    return list;
}

} // namespace

const OSSL_DISPATCH* eddsa_dispatch() {
    static const OSSL_DISPATCH table[] = {entry(OSSL_FUNC_SIGNATURE_NEWCTX, make),
                                          entry(OSSL_FUNC_SIGNATURE_FREECTX, drop),
                                          entry(OSSL_FUNC_SIGNATURE_DUPCTX, duplicate),
                                          entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, init),
                                          entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, sign),
                                          entry(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_INIT, init),
                                          entry(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY, verify),
                                          entry(OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, get_params),
                                          entry(OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, gettable),
                                          OSSL_DISPATCH{0, nullptr}};
    return table;
}

} // namespace jk::openssl
