// A token's raw ECDSA signature, which becomes DER.
#include "tests/fuzz/fuzz.hpp"
#include "x509/signature_check.hpp"

using namespace jk;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto der = x509::ecdsa_to_der({data, size});
    fuzz::require(der.has_value() == (size > 0 && size % 2 == 0 && size <= 132), "every pair of equal halves has a form, nothing else");
    if (!der) return 0;
    const unsigned char* at = der->data();
    const x509::EcdsaSigPtr read(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der->size())));
    fuzz::require(read != nullptr && at == der->data() + der->size(), "OpenSSL reads it back whole");
    const auto half = static_cast<int>(size / 2);
    const x509::BignumPtr r(BN_bin2bn(data, half, nullptr)), s(BN_bin2bn(data + half, half, nullptr));
    fuzz::require(BN_cmp(ECDSA_SIG_get0_r(read.get()), r.get()) == 0 && BN_cmp(ECDSA_SIG_get0_s(read.get()), s.get()) == 0, "with the same numbers");
    return 0;
}
