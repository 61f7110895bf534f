// Which bundle a machine uses: the installed one, or, where that was changed, has expired or is older than one that was seen, the last good one.
#pragma once
#include "agent/config/bundle.hpp"
#include "agent/config/trusted_file.hpp"

#include <filesystem>
#include <optional>

namespace jk::config {

struct BundleInUse {
    Bundle bundle;
    Bytes signed_message;         ///< as it came, to be kept
    bool kept = false;            ///< the last good one, because…
    std::optional<Error> refused; ///< …of what is wrong with the installed one
};

/// $XDG_STATE_HOME/jurukunci/bundle.kept: the user's file, so it is believed only by its signature.
std::filesystem::path kept_bundle_file();

/// Nothing where no bundle is installed and none was kept. An error: there is one, and none can be used.
Outcome<std::optional<BundleInUse>> bundle_in_use(const std::filesystem::path& folder, Owner owner, const std::vector<CertificateRef>& ra,
                                                  const std::filesystem::path& kept, WallTime now);

} // namespace jk::config
