#include "pkcs11/openssl/token_provider.hpp"

#include "pkcs11/openssl/dispatch.hpp"

#include <openssl/err.h>
#include <openssl/provider.h>

namespace jk::openssl {
namespace {

constexpr const char* our_name = "jurukunci";

Error openssl_error(const char* function) {
    const auto why = std::string(function) + ": " + x509::openssl_fault();
    return Error{Errc::device_failed, why}.with("reason", why);
}

Error unsupported(const std::string& what) { return Error{Errc::mechanism_unsupported, what}.with("mechanism", what); }

Outcome<KeyType> type_of(EVP_PKEY* key) {
    for (const auto type : key_types)
        if (EVP_PKEY_is_a(key, name_of(type)) != 0) {
            if (type == KeyType::rsa && EVP_PKEY_get_bits(key) < 2048) return unsupported("RSA " + std::to_string(EVP_PKEY_get_bits(key)));
            if (type != KeyType::ec) return type;
            char curve[64]{};
            if (EVP_PKEY_get_group_name(key, curve, sizeof curve, nullptr) <= 0) return unsupported("EC");
            const std::string_view name = curve;
            if (name != "prime256v1" && name != "secp384r1" && name != "secp521r1") return unsupported("EC " + std::string(name));
            return type;
        }
    const char* name = EVP_PKEY_get0_type_name(key);
    return unsupported(name != nullptr ? name : "?");
}

} // namespace

Outcome<std::shared_ptr<TokenProvider>> TokenProvider::create() { return load(OSSL_LIB_CTX_new(), true); }
Outcome<std::shared_ptr<TokenProvider>> TokenProvider::create_in_default_context() { return load(nullptr, false); }

Outcome<std::shared_ptr<TokenProvider>> TokenProvider::load(OSSL_LIB_CTX* context, bool own) {
    if (own && context == nullptr) return openssl_error("OSSL_LIB_CTX_new");
    const std::shared_ptr<TokenProvider> provider(new TokenProvider);
    provider->m_context = context;
    provider->m_own = own;
    // The order matters: who is loaded first is asked first for a name that both have, and OpenSSL's own must keep software keys.
    provider->m_software = OSSL_PROVIDER_load(context, "default");
    if (provider->m_software == nullptr) return openssl_error("OSSL_PROVIDER_load default");
    if (OSSL_PROVIDER_add_builtin(context, our_name, initialise_provider) != 1) return openssl_error("OSSL_PROVIDER_add_builtin");
    provider->m_provider = OSSL_PROVIDER_load(context, our_name);
    if (provider->m_provider == nullptr) return openssl_error("OSSL_PROVIDER_load");
    return provider;
}

TokenProvider::~TokenProvider() {
    if (m_provider != nullptr) OSSL_PROVIDER_unload(m_provider);
    if (m_software != nullptr) OSSL_PROVIDER_unload(m_software);
    if (m_own) OSSL_LIB_CTX_free(m_context);
}

Outcome<std::shared_ptr<EVP_PKEY>> TokenProvider::token_key(EVP_PKEY* public_half, std::shared_ptr<PrivateOperations> operations) {
    const auto type = type_of(public_half);
    if (!type) return type.error();
    if (!operations) return Error{Errc::device_failed, "a token key without operations"}.with("reason", "no operations");
    OSSL_PARAM* parameters = nullptr;
    if (EVP_PKEY_todata(public_half, EVP_PKEY_PUBLIC_KEY, &parameters) <= 0) return openssl_error("EVP_PKEY_todata");
    const x509::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(m_context, name_of(*type), "provider=jurukunci"));
    EVP_PKEY* key = nullptr;
    int made = 0;
    if (context && EVP_PKEY_fromdata_init(context.get()) > 0) {
        const Binding binding(std::move(operations));
        made = EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters);
    }
    OSSL_PARAM_free(parameters);
    if (made <= 0) return openssl_error("EVP_PKEY_fromdata");
    return std::shared_ptr<EVP_PKEY>(key, [kept = shared_from_this()](EVP_PKEY* k) { EVP_PKEY_free(k); });
}

} // namespace jk::openssl
