#include "agent/config/bundle_in_use.hpp"

#include "agent/config/kept_bundle.hpp"
#include "agent/policy/profile.hpp"
#include "x509/signed_message.hpp"

#include <charconv>
#include <yaml-cpp/yaml.h>

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

/// "" where that cannot be read.
std::string environment_in(const std::string& profile) {
    try {
        const auto node = YAML::Load(profile)["environment"];
        return node.IsScalar() ? node.Scalar() : std::string();
    } catch (const YAML::Exception&) {
        return {};
    }
}

std::string environment_of(const Bundle& bundle) {
    const auto profile = bundle.files.find("profile.yaml");
    return profile == bundle.files.end() ? std::string() : environment_in(profile->second);
}

/// What root's own files are for, whatever else is wrong with them: an expired bundle, else the plain profile. "" where nothing says it.
std::string environment_of_root(const std::string& installed, const fs::path& folder, Owner owner, const std::vector<CertificateRef>& ra) {
    if (const auto message = x509::read_signed_message(bytes_of(installed), ra, max_bundle))
        if (const auto bundle = read_bundle_content(text_of(message->content))) return environment_of(*bundle);
    std::error_code ec;
    if (!fs::exists(folder / "profile.yaml", ec)) return {};
    const auto plain = read_trusted(folder / "profile.yaml", owner);
    return plain ? environment_in(*plain) : std::string();
}

} // namespace

Outcome<std::optional<BundleInUse>> bundle_in_use(const fs::path& folder, Owner owner, const std::vector<CertificateRef>& ra,
                                                  const fs::path& kept_file, WallTime now) {
    auto minimum = minimum_version(folder, owner);
    if (!minimum) return minimum.error();
    std::error_code ec;
    const auto path = folder / "bundle.cms";
    const bool installed = fs::exists(fs::symlink_status(path, ec));
    const auto text = installed ? read_trusted(path, owner) : Outcome<std::string>(changed("bundle.cms", "is missing"));
    const auto environment = environment_of_root(text ? *text : std::string(), folder, owner, ra);

    auto kept = read_kept_bundle(kept_file);
    if (kept && !environment.empty() && kept->environment != environment) kept.reset();
    // Where plain files are enough, root has put them in the bundle's place.
    if (!installed && (!kept || environment == policy::name_of(policy::Environment::uji))) return std::optional<BundleInUse>{};
    // Whoever has used a version never goes back behind it.
    if (kept) *minimum = std::max(*minimum, kept->version);
    Error fault = text ? Error{} : changed("bundle.cms", text.error().detail);
    if (text) {
        Bytes bytes(text->begin(), text->end());
        auto opened = open_bundle(bytes, ra, *minimum, now);
        if (opened) return std::optional<BundleInUse>(BundleInUse{std::move(*opened), std::move(bytes), false, std::nullopt});
        fault = opened.error();
    }
    if (!kept) return fault;
    auto last_good = open_bundle(kept->signed_message, ra, *minimum, now);
    if (!last_good || environment_of(*last_good) != kept->environment) return fault;
    return std::optional<BundleInUse>(BundleInUse{std::move(*last_good), std::move(kept->signed_message), true, std::move(fault)});
}

} // namespace jk::config
