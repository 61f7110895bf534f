#include "jurukunci/provisioning.hpp"

#include <algorithm>
#include <array>

namespace jk {
namespace {

constexpr std::array<std::string_view, 8> kinds{"init", "pin-set", "pin-unblock", "key-generate", "csr", "cert-import", "cert-delete", "destroy"};
constexpr std::array<std::string_view, 7> keys{"rsa2048", "rsa3072", "rsa4096", "p256", "p384", "p521", "ed25519"};

template <class Enum, std::size_t Count> std::optional<Enum> named(const std::array<std::string_view, Count>& names, std::string_view name) {
    const auto place = std::ranges::find(names, name);
    if (place == names.end()) return std::nullopt;
    return static_cast<Enum>(place - names.begin());
}

} // namespace

const std::vector<std::string>& destruction_reasons() {
    static const std::vector<std::string> all{"masa_berlaku_habis", "mutasi",   "pensiun",      "berhenti",  "meninggal", "rusak",
                                              "hilang_ditemukan",   "kompromi", "salah_terbit", "stok_baru", "uji"};
    return all;
}

std::string_view name_of(ProvisioningKind kind) { return kinds[static_cast<std::size_t>(kind)]; }
std::optional<ProvisioningKind> provisioning_kind(std::string_view name) { return named<ProvisioningKind>(kinds, name); }
std::string_view name_of(KeyChoice key) { return keys[static_cast<std::size_t>(key)]; }
std::optional<KeyChoice> key_choice(std::string_view name) { return named<KeyChoice>(keys, name); }
std::string_view name_of(KeyPurpose purpose) { return purpose == KeyPurpose::signature ? "signature" : "encryption"; }

std::vector<const PublicKeyOnToken*> keys_without_certificate(const TokenContents& contents) {
    std::vector<const PublicKeyOnToken*> all;
    for (const auto& key : contents.keys) {
        const auto names_it = [&](const CertificateOnToken& certificate) { return certificate.id == key.id; };
        if (std::ranges::none_of(contents.certificates, names_it)) all.push_back(&key);
    }
    return all;
}

TokenReadiness readiness_of(const TokenContents& contents) {
    if (!contents.initialised) return TokenReadiness::blank;
    if (contents.pin_state == PinState::locked) return TokenReadiness::locked;
    if (contents.pin_state == PinState::not_set) return TokenReadiness::without_pin;
    if (!keys_without_certificate(contents).empty()) return TokenReadiness::key_without_certificate;
    const auto orphan = [&](const CertificateOnToken& certificate) {
        const auto is_its = [&](const PublicKeyOnToken& key) { return key.id == certificate.id; };
        return certificate.certificate && !certificate.certificate->is_ca && std::ranges::none_of(contents.keys, is_its);
    };
    if (std::ranges::any_of(contents.certificates, orphan)) return TokenReadiness::certificate_without_key;
    return contents.certificates.empty() ? TokenReadiness::without_key : TokenReadiness::complete;
}

std::string_view name_of(TokenReadiness readiness) {
    switch (readiness) {
    case TokenReadiness::blank: return "blank";
    case TokenReadiness::without_pin: return "without-pin";
    case TokenReadiness::without_key: return "without-key";
    case TokenReadiness::key_without_certificate: return "key-without-certificate";
    case TokenReadiness::certificate_without_key: return "certificate-without-key";
    case TokenReadiness::complete: return "complete";
    case TokenReadiness::locked: return "locked";
    }
    return "?";
}

std::string_view next_step(TokenReadiness readiness) {
    switch (readiness) {
    case TokenReadiness::blank: return "token init";
    case TokenReadiness::without_pin: return "token pin set";
    case TokenReadiness::without_key: return "token key generate";
    case TokenReadiness::key_without_certificate: return "token csr, token cert import";
    case TokenReadiness::certificate_without_key: return "token cert delete";
    case TokenReadiness::complete: return "";
    case TokenReadiness::locked: return "token pin unblock";
    }
    return "";
}

} // namespace jk
