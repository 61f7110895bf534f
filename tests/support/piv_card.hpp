// PivCard: a PIV card (NIST SP 800-73-4, part 2) in software, as far as stock OpenSC asks it: data objects, VERIFY, GENERAL AUTHENTICATE.
// Key 9A signs after one PIN, key 9C wants the PIN before each signature, and the PIN locks after three wrong ones.
#pragma once
#include "jurukunci/bytes.hpp"
#include "tests/support/demo_ca.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>

namespace jk::test {

struct PivWish {
    std::string sign_key = "rsa2048"; ///< of 9C: "rsa2048" or "p256"
    bool authentication = false;      ///< 9A too; without it the card is for signatures only, as many officials' are
    CertificateWish certificate;
};

/// Keys and certificates in a folder of their own, so that the program that plays the card can read them. Returns the certificate of 9C.
CertificateRef make_piv_card(const std::filesystem::path& folder, const DemoCa& ca, const PivWish& wish = {});
inline constexpr const char* piv_pin = "123456";

class PivCard {
public:
    explicit PivCard(const std::filesystem::path& folder);
    /// One command APDU, one response. Nothing when the card is pulled out of the reader in this very command.
    std::optional<Bytes> answer(ByteView command);
    void reset();
    /// Pulled out when the n-th signature from now on is asked for.
    void leave_at_signature(int n) { m_leaves_in = n; }
    static Bytes answer_to_reset() { return {0x3b, 0x80, 0x80, 0x01, 0x01}; }

private:
    struct Key {
        x509::EvpPkeyPtr key;
        bool pin_always = false;
    };
    Bytes respond(Bytes data, std::size_t expected);
    Bytes verify(ByteView pin);
    std::optional<Bytes> sign(std::uint8_t reference, ByteView data, std::size_t expected);

    std::map<std::string, Bytes> m_objects; ///< by tag, in hexadecimal
    std::map<std::uint8_t, Key> m_keys;
    bool m_verified = false;
    int m_tries = 3, m_leaves_in = 0;
    Bytes m_chained, m_rest;
};

} // namespace jk::test
