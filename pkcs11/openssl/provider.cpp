#include "pkcs11/openssl/dispatch.hpp"

#include <algorithm>

namespace jk::openssl {
namespace {

constexpr const char* properties = "provider=jurukunci";

const OSSL_ALGORITHM* query(void*, int operation, int* no_cache) noexcept {
    *no_cache = 0;
    static const OSSL_ALGORITHM keys[] = {{"RSA:rsaEncryption:1.2.840.113549.1.1.1", properties, key_dispatch(KeyType::rsa), "RSA key on a token"},
                                          {"EC:id-ecPublicKey:1.2.840.10045.2.1", properties, key_dispatch(KeyType::ec), "EC key on a token"},
                                          {"ED25519:1.3.101.112", properties, key_dispatch(KeyType::ed25519), "Ed25519 key on a token"},
                                          {nullptr, nullptr, nullptr, nullptr}};
    static const OSSL_ALGORITHM signatures[] = {{operation_name(KeyType::rsa), properties, signature_dispatch(), "RSA signature by a token"},
                                                {operation_name(KeyType::ec), properties, signature_dispatch(), "ECDSA signature by a token"},
                                                {operation_name(KeyType::ed25519), properties, eddsa_dispatch(), "Ed25519 signature by a token"},
                                                {nullptr, nullptr, nullptr, nullptr}};
    static const OSSL_ALGORITHM ciphers[] = {{operation_name(KeyType::rsa), properties, decryption_dispatch(), "RSA decryption by a token"},
                                             {nullptr, nullptr, nullptr, nullptr}};
    static const OSSL_ALGORITHM exchanges[] = {{operation_name(KeyType::ec), properties, agreement_dispatch(), "ECDH by a token"},
                                               {nullptr, nullptr, nullptr, nullptr}};
    switch (operation) {
    case OSSL_OP_KEYMGMT: return keys;
    case OSSL_OP_SIGNATURE: return signatures;
    case OSSL_OP_ASYM_CIPHER: return ciphers;
    case OSSL_OP_KEYEXCH: return exchanges;
    default: return nullptr;
    }
}

void teardown(void* state) noexcept { delete static_cast<Software*>(state); }

} // namespace

int initialise_provider(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** ours, void** state) noexcept {
    return guarded(0, [&] {
        static const OSSL_DISPATCH functions[] = {entry(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query), entry(OSSL_FUNC_PROVIDER_TEARDOWN, teardown),
                                                  OSSL_DISPATCH{0, nullptr}};
        *state = new Software;
        *ours = functions;
        return 1;
    });
}

int give(const Bytes& result, unsigned char* out, std::size_t* size, std::size_t room) {
    if (result.size() > room)
        return refuse(Error{Errc::token_failed, "larger than OpenSSL left room for"}.with("function", "OpenSSL").with("result", "length"));
    std::ranges::copy(result, out);
    *size = result.size();
    return 1;
}

} // namespace jk::openssl
