// TokenAdministration: what changes a token instead of using it: making it ready for a person, generating a key on it, its certificate, its
// PINs, its end. Implemented by pkcs11/worker; lives on the event loop. Every step needs an AdministrationGrant, which only the gate can make.
#pragma once
#include "jurukunci/async.hpp"
#include "jurukunci/certificate.hpp"
#include "jurukunci/grant.hpp"
#include "jurukunci/signature.hpp"
#include "jurukunci/token.hpp"
#include "jurukunci/unique_fd.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace jk {

namespace gate {
class Provisioning;
}

/// A secret that a person types for a step. Each has a channel of its own and never meets another on its way.
enum class SecretRole : std::uint8_t { so_pin, new_so_pin, pin, new_pin };
std::string_view name_of(SecretRole role); ///< "so-pin", "new-so-pin", "pin", "new-pin"
/// The officer's, not the holder's.
inline bool is_so(SecretRole role) { return role == SecretRole::so_pin || role == SecretRole::new_so_pin; }
/// Typed twice, and judged before the token sees it.
inline bool is_new(SecretRole role) { return role == SecretRole::new_so_pin || role == SecretRole::new_pin; }

enum class KeyChoice : std::uint8_t { rsa2048, rsa3072, rsa4096, p256, p384, p521, ed25519 };
enum class KeyPurpose : std::uint8_t { signature, encryption };

namespace step {

struct InitialiseToken {
    std::string label;
    bool blank = false; ///< the token was never initialised: it has no SO-PIN yet
};
/// What a new PIN must not hold: names, numbers, offices of the holder, as they were given.
struct NewPin {
    std::vector<std::string> about_holder;
};
struct SetFirstPin : NewPin {}; ///< the SO-PIN opens, the holder types
struct ChangePin : NewPin {};
struct UnblockPin : NewPin {};
struct GenerateKey {
    KeyChoice key = KeyChoice::p256;
    KeyPurpose purpose = KeyPurpose::signature;
    std::string label;
};
/// One digest, once, by the key with this public half: a certificate that could name it does not exist yet.
struct SignRequestInfo {
    Bytes public_key; ///< SubjectPublicKeyInfo, DER
    Mechanism mechanism;
    Digest digest;
    Bytes info; ///< CertificationRequestInfo, DER: what the digest is of, for a token that hashes by itself
};
struct ImportCertificate {
    CertificateRef certificate;
    std::string label;
};
struct DeleteCertificate {
    CertificateId certificate;
};
struct DestroyContents {
    bool with_so_pin = true; ///< false: object by object with the holder's PIN, where nobody knows the SO-PIN
};

} // namespace step

using AdministrationStep = std::variant<step::InitialiseToken, step::SetFirstPin, step::ChangePin, step::UnblockPin, step::GenerateKey,
                                        step::SignRequestInfo, step::ImportCertificate, step::DeleteCertificate, step::DestroyContents>;

std::string_view name_of(const AdministrationStep& step); ///< "token-init", "key-generate", …
/// What has to be typed for it, in the order of the channels.
std::vector<SecretRole> secrets_of(const AdministrationStep& step);

/// Proof that policy, the person and the log said yes to exactly this step on exactly this token.
class AdministrationGrant {
public:
    AdministrationGrant(AdministrationGrant&&) noexcept = default;
    AdministrationGrant& operator=(AdministrationGrant&&) noexcept = default;
    AdministrationGrant(const AdministrationGrant&) = delete;
    AdministrationGrant& operator=(const AdministrationGrant&) = delete;

    const TokenId& token() const { return m_token; }
    const AdministrationStep& step() const { return m_step; }
    PinTicket secrets() const { return m_secrets; }
    AuditRow row() const { return m_row; }

private:
    friend class gate::Provisioning;
    AdministrationGrant(TokenId token, AdministrationStep step, PinTicket secrets, AuditRow row)
        : m_token(std::move(token)), m_step(std::move(step)), m_secrets(secrets), m_row(row) {}
    TokenId m_token;
    AdministrationStep m_step;
    PinTicket m_secrets;
    AuditRow m_row;
};

struct PublicKeyOnToken {
    Bytes id; ///< CKA_ID
    std::string label;
    Bytes public_key; ///< SubjectPublicKeyInfo, DER; empty where it is of a kind that we do not know
};

struct CertificateOnToken {
    Bytes id;
    std::string label;
    CertificateRef certificate; ///< null where the bytes are none
};

/// What a token shows to anybody, without a login.
struct TokenContents {
    TokenId id; ///< an uninitialised token may have no serial
    std::string label, manufacturer, model;
    bool initialised = false;
    PinState pin_state = PinState::not_set;
    bool pin_to_be_changed = false; ///< also where something worse hides it in `pin_state`
    bool so_pin_locked = false, pin_pad = false;
    std::uint32_t least_pin = 0, most_pin = 0; ///< bytes
    std::vector<PublicKeyOnToken> keys;
    std::vector<CertificateOnToken> certificates;
    std::uint32_t other_objects = 0;

    bool empty() const { return keys.empty() && certificates.empty() && other_objects == 0; }
};

/// What a step gave back; fields that do not belong to it are empty.
struct AdministrationResult {
    TokenId token;         ///< a token gets its serial when it is initialised
    Bytes public_key, key; ///< of a new key: SubjectPublicKeyInfo and CKA_ID
    KeyCustody custody;
    Bytes signature;
    std::uint32_t removed = 0; ///< objects
};

class TokenAdministration {
public:
    virtual ~TokenAdministration() = default;
    /// Every present token, also those without a label, a PIN or a serial.
    virtual Task<Outcome<std::vector<TokenContents>>> contents() = 0;
    /// Hands the reading ends of the secrets' channels to the process that will use them; the agent keeps none.
    virtual Task<Outcome<PinTicket>> expect_secrets(const TokenId& token, std::vector<UniqueFd> readers) = 0;
    /// The consent came to nothing: what was typed is wiped unread.
    virtual void forget_secrets(const TokenId& token, PinTicket ticket) = 0;
    /// Carries out one step. After an error nobody knows how far it came but the token: read contents() again.
    virtual Task<Outcome<AdministrationResult>> carry_out(AdministrationGrant grant) = 0;
};

} // namespace jk
