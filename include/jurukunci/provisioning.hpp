// What is asked when a token is prepared for a person: the case that stands behind it, and the step. docs/protocol/provisioning.md.
#pragma once
#include "jurukunci/administration.hpp"
#include "jurukunci/requests.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace jk {

/// A distinguished name by its fields: "commonName", "organization", …, in the order in which they are written.
using SubjectFields = std::vector<std::pair<std::string, std::string>>;

/// The part of a registration case that decides about a token. Values as the registration authority gave them.
struct RegistrationCase {
    std::string id;
    std::string state; ///< "disetujui" and later ones permit a key
    std::string holder_name, holder_unit;
    std::string holder_number; ///< NIP; compared, never logged
    bool holder_present = false, by_proxy = false;
    std::string agreement_version, agreement_sha256, agreement_accepted_at;
    SubjectFields subject;
};

/// Why and before whom a token's contents are destroyed.
struct Destruction {
    std::string reason;  ///< one of destruction_reasons()
    std::string minutes; ///< number of the berita acara
    std::vector<std::string> witnesses;
    std::string officer;
};
const std::vector<std::string>& destruction_reasons();

enum class ProvisioningKind { token_init, pin_set, pin_unblock, key_generate, csr, cert_import, cert_delete, destroy };
std::string_view name_of(ProvisioningKind kind); ///< as in "jurukunci token KIND", with a hyphen for the blank
std::optional<ProvisioningKind> provisioning_kind(std::string_view name);

struct ProvisioningRequest {
    CallerIdentity caller;
    ProvisioningKind kind = ProvisioningKind::token_init;
    std::string serial; ///< empty: the only token there is
    std::string label;
    KeyChoice key = KeyChoice::p256;
    KeyPurpose purpose = KeyPurpose::signature;
    Bytes key_id;                                ///< of the key that is meant; empty: the only one without a certificate
    CertificateRef certificate;                  ///< to import
    std::optional<CertificateId> certificate_id; ///< to delete
    std::optional<RegistrationCase> registration;
    std::optional<Destruction> destruction;
    bool with_so_pin = true;
};

std::string_view name_of(KeyChoice key); ///< "rsa2048", …, "ed25519"
std::optional<KeyChoice> key_choice(std::string_view name);
std::string_view name_of(KeyPurpose purpose); ///< "signature", "encryption"

/// What a token is ready for, by what it shows itself.
enum class TokenReadiness { blank, without_pin, without_key, key_without_certificate, certificate_without_key, complete, locked };
TokenReadiness readiness_of(const TokenContents& contents);
std::string_view name_of(TokenReadiness readiness);
/// The command that comes next: "token init", "token pin set", …; empty where nothing is missing.
std::string_view next_step(TokenReadiness readiness);

/// The keys that no certificate on the token names by its CKA_ID.
std::vector<const PublicKeyOnToken*> keys_without_certificate(const TokenContents& contents);

} // namespace jk
