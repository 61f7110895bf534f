// Which bundle a machine uses: the installed one, or, where that was changed, has expired or is older than one that was seen, the last good one.
#pragma once
#include "agent/config/bundle.hpp"
#include "agent/config/kept_bundle.hpp"
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

/// Nothing where no bundle is installed and none was kept, or plain files of `uji` stand in its place. An error: there is one, and none can be used.
/// The kept one is used only where it was installed here once, is for the environment of root's files, and what is installed is not good.
Outcome<std::optional<BundleInUse>> bundle_in_use(const std::filesystem::path& folder, Owner owner, const std::vector<CertificateRef>& ra,
                                                  const std::filesystem::path& kept_file, WallTime now);

} // namespace jk::config
