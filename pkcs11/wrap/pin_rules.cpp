#include "pkcs11/wrap/pin_rules.hpp"

#include <algorithm>
#include <iterator>

namespace jk::pkcs11 {
namespace {

struct FactoryPin {
    std::string_view value;
    bool of_so, of_user;
    std::string_view product, source;
};

/// Only what a manufacturer or a certification authority has published. Another product's factory value is no better a choice, so the table is
/// asked whatever the token calls itself.
constexpr FactoryPin factory_pins[] = {
    {"1234567890", true, true, "SafeNet eToken 5110", "SafeNet Authentication Client user's guide: all devices are shipped with it"},
    {"000000000000000000000000000000000000000000000000", true, false, "SafeNet eToken 5110+ FIPS", "DigiCert knowledge base SO300523214115"},
    {"123456", true, true, "YubiKey PIV, Nitrokey", "Yubico .NET SDK, PivKeyStatus.Default; nitrokey-rs, DEFAULT_USER_PIN"},
    {"12345678", true, true, "YubiKey PIV PUK, Nitrokey admin", "Yubico .NET SDK, PivKeyStatus.Default; nitrokey-rs, DEFAULT_ADMIN_PIN"},
    {"010203040506070801020304050607080102030405060708", true, false, "YubiKey PIV management key", "yubico-piv-tool(1), --key"},
};

bool same(const Secret& secret, std::string_view text) { return std::ranges::equal(secret.expose(), bytes_of(text)); }

/// 0000, 1234, 87654321: nobody publishes them any more, because everybody knows them.
bool one_step_sequence(ByteView bytes) {
    if (bytes.size() < 3) return false;
    const int step = bytes[1] - bytes[0];
    if (step < -1 || step > 1) return false;
    for (std::size_t i = 1; i < bytes.size(); ++i)
        if (bytes[i] - bytes[i - 1] != step) return false;
    return true;
}

} // namespace

Outcome<void> judge_new_secret(const Secret& secret, SecretRole role, const PinLength& length) {
    if (secret.empty()) return Errc::pin_empty;
    const auto most = length.most == 0 ? Secret::capacity : std::min<std::size_t>(length.most, Secret::capacity);
    if (secret.size() < length.least || secret.size() > most)
        return Error{Errc::pin_length}.with("least", std::to_string(length.least)).with("most", std::to_string(most));
    if (is_factory(secret, role)) return is_so(role) ? Errc::so_pin_factory : Errc::pin_factory;
    return done();
}

bool is_factory(const Secret& secret, SecretRole role) {
    const auto known = [&](const FactoryPin& pin) { return (is_so(role) ? pin.of_so : pin.of_user) && same(secret, pin.value); };
    return std::ranges::any_of(factory_pins, known) || one_step_sequence(secret.expose());
}

Outcome<void> judge_change(const Secret& old, const Secret& fresh) {
    if (std::ranges::equal(old.expose(), fresh.expose())) return Errc::pin_unchanged;
    return done();
}

} // namespace jk::pkcs11
