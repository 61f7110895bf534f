// KeptBundle: a copy of the last good bundle that root installed on this computer, in the user's state folder. A program of the user can write there, and
// the RA signs bundles for other computers, too: so the device key says of this copy that it was installed here, and how new it was.
#pragma once
#include "agent/store/device_key.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace jk::config {

struct KeptBundle {
    Bytes signed_message;
    std::string environment;
    std::uint32_t version = 0; ///< counts also after the bundle has expired: nothing older is taken
};

/// The file's text, and the signature in it, which nobody has verified yet. Strict; for read_kept_bundle and its fuzz target.
struct KeptText {
    KeptBundle bundle;
    Bytes signature;
};
std::optional<KeptText> read_kept_text(std::string_view text);

/// $XDG_STATE_HOME/jurukunci/bundle.kept. The device key stands below it, in the environment's folder.
std::filesystem::path kept_bundle_file();

/// On the disk before this returns. Only for a bundle that was read from root's folder.
Outcome<void> keep_bundle(const std::filesystem::path& file, const KeptBundle& bundle, const store::DeviceKey& key);
/// Nothing where there is none, or none that this computer's device key vouches for. Of the RA's signature it says nothing.
std::optional<KeptBundle> read_kept_bundle(const std::filesystem::path& file);

} // namespace jk::config
