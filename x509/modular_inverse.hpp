// Inverse of a public number modulo an odd one, both of at most 256 bits, in a quarter of the time of BN_mod_inverse. For verification only: how long it
// takes depends on the numbers. Whoever calls it multiplies once to see that the answer is right, so a fault here costs time and nothing else.
#pragma once
#include "x509/openssl_ptr.hpp"

#include <optional>

namespace jk::x509 {

/// `a`⁻¹·2^k mod `modulus`, with 255 ≤ k ≤ 511: what Kaliski's almost inverse gives (IEEE Transactions on Computers 44 (1995), 1064).
struct AlmostInverse {
    BignumPtr value;
    int k = 0;
};
/// None where 0 < a < modulus does not hold, where modulus is even or has another length than 256 bits, or where they have a common divisor.
std::optional<AlmostInverse> almost_inverse(const BIGNUM* a, const BIGNUM* modulus);

} // namespace jk::x509
