// KnownModules: the catalogue of well-known PKCS#11 modules (known_modules.yaml), built into the agent.
#pragma once
#include "agent/config/trusted_file.hpp"
#include "pkcs11/worker/worker_process.hpp"

#include <string>
#include <vector>

namespace jk::config {

struct KnownModule {
    std::string name, product, source;
    std::vector<std::string> paths; ///< the first that is there
    bool yields = false;
    std::string by_name_only; ///< why; empty: it may be used by itself
};

const std::vector<KnownModule>& known_modules();
const KnownModule* find_known(const std::vector<KnownModule>& known, const std::string& name);

/// The first of its paths that is there and belongs to whom it should; an error says what is wrong with the last.
Outcome<std::string> path_of(const KnownModule& module, Owner owner);

/// What is used where the machine's administrator has written down nothing. A library that is there but not as it should be goes to `refused`.
std::vector<pkcs11::ModuleConfig> installed_modules(const std::vector<KnownModule>& known, Owner owner, std::vector<Error>& refused);

} // namespace jk::config
