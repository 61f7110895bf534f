#include "x509/modular_inverse.hpp"

#include <array>
#include <cstdint>

namespace jk::x509 {
namespace {

__extension__ typedef unsigned __int128 Wide;

template <std::size_t words> struct Number {
    std::array<std::uint64_t, words> word{};

    bool is(std::uint64_t small) const {
        std::uint64_t above = 0;
        for (std::size_t i = 1; i < words; ++i) above |= word[i];
        return word[0] == small && above == 0;
    }
    bool is_even() const { return (word[0] & 1) == 0; }
    bool operator<(const Number& other) const {
        for (std::size_t i = words; i-- > 0;)
            if (word[i] != other.word[i]) return word[i] < other.word[i];
        return false;
    }
    void add(const Number& other) {
        Wide carry = 0;
        for (std::size_t i = 0; i < words; ++i) {
            carry += Wide(word[i]) + other.word[i];
            word[i] = static_cast<std::uint64_t>(carry);
            carry >>= 64;
        }
    }
    void subtract(const Number& other) {
        std::uint64_t borrow = 0;
        for (std::size_t i = 0; i < words; ++i) {
            const Wide difference = Wide(word[i]) - other.word[i] - borrow;
            word[i] = static_cast<std::uint64_t>(difference);
            borrow = static_cast<std::uint64_t>(difference >> 64) & 1;
        }
    }
    void halve(int times) {
        for (std::size_t i = 0; i + 1 < words; ++i) word[i] = word[i] >> times | word[i + 1] << (64 - times);
        word[words - 1] >>= times;
    }
    void twice(int times) {
        for (std::size_t i = words; --i > 0;) word[i] = word[i] << times | word[i - 1] >> (64 - times);
        word[0] <<= times;
    }
};

using Shrinking = Number<4>; ///< 256 bits
using Growing = Number<5>;   ///< below twice the modulus

std::optional<Shrinking> read(const BIGNUM* number) {
    std::array<unsigned char, 32> octets{};
    if (BN_is_negative(number) || BN_bn2lebinpad(number, octets.data(), static_cast<int>(octets.size())) < 0) return std::nullopt;
    Shrinking read;
    for (std::size_t i = 0; i < octets.size(); ++i) read.word[i / 8] |= std::uint64_t(octets[i]) << (8 * (i % 8));
    return read;
}

BignumPtr write(const Growing& number) {
    std::array<unsigned char, 40> octets{};
    for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<unsigned char>(number.word[i / 8] >> (8 * (i % 8)));
    return BignumPtr(BN_lebin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
}

/// How often a number that is neither odd nor zero can be halved, one word's worth at most.
int halvings(const Shrinking& number) { return number.word[0] == 0 ? 63 : std::min(63, __builtin_ctzll(number.word[0])); }

} // namespace

std::optional<AlmostInverse> almost_inverse(const BIGNUM* a, const BIGNUM* modulus) {
    const auto wanted = read(a), m = read(modulus);
    if (!wanted || !m || wanted->is(0) || m->is_even() || BN_num_bits(modulus) != 256 || !(*wanted < *m)) return std::nullopt;
    // Always: a·r ≡ -u·2^k and a·s ≡ v·2^k modulo m, and u·s + v·r = m.
    Shrinking u = *m, v = *wanted;
    Growing r, s;
    s.word[0] = 1;
    int k = 0;
    const auto halve = [&k](Shrinking& shrinking, Growing& other) {
        const int times = halvings(shrinking);
        shrinking.halve(times);
        other.twice(times);
        k += times;
    };
    while (v.is_even()) halve(v, r);
    for (;;) { // both are odd here
        if (v < u) {
            u.subtract(v);
            r.add(s);
            while (u.is_even()) halve(u, s);
        } else {
            v.subtract(u);
            s.add(r);
            if (v.is(0)) break;
            while (v.is_even()) halve(v, r);
        }
    }
    if (!u.is(1)) return std::nullopt; // their divisor
    // -r·2^-k is the inverse.
    Growing inverse{{m->word[0], m->word[1], m->word[2], m->word[3], 0}};
    if (!(r < inverse)) r.subtract(inverse);
    inverse.subtract(r);
    auto value = write(inverse);
    return value ? std::optional(AlmostInverse{std::move(value), k}) : std::nullopt;
}

} // namespace jk::x509
