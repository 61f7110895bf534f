#include "agent/config/configuration.hpp"

#include "agent/config/known_modules.hpp"
#include "agent/policy/narrow.hpp"
#include "agent/policy/read_profile.hpp"
#include "jurukunci/config_fault.hpp"
#include "x509/read_certificate.hpp"

#include <cstdlib>
#include <set>

namespace jk::config {
namespace {

namespace fs = std::filesystem;

const fs::path installed = "/etc/jurukunci";

Outcome<std::vector<CertificateRef>> pinned_certificates(const fs::path& folder, Owner owner) {
    std::vector<CertificateRef> all;
    const auto files = list_trusted(folder / "ra", ".pem", owner);
    if (!files) return files.error();
    for (const auto& file : *files) {
        const auto pem = read_trusted(file, owner);
        if (!pem) return pem.error();
        auto certificates = x509::read_pem(*pem);
        if (!certificates) return certificates.error();
        for (auto& certificate : *certificates) all.push_back(std::move(certificate));
    }
    return all;
}

/// Of modules.d: file and what it says.
using ModuleFiles = std::vector<std::pair<std::string, Outcome<std::string>>>;

Outcome<ModuleFiles> module_files(const fs::path& folder, Owner owner, const std::optional<BundleInUse>& bundle) {
    ModuleFiles all;
    if (bundle) {
        for (const auto& [name, text] : bundle->bundle.files)
            if (name.starts_with("modules.d/") && name.ends_with(".yaml")) all.emplace_back(name, text);
        return all;
    }
    const auto files = list_trusted(folder / "modules.d", ".yaml", owner);
    if (!files) return files.error();
    for (const auto& file : *files) all.emplace_back(file.string(), read_trusted(file, owner));
    return all;
}

void read_modules(Configuration& configuration, const ModuleFiles& files, Owner owner) {
    std::set<std::string> names;
    for (const auto& [file, yaml] : files) {
        auto module = yaml ? read_module(*yaml, file, owner) : Outcome<pkcs11::ModuleConfig>(yaml.error());
        if (module && names.insert(module->name).second)
            configuration.modules.push_back(std::move(*module));
        else if (module)
            configuration.refused_modules.push_back(file_fault(file, "nama `" + module->name + "` sudah dipakai penggerak lain",
                                                               "the name `" + module->name + "` is another module's already"));
        else
            configuration.refused_modules.push_back(module.error());
    }
}

/// $XDG_CONFIG_HOME/jurukunci/narrow.yaml: the user's own, so it can only take away.
Outcome<void> narrow_by_user(policy::Profile& profile) {
    const char* config = std::getenv("XDG_CONFIG_HOME");
    const char* home = std::getenv("HOME");
    const bool named = config != nullptr && config[0] == '/';
    if (!named && (home == nullptr || home[0] != '/')) return done();
    const auto file = (named ? fs::path(config) : fs::path(home) / ".config") / "jurukunci/narrow.yaml";
    std::error_code ec;
    if (!fs::exists(file, ec)) return done();
    const auto yaml = read_trusted(file, Owner::root_or_self);
    if (!yaml) return yaml.error();
    return policy::narrow(profile, *yaml);
}

} // namespace

fs::path system_folder() {
    const char* other = std::getenv("JURUKUNCI_SYSCONFDIR");
    std::error_code ec;
    if (other == nullptr || other[0] != '/' || fs::exists(installed / "profile.yaml", ec) || fs::exists(installed / "bundle.cms", ec))
        return installed;
    return other;
}

Outcome<std::vector<CertificateRef>> pinned_by(const fs::path& folder) {
    return pinned_certificates(folder, folder == installed ? Owner::root : Owner::root_or_self);
}

Outcome<Configuration> read(const fs::path& folder, const fs::path& kept_bundle) {
    const Owner owner = folder == installed ? Owner::root : Owner::root_or_self;
    Configuration configuration;
    configuration.folder = folder;
    auto pinned = pinned_certificates(folder, owner);
    if (!pinned) return pinned.error();
    configuration.ra_certificates = std::move(*pinned);
    auto bundle = bundle_in_use(folder, owner, configuration.ra_certificates, kept_bundle, SystemClock().now());
    if (!bundle) return bundle.error();
    configuration.bundle = std::move(*bundle);

    const auto on_disk = [&](const std::string& name) -> Outcome<std::string> {
        const fs::path path(name);
        for (const auto& part : path)
            if (part == ".." || path.is_absolute())
                return file_fault(name, "harus berada di bawah folder profil", "must be a name below the profile's folder");
        return read_trusted(folder / path, owner);
    };
    const auto named_file = [&](const std::string& name) -> Outcome<std::string> {
        if (!configuration.bundle) return on_disk(name);
        const auto& bundled = configuration.bundle->bundle.files;
        const auto found = bundled.find(name);
        if (found == bundled.end()) return file_fault(name, "tidak ada dalam paket profil", "is not in the bundle");
        return found->second;
    };
    const auto text = named_file("profile.yaml");
    if (!text) return text.error();
    auto profile = policy::read_profile(*text, named_file);
    if (!profile) return std::move(profile).error();
    configuration.profile = std::move(*profile);
    // In service only what the RA signed decides. For practice, files that root owns are enough (ADR 26).
    if (!configuration.bundle && configuration.profile.environment == policy::Environment::produksi) {
        const std::string why = "is missing; environment produksi needs a bundle that the RA signed";
        return Error{Errc::profile_changed, why}.with("file", "bundle.cms").with("reason", why);
    }
    if (auto ok = narrow_by_user(configuration.profile); !ok) return ok.error();

    // Where to deliver, and with which device certificate, is each computer's own.
    std::error_code ec;
    if (fs::exists(folder / "retention.yaml", ec)) {
        const auto yaml = read_trusted(folder / "retention.yaml", owner);
        if (!yaml) return yaml.error();
        auto retention = read_retention(*yaml);
        if (!retention) return retention.error();
        configuration.retention = std::move(*retention);
    }
    if (fs::exists(folder / "delivery.yaml", ec)) {
        const auto yaml = read_trusted(folder / "delivery.yaml", owner);
        if (!yaml) return yaml.error();
        auto terms = delivery::read_delivery_terms(*yaml, on_disk);
        if (!terms) return terms.error();
        configuration.delivery = std::move(*terms);
    }

    const auto files = module_files(folder, owner, configuration.bundle);
    if (!files) return files.error();
    read_modules(configuration, *files, owner);
    // Who has written down one module has decided; nothing is added to the list. In a test's folder nothing is found by itself.
    if (files->empty() && owner == Owner::root) configuration.modules = installed_modules(known_modules(), owner, configuration.refused_modules);
    return configuration;
}

} // namespace jk::config
