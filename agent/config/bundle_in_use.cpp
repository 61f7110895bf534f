#include "agent/config/bundle_in_use.hpp"

#include <charconv>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jurukunci/unique_fd.hpp"

namespace jk::config {
namespace {

namespace fs = std::filesystem;

Error changed(const std::string& file, const std::string& why) {
    return Error{Errc::profile_changed, file + " " + why}.with("file", file).with("reason", why);
}

/// Written by root: nothing older is taken, on a computer that has never seen a newer one either.
Outcome<std::uint32_t> minimum_version(const fs::path& folder, Owner owner) {
    std::error_code ec;
    const auto path = folder / "bundle-minimum";
    if (!fs::exists(path, ec)) return 1u;
    const auto text = read_trusted(path, owner);
    if (!text) return text.error();
    std::uint32_t version = 0;
    const auto* end = text->data() + text->size();
    const auto [stop, fault] = std::from_chars(text->data(), end, version);
    const bool rest_blank = std::string_view(stop, static_cast<std::size_t>(end - stop)).find_first_not_of(" \n") == std::string_view::npos;
    if (fault != std::errc() || version < 1 || !rest_blank) return changed("bundle-minimum", "is no version");
    return version;
}

/// The user's own file, read with no more belief than its signature gives it.
Bytes content_of(const fs::path& path) {
    const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status {};
    if (!fd || fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= 0 || status.st_size > off_t(max_bundle)) return {};
    Bytes bytes(static_cast<std::size_t>(status.st_size));
    if (read(fd.get(), bytes.data(), bytes.size()) != status.st_size) return {};
    return bytes;
}

} // namespace

fs::path kept_bundle_file() {
    const char* state = std::getenv("XDG_STATE_HOME");
    const char* home = std::getenv("HOME");
    if (state != nullptr && state[0] == '/') return fs::path(state) / "jurukunci/bundle.kept";
    return home != nullptr && home[0] == '/' ? fs::path(home) / ".local/state/jurukunci/bundle.kept" : fs::path();
}

Outcome<std::optional<BundleInUse>> bundle_in_use(const fs::path& folder, Owner owner, const std::vector<CertificateRef>& ra, const fs::path& kept,
                                                  WallTime now) {
    auto minimum = minimum_version(folder, owner);
    if (!minimum) return minimum.error();
    std::error_code ec;
    const auto path = folder / "bundle.cms";
    const bool installed = fs::exists(fs::symlink_status(path, ec));
    auto kept_bytes = kept.empty() ? Bytes{} : content_of(kept);
    auto last_good = open_bundle(kept_bytes, ra, *minimum, now);
    if (!installed && !last_good) return std::optional<BundleInUse>{};

    // Whoever has seen a version never goes back behind it.
    if (last_good) *minimum = std::max(*minimum, last_good->version);
    const auto text = installed ? read_trusted(path, owner) : Outcome<std::string>(changed("bundle.cms", "is missing"));
    Error fault = text ? Error{} : changed("bundle.cms", text.error().detail);
    if (text) {
        Bytes bytes(text->begin(), text->end());
        auto opened = open_bundle(bytes, ra, *minimum, now);
        if (opened) return std::optional<BundleInUse>(BundleInUse{std::move(*opened), std::move(bytes), false, std::nullopt});
        fault = opened.error();
    }
    if (!last_good) return fault;
    return std::optional<BundleInUse>(BundleInUse{std::move(*last_good), std::move(kept_bytes), true, std::move(fault)});
}

} // namespace jk::config
