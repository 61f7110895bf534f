// What a door asks of the gate, once the caller is known and the request understood.
#pragma once
#include "jurukunci/certificate.hpp"
#include "jurukunci/digest.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace jk {

enum class Door { http, control };

/// Who asks, as the door established it: never what the caller claims about itself.
struct CallerIdentity {
    Door door = Door::http;
    std::string owner;       ///< whose documents and operations: the origin, or one connection of the control door
    std::string origin;      ///< exact registered origin; for the control door the program's path
    std::string application; ///< registered name; shown in the consent
    std::string owner_unit;
    std::string citation;                ///< the decree or article that approves the application
    std::vector<std::string> link_hosts; ///< where a QR code of this caller may point
};

struct DocumentId {
    std::string value;
    friend auto operator<=>(const DocumentId&, const DocumentId&) = default;
};

enum class Format { pades, cades, raw };
std::string_view name_of(Format format);

/// Where a visible signature goes: points from the lower left corner of the page as it is shown, or an existing field.
struct Appearance {
    std::string field; ///< name of an empty signature field; then page and box are the field's
    int page = 1;      ///< from 1; -1 is the last
    double x = 0, y = 0, width = 0, height = 0;
    std::string link; ///< becomes a QR code; empty: none
};

struct SignItem {
    std::string name;
    std::variant<DocumentId, Digest> content; ///< a digest only with Format::raw
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
    std::vector<SignItem> items;
};

} // namespace jk
