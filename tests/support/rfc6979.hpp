// A P-256 key and a signature that others have computed: RFC 6979, A.2.5, SHA-256 of "sample".
#pragma once
#include "jurukunci/digest.hpp"
#include "jurukunci/encoding.hpp"
#include "x509/openssl_ptr.hpp"

#include <openssl/core_names.h>

#include <stdexcept>

namespace jk::test {

inline x509::EvpPkeyPtr rfc6979_key() {
    auto point = from_hex("0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                          "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
    char group[] = "P-256";
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
                               OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point->data(), point->size()), OSSL_PARAM_construct_end()};
    const x509::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata_init(context.get()) != 1 || EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        throw std::runtime_error(x509::openssl_fault());
    return x509::EvpPkeyPtr(key);
}

inline Digest rfc6979_digest() { return sha256(bytes_of("sample")); }

/// r and s, one behind the other, as a token gives them.
inline Bytes rfc6979_signature() {
    return *from_hex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                     "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
}

} // namespace jk::test
