// P256Check: verifies many ECDSA signatures of one P-256 key in less than half the time that EVP_PKEY_verify takes for each.
// Every answer is the one that EVP gives; tests/unit/x509_test.cpp compares them. Why it exists: docs/adr/0015.
#pragma once
#include "jurukunci/bytes.hpp"
#include "x509/openssl_ptr.hpp"

#include <memory>
#include <span>
#include <vector>

namespace jk::x509 {

class P256Check {
public:
    /// Multiplies the key in advance: tens of milliseconds and 150 KiB. Null where the key is on another curve, or where OpenSSL cannot.
    static std::unique_ptr<P256Check> for_key(EVP_PKEY* key);
    ~P256Check();
    P256Check(const P256Check&) = delete;
    P256Check& operator=(const P256Check&) = delete;

    struct Claim {
        ByteView digest;
        ByteView signature; ///< DER
    };
    /// One answer for each claim; a wrong one does not touch its neighbours. Many at once are cheaper than many in turn. One thread at a time.
    std::vector<bool> verify(std::span<const Claim> claims) const;

private:
    struct Curves;
    explicit P256Check(std::unique_ptr<Curves> curves);
    std::unique_ptr<Curves> m_curves;
};

} // namespace jk::x509
