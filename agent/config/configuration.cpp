#include "agent/config/configuration.hpp"

#include "agent/config/known_modules.hpp"
#include "agent/policy/read_profile.hpp"
#include "x509/read_certificate.hpp"

#include <cstdlib>
#include <set>

namespace jk::config {
namespace {

namespace fs = std::filesystem;

const fs::path installed = "/etc/jurukunci";

} // namespace

fs::path system_folder() {
    const char* other = std::getenv("JURUKUNCI_SYSCONFDIR");
    std::error_code ec;
    if (other == nullptr || other[0] != '/' || fs::exists(installed / "profile.yaml", ec)) return installed;
    return other;
}

Outcome<Configuration> read(const fs::path& folder) {
    const Owner owner = folder == installed ? Owner::root : Owner::root_or_self;
    Configuration configuration;
    configuration.folder = folder;
    const auto text = read_trusted(folder / "profile.yaml", owner);
    if (!text) return text.error();
    const auto named_file = [&](const std::string& name) -> Outcome<std::string> {
        const fs::path path(name);
        for (const auto& part : path)
            if (part == ".." || path.is_absolute()) return Error{Errc::config_refused, "must be a name below the profile's folder"};
        return read_trusted(folder / path, owner);
    };
    auto profile = policy::read_profile(*text, named_file);
    if (!profile) return std::move(profile).error();
    configuration.profile = std::move(*profile);

    const auto pinned = list_trusted(folder / "ra", ".pem", owner);
    if (!pinned) return pinned.error();
    for (const auto& file : *pinned) {
        const auto pem = read_trusted(file, owner);
        if (!pem) return pem.error();
        auto certificates = x509::read_pem(*pem);
        if (!certificates) return certificates.error();
        for (auto& certificate : *certificates) configuration.ra_certificates.push_back(std::move(certificate));
    }

    std::error_code ec;
    if (fs::exists(folder / "delivery.yaml", ec)) {
        const auto yaml = read_trusted(folder / "delivery.yaml", owner);
        if (!yaml) return yaml.error();
        auto terms = delivery::read_delivery_terms(*yaml, named_file);
        if (!terms) return terms.error();
        configuration.delivery = std::move(*terms);
    }

    const auto files = list_trusted(folder / "modules.d", ".yaml", owner);
    if (!files) return files.error();
    std::set<std::string> names;
    for (const auto& file : *files) {
        const auto yaml = read_trusted(file, owner);
        auto module = yaml ? read_module(*yaml, file.string(), owner) : Outcome<pkcs11::ModuleConfig>(yaml.error());
        if (module && names.insert(module->name).second)
            configuration.modules.push_back(std::move(*module));
        else if (module)
            configuration.refused_modules.push_back(Error{Errc::config_refused, file.string()}
                                                        .with("file", file.string())
                                                        .with("reason", "the name `" + module->name + "` is another module's already"));
        else
            configuration.refused_modules.push_back(module.error());
    }
    // Who has written down one module has decided; nothing is added to the list. In a test's folder nothing is found by itself.
    if (files->empty() && owner == Owner::root) configuration.modules = installed_modules(known_modules(), owner, configuration.refused_modules);
    return configuration;
}

} // namespace jk::config
