// The table behind every error: code, sentences, remedies and statuses, generated from catalogue/errors.yaml.
#pragma once
#include "jurukunci/errc.hpp"

#include <span>
#include <string_view>

namespace jk {

/// What can be done about an error. `retry` is what the HTTP door calls retriable.
enum class Remedy { retry, change, stop };

struct CatalogueEntry {
    Errc errc;
    std::string_view code; ///< stable, E-…
    Remedy group;
    int http_status;
    int exit_code;
    std::string_view rule;                     ///< row of the regulation matrix, or empty
    std::string_view sentence_id, sentence_en; ///< with {words}
    std::string_view remedy_id, remedy_en;
};

std::span<const CatalogueEntry> catalogue();

/// The entry of `errc`. Every enumerator has one; a value outside the enumeration answers device_failed.
const CatalogueEntry& entry_of(Errc errc);

/// The enumerator for a wire code, or device_failed for one we do not know.
Errc errc_of_code(std::string_view code);

} // namespace jk
