// A token's raw ECDSA signature, which becomes DER; and its verification with a table, which must say what EVP says.
#include "tests/fuzz/fuzz.hpp"
#include "tests/support/rfc6979.hpp"
#include "x509/p256_check.hpp"
#include "x509/signature_check.hpp"

using namespace jk;

namespace {

void compare(ByteView signature) {
    static const auto key = test::rfc6979_key();
    static const auto quick = x509::P256Check::for_key(key.get());
    static const auto digest = test::rfc6979_digest();
    static const x509::EvpPkeyCtxPtr reference(EVP_PKEY_CTX_new(key.get(), nullptr));
    static const bool ready = quick != nullptr && EVP_PKEY_verify_init(reference.get()) == 1;
    fuzz::require(ready, "the key has a table");
    const x509::P256Check::Claim claim{digest.value(), signature};
    const bool said = quick->verify({&claim, 1}).at(0);
    const bool good = EVP_PKEY_verify(reference.get(), signature.data(), signature.size(), digest.value().data(), digest.value().size()) == 1;
    (void)x509::openssl_fault();
    fuzz::require(said == good, "the table says what EVP says");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    compare({data, size});
    const auto der = x509::ecdsa_to_der({data, size});
    fuzz::require(der.has_value() == (size > 0 && size % 2 == 0 && size <= 132), "every pair of equal halves has a form, nothing else");
    if (!der) return 0;
    compare(*der);
    const unsigned char* at = der->data();
    const x509::EcdsaSigPtr read(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der->size())));
    fuzz::require(read != nullptr && at == der->data() + der->size(), "OpenSSL reads it back whole");
    const auto half = static_cast<int>(size / 2);
    const x509::BignumPtr r(BN_bin2bn(data, half, nullptr)), s(BN_bin2bn(data + half, half, nullptr));
    fuzz::require(BN_cmp(ECDSA_SIG_get0_r(read.get()), r.get()) == 0 && BN_cmp(ECDSA_SIG_get0_s(read.get()), s.get()) == 0, "with the same numbers");
    return 0;
}
