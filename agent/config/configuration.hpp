// Configuration: what the system's folder says, read and judged. Owner: main.
#pragma once
#include "agent/config/bundle_in_use.hpp"
#include "agent/config/retention.hpp"
#include "agent/config/trusted_file.hpp"
#include "agent/delivery/terms.hpp"
#include "agent/policy/profile.hpp"
#include "pkcs11/worker/worker_process.hpp"

#include <filesystem>
#include <vector>

namespace jk::config {

struct Configuration {
    std::filesystem::path folder;
    policy::Profile profile;
    std::vector<pkcs11::ModuleConfig> modules;
    std::vector<CertificateRef> ra_certificates; ///< ra/*.pem: whose bundles and whose decisions about blocks count
    std::optional<BundleInUse> bundle;           ///< what the RA signed; nothing where plain files are used
    delivery::DeliveryTerms delivery;            ///< delivery.yaml; empty without one
    Retention retention;                         ///< retention.yaml; without one the log stays whole
    std::vector<Error> refused_modules;          ///< an entry that cannot be used hides only itself; `doctor` shows it
};

/// /etc/jurukunci, or $JURUKUNCI_SYSCONFDIR where no profile is installed in /etc: tests and the demo can never replace a real one.
std::filesystem::path system_folder();
/// `kept_bundle`: where the agent keeps the last good bundle; only read here.
Outcome<Configuration> read(const std::filesystem::path& folder, const std::filesystem::path& kept_bundle = kept_bundle_file());

/// ra/*.pem below the folder, judged like every other file of it.
Outcome<std::vector<CertificateRef>> pinned_by(const std::filesystem::path& folder);

/// One file of modules.d.
Outcome<pkcs11::ModuleConfig> read_module(const std::string& yaml, const std::string& file, Owner owner);

} // namespace jk::config
