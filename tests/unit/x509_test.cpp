// The quick verification of P-256 beside OpenSSL's own: the same answer to everything, or it is of no use.
#include "tests/support/demo_ca.hpp"
#include "tests/support/rfc6979.hpp"
#include "x509/modular_inverse.hpp"
#include "x509/p256_check.hpp"
#include "x509/read_certificate.hpp"
#include "x509/signature_check.hpp"

#include <gtest/gtest.h>
#include <openssl/core_names.h>

#include <array>
#include <random>
#include <span>
#include <thread>

namespace jk::x509 {
namespace {

using test::make_key;

Bytes sign(EVP_PKEY* key, ByteView digest) {
    const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(key, nullptr));
    Bytes der(160);
    std::size_t size = der.size();
    if (EVP_PKEY_sign_init(context.get()) != 1 || EVP_PKEY_sign(context.get(), der.data(), &size, digest.data(), digest.size()) != 1)
        throw std::runtime_error(openssl_fault());
    der.resize(size);
    return der;
}

/// The reference: EVP, without a digest's name, so that every length is taken.
bool evp_verifies(EVP_PKEY* key, ByteView digest, ByteView signature) {
    const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(key, nullptr));
    const bool good = EVP_PKEY_verify_init(context.get()) == 1 &&
                      EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
    openssl_fault();
    return good;
}

Bytes der_of(const BIGNUM* r, const BIGNUM* s) {
    const EcdsaSigPtr signature(ECDSA_SIG_new());
    ECDSA_SIG_set0(signature.get(), BN_dup(r), BN_dup(s));
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &der);
    const OpensslBytes owner(der);
    return Bytes(der, der + size);
}

EvpPkeyPtr public_key_of(std::span<unsigned char> point) {
    char group[] = "prime256v1";
    const std::array<OSSL_PARAM, 3> facts = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
                                             OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
                                             OSSL_PARAM_construct_end()};
    const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(facts.data())) != 1)
        throw std::runtime_error(openssl_fault());
    return EvpPkeyPtr(key);
}

BignumPtr number(const std::string& hex) {
    BIGNUM* value = nullptr;
    BN_hex2bn(&value, hex.c_str());
    return BignumPtr(value);
}

const std::string order = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";

struct Fixture {
    EvpPkeyPtr key = make_key("p256"), other = make_key("p256");
    std::unique_ptr<P256Check> quick = P256Check::for_key(key.get());
    std::mt19937 dice{20261121};

    Bytes random_bytes(std::size_t size) {
        Bytes bytes(size);
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(dice());
        return bytes;
    }
    bool verifies(ByteView digest, ByteView signature) { return quick->verify(std::vector<P256Check::Claim>{{digest, signature}}).at(0); }
    void expect_same(ByteView digest, ByteView signature, const char* what) {
        EXPECT_EQ(verifies(digest, signature), evp_verifies(key.get(), digest, signature)) << what;
    }
};

TEST(P256Check, TakesWhatTheKeySignedAndNothingElse) {
    Fixture f;
    ASSERT_TRUE(f.quick);
    for (int i = 0; i < 50; ++i) {
        const auto digest = f.random_bytes(32);
        const auto good = sign(f.key.get(), digest), foreign = sign(f.other.get(), digest);
        EXPECT_TRUE(f.verifies(digest, good));
        EXPECT_FALSE(f.verifies(digest, foreign)) << "another key's signature";
        EXPECT_FALSE(f.verifies(f.random_bytes(32), good)) << "another digest";
    }
}

TEST(P256Check, TakesASignatureThatOthersComputed) {
    const auto key = test::rfc6979_key();
    const auto quick = P256Check::for_key(key.get());
    ASSERT_TRUE(quick);
    const auto digest = test::rfc6979_digest();
    auto signature = *ecdsa_to_der(test::rfc6979_signature());
    EXPECT_EQ(quick->verify(std::vector<P256Check::Claim>{{digest.value(), signature}}), std::vector<bool>{true});
    signature.back() ^= 1;
    EXPECT_EQ(quick->verify(std::vector<P256Check::Claim>{{digest.value(), signature}}), std::vector<bool>{false});
}

TEST(P256Check, AnswersAsEvpForEverySingleBitOfASignatureAndItsDigest) {
    Fixture f;
    const auto digest = f.random_bytes(32);
    const auto good = sign(f.key.get(), digest);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        auto bad = good;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        EXPECT_FALSE(f.verifies(digest, bad)) << bit;
        f.expect_same(digest, bad, "a bit of the signature");
    }
    for (std::size_t bit = 0; bit < 256; ++bit) {
        auto bad = digest;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        EXPECT_FALSE(f.verifies(bad, good)) << bit;
    }
}

TEST(P256Check, AnswersAsEvpAtTheEdgesOfRAndS) {
    Fixture f;
    const auto digest = f.random_bytes(32);
    const auto good = sign(f.key.get(), digest);
    const auto* at = good.data();
    const EcdsaSigPtr read(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(good.size())));
    const auto n = number(order);
    std::vector<BignumPtr> values;
    for (const auto* hex : {"0", "1", "2", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
                            "80000000000000000000000000000000000000000000000000000000000000000", // more than 256 bits
                            "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF",  // p
                            "8000000000000000000000000000000000000000000000000000000000000000"})
        values.push_back(number(hex));
    for (const int step : {-1, 0, 1}) {
        auto near = BignumPtr(BN_dup(n.get()));
        if (step < 0) BN_sub_word(near.get(), 1);
        if (step > 0) BN_add_word(near.get(), 1);
        values.push_back(std::move(near));
    }
    for (const auto* true_value : {ECDSA_SIG_get0_r(read.get()), ECDSA_SIG_get0_s(read.get())}) {
        values.push_back(BignumPtr(BN_dup(true_value)));
        auto negated = BignumPtr(BN_dup(n.get())), wrapped = BignumPtr(BN_dup(n.get()));
        BN_sub(negated.get(), n.get(), true_value);
        BN_add(wrapped.get(), n.get(), true_value); // the same residue, out of range
        values.push_back(std::move(negated));
        values.push_back(std::move(wrapped));
    }
    int taken = 0;
    for (const auto& r : values)
        for (const auto& s : values) {
            const auto signature = der_of(r.get(), s.get());
            f.expect_same(digest, signature, "r and s");
            taken += f.verifies(digest, signature);
        }
    EXPECT_EQ(taken, 2) << "the signature itself, and the one with n - s, which ECDSA allows";
}

/// r = x(u·G + v·Q) mod n with chosen u and v gives signatures that no random try reaches.
TEST(P256Check, AnswersAsEvpWhereTheTwoPointsMeetOrCancel) {
    Fixture f;
    const auto n = number(order);
    using GroupPtr = std::unique_ptr<EC_GROUP, Deleter<EC_GROUP_free>>;
    using PointPtr = std::unique_ptr<EC_POINT, Deleter<EC_POINT_free>>;
    using CtxPtr = std::unique_ptr<BN_CTX, Deleter<BN_CTX_free>>;
    const GroupPtr group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    const CtxPtr numbers(BN_CTX_new());
    BIGNUM* secret = nullptr;
    ASSERT_EQ(EVP_PKEY_get_bn_param(f.key.get(), OSSL_PKEY_PARAM_PRIV_KEY, &secret), 1);
    const BignumPtr d(secret);
    int sums = 0, verified = 0;
    for (const int relation : {-1, 0, 1}) // u·G = -v·Q, u = 0, u·G = v·Q
        for (int word = 1; word < 6; ++word) {
            BignumPtr v(BN_new()), u(BN_new()), total(BN_new());
            BN_set_word(v.get(), static_cast<BN_ULONG>(word));
            BN_mod_mul(u.get(), v.get(), d.get(), n.get(), numbers.get());
            if (relation < 0) BN_sub(u.get(), n.get(), u.get());
            if (relation == 0) BN_zero(u.get());
            const PointPtr point(EC_POINT_new(group.get()));
            BN_mod_mul(total.get(), v.get(), d.get(), n.get(), numbers.get());
            BN_mod_add(total.get(), total.get(), u.get(), n.get(), numbers.get());
            EC_POINT_mul(group.get(), point.get(), total.get(), nullptr, nullptr, numbers.get());
            BignumPtr r(BN_new()), s(BN_new()), e(BN_new());
            if (EC_POINT_is_at_infinity(group.get(), point.get()) == 1)
                BN_set_word(r.get(), 7); // no r exists; any must be refused
            else
                EC_POINT_get_affine_coordinates(group.get(), point.get(), r.get(), nullptr, numbers.get());
            BN_nnmod(r.get(), r.get(), n.get(), numbers.get());
            // s = r/v, e = u·s
            BN_mod_inverse(s.get(), v.get(), n.get(), numbers.get());
            BN_mod_mul(s.get(), s.get(), r.get(), n.get(), numbers.get());
            BN_mod_mul(e.get(), u.get(), s.get(), n.get(), numbers.get());
            Bytes digest(32);
            BN_bn2binpad(e.get(), digest.data(), 32);
            const auto signature = der_of(r.get(), s.get());
            f.expect_same(digest, signature, "chosen points");
            verified += f.verifies(digest, signature);
            ++sums;
        }
    EXPECT_EQ(sums, 15);
    EXPECT_EQ(verified, 10) << "all but those that cancel";
}

/// One point in 2³² has such an x. The key is made for it: Q = r⁻¹·(s·R - e·G).
TEST(P256Check, TakesAnXThatIsBeyondTheOrder) {
    using GroupPtr = std::unique_ptr<EC_GROUP, Deleter<EC_GROUP_free>>;
    using PointPtr = std::unique_ptr<EC_POINT, Deleter<EC_POINT_free>>;
    using CtxPtr = std::unique_ptr<BN_CTX, Deleter<BN_CTX_free>>;
    const GroupPtr group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    const CtxPtr numbers(BN_CTX_new());
    const auto n = number(order);
    int tried = 0;
    for (BN_ULONG small = 1; small < 40; ++small) {
        const BignumPtr r(BN_new()), x(BN_dup(n.get())), s(BN_new()), e(BN_new()), inverse(BN_new());
        BN_set_word(r.get(), small);
        BN_add_word(x.get(), small);
        const PointPtr point(EC_POINT_new(group.get())), key_point(EC_POINT_new(group.get()));
        if (EC_POINT_set_compressed_coordinates(group.get(), point.get(), x.get(), 1, numbers.get()) != 1) continue; // no point has this x
        ++tried;
        Bytes digest(32, static_cast<std::uint8_t>(small));
        BN_bin2bn(digest.data(), 32, e.get());
        BN_set_word(s.get(), 77 + small);
        BN_mod_inverse(inverse.get(), r.get(), n.get(), numbers.get());
        BN_sub(e.get(), n.get(), e.get()); // -e
        EC_POINT_mul(group.get(), key_point.get(), e.get(), point.get(), s.get(), numbers.get());
        EC_POINT_mul(group.get(), key_point.get(), nullptr, key_point.get(), inverse.get(), numbers.get());
        std::array<unsigned char, 65> octets{};
        EC_POINT_point2oct(group.get(), key_point.get(), POINT_CONVERSION_UNCOMPRESSED, octets.data(), octets.size(), numbers.get());
        const auto key = public_key_of(octets);
        const auto quick = P256Check::for_key(key.get());
        ASSERT_TRUE(quick);
        const auto good = der_of(r.get(), s.get());
        EXPECT_TRUE(evp_verifies(key.get(), digest, good)) << small;
        EXPECT_EQ(quick->verify(std::vector<P256Check::Claim>{{digest, good}}), std::vector<bool>{true}) << small;
        digest[31] ^= 1;
        EXPECT_EQ(quick->verify(std::vector<P256Check::Claim>{{digest, good}}), std::vector<bool>{false}) << small;
    }
    EXPECT_GT(tried, 5);
}

TEST(AlmostInverse, IsTheInverseForNumbersOfAllSizes) {
    using CtxPtr = std::unique_ptr<BN_CTX, Deleter<BN_CTX_free>>;
    const CtxPtr numbers(BN_CTX_new());
    const auto n = number(order);
    std::vector<BignumPtr> values;
    for (int bit = 0; bit < 256; ++bit)
        for (const int step : {-1, 0, 1}) {
            BignumPtr value(BN_new());
            BN_set_bit(value.get(), bit);
            if (step < 0) BN_sub_word(value.get(), 1);
            if (step > 0) BN_add_word(value.get(), 1);
            values.push_back(std::move(value));
        }
    for (BN_ULONG below = 1; below < 50; ++below) {
        BignumPtr value(BN_dup(n.get()));
        BN_sub_word(value.get(), below);
        values.push_back(std::move(value));
    }
    for (int i = 0; i < 2000; ++i) {
        BignumPtr value(BN_new());
        BN_rand_range(value.get(), n.get());
        values.push_back(std::move(value));
    }
    for (const auto& value : values) {
        const auto inverse = almost_inverse(value.get(), n.get());
        if (BN_is_zero(value.get()) || BN_cmp(value.get(), n.get()) >= 0) {
            EXPECT_FALSE(inverse);
            continue;
        }
        ASSERT_TRUE(inverse);
        const BignumPtr product(BN_new()), power(BN_new());
        BN_mod_mul(product.get(), value.get(), inverse->value.get(), n.get(), numbers.get());
        BN_mod_lshift(power.get(), BN_value_one(), inverse->k, n.get(), numbers.get());
        EXPECT_EQ(BN_cmp(product.get(), power.get()), 0);
        EXPECT_LE(inverse->k, 512);
    }
}

TEST(AlmostInverse, RefusesWhatHasNone) {
    const auto three_times = number("C000000000000000000000000000000000000000000000000000000000000003"); // 3·(2²⁵⁴ + 1)
    BignumPtr value(BN_new());
    BN_set_word(value.get(), 9);
    EXPECT_FALSE(almost_inverse(value.get(), three_times.get())) << "a common divisor";
    BN_set_word(value.get(), 5);
    const auto even = number("C000000000000000000000000000000000000000000000000000000000000002"), shorter = number("FFFFFFFB");
    EXPECT_FALSE(almost_inverse(value.get(), even.get()));
    EXPECT_FALSE(almost_inverse(value.get(), shorter.get()));
    BN_set_negative(value.get(), 1);
    EXPECT_FALSE(almost_inverse(value.get(), number(order).get()));
}

TEST(P256Check, AnswersAsEvpForDigestsOfOtherLengthsAndOfTheOrder) {
    Fixture f;
    for (const std::size_t size : {20u, 31u, 32u, 33u, 48u, 64u}) {
        auto digest = f.random_bytes(size);
        const auto good = sign(f.key.get(), digest);
        EXPECT_TRUE(f.verifies(digest, good)) << size;
        digest[size - 1] ^= 1;
        f.expect_same(digest, good, "the last bit, which counts up to 256");
    }
    for (const auto* hex : {"0", order.c_str(), "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632552",
                            "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"}) {
        Bytes digest(32);
        BN_bn2binpad(number(hex).get(), digest.data(), 32);
        const auto good = sign(f.key.get(), digest);
        EXPECT_TRUE(f.verifies(digest, good)) << hex;
        f.expect_same(digest, good, hex);
    }
}

TEST(P256Check, AnswersAsEvpForAnythingThatIsNoSignature) {
    Fixture f;
    const auto digest = f.random_bytes(32);
    auto good = sign(f.key.get(), digest);
    f.expect_same(digest, {}, "nothing");
    f.expect_same(digest, Bytes{0x30, 6, 2, 1, 0xff, 2, 1, 0xff}, "r and s below zero");
    f.expect_same(digest, Bytes{0x30, 6, 2, 1, 1, 2, 1, 0x80}, "s below zero");
    for (std::size_t size = 0; size < good.size(); ++size) f.expect_same(digest, ByteView(good).first(size), "cut off");
    auto longer = good;
    longer.push_back(0);
    f.expect_same(digest, longer, "a byte behind it");
    Bytes long_form{0x30, 0x81, good[1]};
    long_form.insert(long_form.end(), good.begin() + 2, good.end());
    f.expect_same(digest, long_form, "BER, not DER");
    EXPECT_FALSE(f.verifies(digest, long_form));
    for (int i = 0; i < 3000; ++i) {
        auto bad = good;
        for (unsigned changes = 1 + f.dice() % 4; changes > 0; --changes) switch (f.dice() % 4) {
            case 0: bad[f.dice() % bad.size()] = static_cast<std::uint8_t>(f.dice()); break;
            case 1: bad.insert(bad.begin() + static_cast<std::ptrdiff_t>(f.dice() % bad.size()), static_cast<std::uint8_t>(f.dice())); break;
            case 2: bad.erase(bad.begin() + static_cast<std::ptrdiff_t>(f.dice() % bad.size())); break;
            default: std::swap(bad[f.dice() % bad.size()], bad[f.dice() % bad.size()]);
            }
        f.expect_same(digest, bad, "noise");
    }
}

TEST(P256Check, OneWrongSignatureAmongManySpoilsNoOther) {
    Fixture f;
    std::vector<Bytes> digests, signatures;
    std::vector<bool> expected;
    for (std::size_t i = 0; i < 40; ++i) {
        digests.push_back(f.random_bytes(32));
        const auto kind = f.dice() % 4; // good, foreign, s = 0, unreadable
        signatures.push_back(sign(kind == 1 ? f.other.get() : f.key.get(), digests.back()));
        if (kind == 2) signatures.back() = der_of(number("5").get(), number("0").get());
        if (kind == 3) signatures.back() = f.random_bytes(70);
        expected.push_back(kind == 0);
    }
    std::vector<P256Check::Claim> claims;
    for (std::size_t i = 0; i < digests.size(); ++i) claims.push_back({digests[i], signatures[i]});
    EXPECT_EQ(f.quick->verify(claims), expected);
    EXPECT_TRUE(f.quick->verify({}).empty());
}

TEST(P256Check, LeavesOtherCurvesAndKindsToEvp) {
    for (const auto* kind : {"p384", "p521", "rsa2048"}) EXPECT_FALSE(P256Check::for_key(make_key(kind).get())) << kind;
}

struct KeyCase {
    const char* key;
    Mechanism mechanism;
};
class SignatureChecks : public testing::TestWithParam<KeyCase> {};

TEST_P(SignatureChecks, GiveTheSameAnswersBeforeWhileAndAfterTheyExpectMany) {
    const auto [kind, mechanism] = GetParam();
    const auto key = make_key(kind);
    const auto certificate = read_certificate(test::DemoCa::create().certify(key.get()));
    ASSERT_TRUE(certificate);
    auto check = SignatureCheck::for_certificate(**certificate, mechanism);
    ASSERT_TRUE(check);
    std::vector<Digest> digests;
    std::vector<Bytes> signatures;
    for (int i = 0; i < 20; ++i) {
        digests.push_back(hash_of(mechanism.hash, bytes_of("letter " + std::to_string(i))));
        signatures.push_back(sign(key.get(), digests.back().value()));
    }
    signatures[3][signatures[3].size() - 1] ^= 1;
    digests[7] = hash_of(mechanism.hash == HashFunction::sha256 ? HashFunction::sha384 : HashFunction::sha256, bytes_of("letter 7"));
    std::vector<SignatureCheck::Claim> claims;
    std::vector<bool> expected(20, true);
    expected[3] = expected[7] = false;
    for (std::size_t i = 0; i < digests.size(); ++i) claims.push_back({digests[i], signatures[i]});
    EXPECT_EQ(check->verify(claims), expected);
    std::thread beside([&] { check->expect_many(); });
    for (int i = 0; i < 30; ++i) EXPECT_EQ(check->verify(claims), expected);
    beside.join();
    check->expect_many();
    EXPECT_EQ(check->verify(claims), expected);
}

INSTANTIATE_TEST_SUITE_P(Keys, SignatureChecks,
                         testing::Values(KeyCase{"p256", {KeyKind::ec, HashFunction::sha256, Padding::none}},
                                         KeyCase{"p256", {KeyKind::ec, HashFunction::sha512, Padding::none}},
                                         KeyCase{"p384", {KeyKind::ec, HashFunction::sha384, Padding::none}},
                                         KeyCase{"p521", {KeyKind::ec, HashFunction::sha512, Padding::none}}),
                         [](const testing::TestParamInfo<KeyCase>& one) {
                             return std::string(one.param.key) + "Sha" + std::to_string(size_of(one.param.mechanism.hash) * 8);
                         });

} // namespace
} // namespace jk::x509
