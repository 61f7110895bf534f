// OpenSSL 3.0 multiplies the generator of P-256 with a table made in advance, and any other point nine times slower. It also makes such a table for
// another generator: here the public key is one. EC_GROUP_precompute_mult, which does it, is deprecated without a successor; Debian 12's OpenSSL
// keeps it. With one that has lost it this file no longer builds, and SignatureCheck can do without.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "x509/p256_check.hpp"

#include "x509/modular_inverse.hpp"

#include <openssl/core_names.h>
#include <openssl/obj_mac.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace jk::x509 {
namespace {

using BnCtxPtr = std::unique_ptr<BN_CTX, Deleter<BN_CTX_free>>;
using BnMontPtr = std::unique_ptr<BN_MONT_CTX, Deleter<BN_MONT_CTX_free>>;
using GroupPtr = std::unique_ptr<EC_GROUP, Deleter<EC_GROUP_free>>;
using PointPtr = std::unique_ptr<EC_POINT, Deleter<EC_POINT_free>>;

constexpr std::size_t octets = 32; ///< of a coordinate, a scalar, a digest's part that counts

std::vector<std::uint8_t> public_point(const EVP_PKEY* key) {
    std::array<char, 32> group{};
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) != 1 || std::string_view(group.data()) != SN_X9_62_prime256v1) return {};
    std::array<unsigned char, 1 + 2 * octets> point{};
    if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) != 1) return {};
    return {point.begin(), point.begin() + static_cast<std::ptrdiff_t>(size)};
}

/// Null unless `der` is ECDSA-Sig-Value in its one DER form, as OpenSSL demands it.
EcdsaSigPtr read_signature(ByteView der) {
    const unsigned char* at = der.data();
    EcdsaSigPtr signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    if (!signature || at != der.data() + der.size()) return nullptr;
    std::array<unsigned char, 80> again{}; // two integers of 33 octets and their heads need 72
    unsigned char* to = again.data();
    const int size = i2d_ECDSA_SIG(signature.get(), nullptr);
    if (size != static_cast<int>(der.size()) || size > static_cast<int>(again.size()) || i2d_ECDSA_SIG(signature.get(), &to) != size) return nullptr;
    return std::equal(der.begin(), der.end(), again.begin()) ? std::move(signature) : nullptr;
}

} // namespace

struct P256Check::Curves {
    GroupPtr standard{EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)};
    GroupPtr of_key{EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)}; ///< the same curve; its generator is the public key
    BnCtxPtr numbers{BN_CTX_new()};
    BnMontPtr modulo_n{BN_MONT_CTX_new()}, modulo_p{BN_MONT_CTX_new()};
    BignumPtr one{BN_new()}; ///< in Montgomery's form
    PointPtr from_digest, from_key;
    const BIGNUM *n = nullptr, *p = nullptr; ///< the group's order, the field's prime

    bool make(ByteView key) {
        if (!standard || !of_key || !numbers || !modulo_n || !modulo_p || !one) return false;
        n = EC_GROUP_get0_order(standard.get());
        p = EC_GROUP_get0_field(standard.get());
        const PointPtr point(EC_POINT_new(standard.get()));
        from_digest.reset(EC_POINT_new(standard.get()));
        from_key.reset(EC_POINT_new(of_key.get()));
        return point && from_digest && from_key && EC_POINT_oct2point(standard.get(), point.get(), key.data(), key.size(), numbers.get()) == 1 &&
               EC_GROUP_set_generator(of_key.get(), point.get(), n, BN_value_one()) == 1 &&
               EC_GROUP_precompute_mult(of_key.get(), numbers.get()) == 1 && BN_MONT_CTX_set(modulo_n.get(), n, numbers.get()) == 1 &&
               BN_to_montgomery(one.get(), BN_value_one(), modulo_n.get(), numbers.get()) == 1 &&
               BN_MONT_CTX_set(modulo_p.get(), p, numbers.get()) == 1 && table_is_right(point.get());
    }

    /// A scalar that uses every place of the table, multiplied the other way, too.
    bool table_is_right(const EC_POINT* key) {
        const BignumPtr scalar(BN_new());
        const PointPtr slowly(EC_POINT_new(standard.get()));
        return scalar && slowly && BN_rand_range(scalar.get(), n) == 1 &&
               EC_POINT_mul(of_key.get(), from_key.get(), scalar.get(), nullptr, nullptr, numbers.get()) == 1 &&
               EC_POINT_mul(standard.get(), slowly.get(), nullptr, key, scalar.get(), numbers.get()) == 1 &&
               EC_POINT_cmp(standard.get(), slowly.get(), from_key.get(), numbers.get()) == 0;
    }

    bool in_range(const BIGNUM* value) const { return !BN_is_negative(value) && !BN_is_zero(value) && BN_cmp(value, n) < 0; }

    /// a·b mod p.
    bool in_field(BIGNUM* product, const BIGNUM* a, const BIGNUM* b) {
        return BN_mod_mul_montgomery(product, a, b, modulo_p.get(), numbers.get()) == 1 &&
               BN_to_montgomery(product, product, modulo_p.get(), numbers.get()) == 1;
    }

    bool multiply(BIGNUM* product, const BIGNUM* a, const BIGNUM* b) {
        return BN_mod_mul_montgomery(product, a, b, modulo_n.get(), numbers.get()) == 1;
    }

    /// In Montgomery's form before and after: value·R becomes value⁻¹·R.
    bool invert(BIGNUM* value) {
        if (invert_quickly(value)) return true;
        return BN_mod_inverse(value, value, n, numbers.get()) != nullptr && to_montgomery(value) && to_montgomery(value);
    }

    /// Changes `value` only when the product of both is one.
    bool invert_quickly(BIGNUM* value) {
        const auto almost = almost_inverse(value, n); // value⁻¹·R⁻¹·2^k
        if (!almost) return false;
        BN_CTX_start(numbers.get());
        BIGNUM *power = BN_CTX_get(numbers.get()), *product = BN_CTX_get(numbers.get());
        const bool right = product != nullptr && to_montgomery(almost->value.get()) &&
                           BN_mod_lshift(power, BN_value_one(), 512 - almost->k, n, numbers.get()) == 1 &&
                           multiply(almost->value.get(), almost->value.get(), power) && multiply(product, almost->value.get(), value) &&
                           BN_cmp(product, one.get()) == 0 && BN_copy(value, almost->value.get()) != nullptr;
        BN_CTX_end(numbers.get());
        return right;
    }

    bool to_montgomery(BIGNUM* value) { return BN_to_montgomery(value, value, modulo_n.get(), numbers.get()) == 1; }

    /// x(point) mod n = r, without dividing: the point is held as (X : Y : Z) with x = X/Z², so X = r·Z², or X = (r + n)·Z² where r + n is a coordinate too.
    bool has_x(const EC_POINT* point, const BIGNUM* r) {
        BN_CTX_start(numbers.get());
        BIGNUM *x = BN_CTX_get(numbers.get()), *z = BN_CTX_get(numbers.get()), *expected = BN_CTX_get(numbers.get()),
               *root = BN_CTX_get(numbers.get());
        bool same = false;
        bool ok = root != nullptr && EC_POINT_get_Jprojective_coordinates_GFp(standard.get(), point, x, nullptr, z, numbers.get()) == 1 &&
                  in_field(z, z, z) && BN_copy(root, r) != nullptr;
        while (ok && !same && BN_cmp(root, p) < 0) {
            ok = in_field(expected, root, z);
            same = ok && BN_cmp(expected, x) == 0;
            ok = ok && BN_add(root, root, n) == 1;
        }
        BN_CTX_end(numbers.get());
        return same;
    }

    /// FIPS 186-5, 6.4.2, from step 4 on; `inverse` is s⁻¹ mod n in Montgomery's form.
    bool holds(ByteView digest, const BIGNUM* r, const BIGNUM* inverse) {
        BN_CTX_start(numbers.get());
        BIGNUM *u = BN_CTX_get(numbers.get()), *v = BN_CTX_get(numbers.get());
        // A longer digest counts with its first 256 bits. It may be n or more: the product is taken modulo n.
        const bool ok = v != nullptr && BN_bin2bn(digest.data(), static_cast<int>(std::min(digest.size(), octets)), u) != nullptr &&
                        (BN_cmp(u, n) < 0 || BN_sub(u, u, n) == 1) && multiply(u, u, inverse) && multiply(v, r, inverse) &&
                        EC_POINT_mul(standard.get(), from_digest.get(), u, nullptr, nullptr, numbers.get()) == 1 &&
                        EC_POINT_mul(of_key.get(), from_key.get(), v, nullptr, nullptr, numbers.get()) == 1 &&
                        EC_POINT_add(standard.get(), from_digest.get(), from_digest.get(), from_key.get(), numbers.get()) == 1 &&
                        EC_POINT_is_at_infinity(standard.get(), from_digest.get()) == 0 && has_x(from_digest.get(), r);
        BN_CTX_end(numbers.get());
        return ok;
    }
};

P256Check::P256Check(std::unique_ptr<Curves> curves) : m_curves(std::move(curves)) {}
P256Check::~P256Check() = default;

std::unique_ptr<P256Check> P256Check::for_key(EVP_PKEY* key) {
    const auto point = public_point(key);
    auto curves = std::make_unique<Curves>();
    if (!point.empty() && curves->make(point)) return std::unique_ptr<P256Check>(new P256Check(std::move(curves)));
    openssl_fault();
    return nullptr;
}

std::vector<bool> P256Check::verify(std::span<const Claim> claims) const {
    auto& curves = *m_curves;
    std::vector<bool> answers(claims.size());

    // All inverses for the price of one (Montgomery): the product of all s is inverted once, and unrolled from the end.
    struct Readable {
        std::size_t place;
        EcdsaSigPtr signature;
        BignumPtr s, before; ///< s in Montgomery's form, and the product of those before it
    };
    std::vector<Readable> readable;
    BignumPtr product(BN_dup(curves.one.get()));
    bool ok = product != nullptr;
    for (std::size_t i = 0; ok && i < claims.size(); ++i) {
        auto signature = read_signature(claims[i].signature);
        if (!signature || !curves.in_range(ECDSA_SIG_get0_r(signature.get())) || !curves.in_range(ECDSA_SIG_get0_s(signature.get()))) continue;
        BignumPtr s(BN_new()), before(BN_dup(product.get()));
        ok = s && before && BN_to_montgomery(s.get(), ECDSA_SIG_get0_s(signature.get()), curves.modulo_n.get(), curves.numbers.get()) == 1 &&
             curves.multiply(product.get(), product.get(), s.get());
        readable.push_back({i, std::move(signature), std::move(s), std::move(before)});
    }
    ok = ok && curves.invert(product.get());
    for (auto item = readable.rbegin(); ok && item != readable.rend(); ++item) {
        ok = curves.multiply(item->before.get(), item->before.get(), product.get()) && curves.multiply(product.get(), product.get(), item->s.get());
        answers[item->place] = ok && curves.holds(claims[item->place].digest, ECDSA_SIG_get0_r(item->signature.get()), item->before.get());
    }
    openssl_fault();
    return answers;
}

} // namespace jk::x509
