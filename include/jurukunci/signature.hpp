// What a token is asked for and what it answers, per item.
#pragma once
#include "jurukunci/bytes.hpp"
#include "jurukunci/outcome.hpp"

#include <cstddef>

namespace jk {

using ItemIndex = std::size_t; ///< place in the sealed list

struct Signature {
    Bytes value; ///< as X.509 and CMS carry it: RSA octets, or DER ECDSA-Sig-Value
};

struct ItemResult {
    ItemIndex index = 0;
    Outcome<Signature> signature;
};

/// The custody attributes that the signing handle itself showed after login (PKCS#11 v2.40, 4.8 and 4.9).
struct KeyCustody {
    bool sensitive = false;
    bool extractable = true;
    bool always_sensitive = false;
    bool never_extractable = false;
    bool local = false;
    bool always_authenticate = false;
    bool known_to_match_certificate = false; ///< public half compared; false where the token does not show it
};

} // namespace jk
