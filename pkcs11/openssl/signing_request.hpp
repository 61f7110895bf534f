// What an operation on the public half remembers, in our words.
#pragma once
#include "pkcs11/openssl/private_operations.hpp"
#include "pkcs11/openssl/token_key.hpp"

namespace jk::openssl {

/// SHA-256, -384 and -512; anything else is too weak or unknown to tokens.
Outcome<HashFunction> known_hash(const EVP_MD* digest);
/// A digest must be chosen: without one OpenSSL would have the token sign whatever bytes it is given.
Outcome<HashFunction> chosen_hash(EVP_PKEY_CTX* operation);
Outcome<SignatureScheme> chosen_scheme(EVP_PKEY_CTX* operation, KeyType type, HashFunction hash);
Outcome<DecryptionScheme> chosen_decryption(EVP_PKEY_CTX* operation);

} // namespace jk::openssl
