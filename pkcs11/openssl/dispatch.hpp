// OpenSSL's tables of functions (provider(7)): each file of operations gives its own, provider.cpp shows them.
#pragma once
#include "pkcs11/openssl/refusal.hpp"
#include "pkcs11/openssl/token_key.hpp"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>

namespace jk::openssl {

const OSSL_DISPATCH* key_dispatch(KeyType type);
const OSSL_DISPATCH* signature_dispatch(); ///< RSA and EC
const OSSL_DISPATCH* eddsa_dispatch();
const OSSL_DISPATCH* decryption_dispatch();
const OSSL_DISPATCH* agreement_dispatch();

/// The provider itself, as OSSL_PROVIDER_add_builtin takes it.
int initialise_provider(const OSSL_CORE_HANDLE* handle, const OSSL_DISPATCH* from_core, const OSSL_DISPATCH** ours, void** state) noexcept;

template <class Function> OSSL_DISPATCH entry(int id, Function function) { return {id, reinterpret_cast<void (*)()>(function)}; }

inline const TokenKey& key_of(const void* data) { return *static_cast<const TokenKey*>(data); }

/// Copies a result out as OpenSSL asks for it: no room given means that only the size is wanted.
int give(const Bytes& result, unsigned char* out, std::size_t* size, std::size_t room);

} // namespace jk::openssl
