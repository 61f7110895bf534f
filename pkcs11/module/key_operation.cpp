#include "pkcs11/module/key_operation.hpp"

#include <openssl/crypto.h>

namespace jk::pkcs11::module {

void Result::wipe() {
    if (value) OPENSSL_cleanse(value->data(), value->size());
    value.reset();
}

std::size_t signature_size(const frames::Object& key) {
    if (const auto modulus = value_of(key, CKA_MODULUS)) return modulus->size();
    if (number_of(key, CKA_KEY_TYPE, CKK_GENERIC_SECRET) == CKK_EC_EDWARDS) return 64;
    // 04 LENGTH, then 04 and both coordinates.
    const auto point = value_of(key, CKA_EC_POINT);
    if (!point || point->size() < 4) return 0;
    const std::size_t header = (*point)[1] == 0x81 ? 3 : 2;
    return point->size() - header - 1;
}

} // namespace jk::pkcs11::module
