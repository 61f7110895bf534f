// What a door asks of the gate, once the caller is known and the request understood.
#pragma once
#include "jurukunci/certificate.hpp"
#include "jurukunci/clock.hpp"
#include "jurukunci/digest.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace jk {

enum class Door { http, control, pkcs11 };

/// What the application's server ordered, when its signature over it was good. docs/protocol/http.md, "Orders".
struct Order {
    std::string issuer; ///< origin
    std::string user;   ///< as the server knows them; shown to the person
    std::string nonce;
    WallTime issued{}, expires{};
    std::string purpose, task_kind;
    std::vector<std::string> documents; ///< hexadecimal, in the order of the items
    std::optional<CertificateId> certificate{};
};

/// Who asks, as the door established it: never what the caller claims about itself.
struct CallerIdentity {
    Door door = Door::http;
    std::string owner;       ///< whose documents and operations: the origin, or one connection of the control door
    std::string origin;      ///< exact registered origin; for local programs the path of the program
    std::string application; ///< registered name; shown in the consent
    std::string owner_unit;
    std::string citation;                ///< the decree or article that approves the application
    std::vector<std::string> link_hosts; ///< where a QR code of this caller may point
    bool needs_order = false;            ///< the registry holds a key of the application's server
};

struct DocumentId {
    std::string value;
    friend auto operator<=>(const DocumentId&, const DocumentId&) = default;
};

/// `authentication` is a login: no document, only a challenge.
enum class Format { pades, cades, raw, authentication };
std::string_view name_of(Format format);

/// Where a visible signature goes: points from the lower left corner of the page as it is shown, or an existing field.
struct Appearance {
    std::string field; ///< name of an empty signature field; then page and box are the field's
    int page = 1;      ///< from 1; -1 is the last
    double x = 0, y = 0, width = 0, height = 0;
    std::string link; ///< becomes a QR code; empty: none
};

/// The server's nonce of a login, as the text it came as. What is signed for it also covers the caller's origin.
struct Challenge {
    std::string nonce;
};

struct SignItem {
    std::string name;
    std::variant<DocumentId, Digest, Challenge> content; ///< a digest with Format::raw only, a challenge with Format::authentication
    std::optional<Appearance> appearance;
};

enum class OnItemFailure { carry_on, stop };

struct SignRequest {
    CallerIdentity caller;
    std::string request_id;
    Format format = Format::pades;
    std::string level; ///< "PAdES_BASELINE_B", "CAdES_BASELINE_B", or empty for RAW
    std::string purpose, task_kind;
    std::optional<CertificateId> certificate;
    std::optional<Mechanism> mechanism;
    OnItemFailure on_item_failure = OnItemFailure::carry_on;
    std::optional<Order> order;
    std::vector<SignItem> items;
};

} // namespace jk
