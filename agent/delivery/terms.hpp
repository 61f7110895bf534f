// DeliveryTerms: where reports and signed documents go, from delivery.yaml in the configuration folder. Root's word; absent: nowhere.
#pragma once
#include "jurukunci/outcome.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace jk::delivery {

enum class StoreKind { webdav, s3 };

struct Endpoint {
    std::string host, port, path; ///< https only; the path without a query
    std::string ca;               ///< PEM
};

struct Archive {
    StoreKind kind = StoreKind::webdav;
    Endpoint endpoint;                          ///< path: the folder, or the bucket
    std::string region, access_key, secret_key; ///< S3
};

struct Checkpoints {
    Endpoint endpoint;
    std::chrono::minutes every{60}; ///< of use; besides at the change of the day and at the agent's end
};

struct DeliveryTerms {
    std::optional<Endpoint> registration_authority;
    std::optional<Checkpoints> checkpoints; ///< heads of the log, for the RA
    std::optional<Archive> archive;
};

/// Strict, like the profile. `read_file` gives the files that it names, judged by owner and mode.
Outcome<DeliveryTerms> read_delivery_terms(std::string_view yaml, const std::function<Outcome<std::string>(const std::string&)>& read_file);

} // namespace jk::delivery
