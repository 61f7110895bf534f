#include "agent/config/known_modules.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>

namespace jk::config {

extern const char* const known_modules_yaml; // generated from known_modules.yaml

const std::vector<KnownModule>& known_modules() {
    static const std::vector<KnownModule> all = [] {
        std::vector<KnownModule> read;
        for (const auto& entry : YAML::Load(known_modules_yaml)) {
            KnownModule module;
            module.name = entry["name"].as<std::string>();
            module.product = entry["product"].as<std::string>();
            module.source = entry["source"].as<std::string>();
            module.paths = entry["paths"].as<std::vector<std::string>>();
            module.yields = entry["yields"] && entry["yields"].as<bool>();
            if (entry["by_name_only"]) module.by_name_only = entry["by_name_only"].as<std::string>();
            read.push_back(std::move(module));
        }
        return read;
    }();
    return all;
}

const KnownModule* find_known(const std::vector<KnownModule>& known, const std::string& name) {
    const auto place = std::ranges::find(known, name, &KnownModule::name);
    return place == known.end() ? nullptr : &*place;
}

Outcome<std::string> path_of(const KnownModule& module, Owner owner) {
    Error fault = Error{Errc::module_missing, module.product + " is not installed"}.with("module", module.product);
    for (const auto& path : module.paths) {
        std::error_code ec;
        if (!std::filesystem::exists(path, ec)) continue;
        auto judged = trusted_library(path, owner);
        if (judged) return judged->string();
        fault = std::move(judged).error();
    }
    return fault;
}

std::vector<pkcs11::ModuleConfig> installed_modules(const std::vector<KnownModule>& known, Owner owner, std::vector<Error>& refused) {
    std::vector<pkcs11::ModuleConfig> used;
    for (const bool yielding : {false, true}) {
        if (yielding && !used.empty()) break;
        for (const auto& module : known) {
            std::error_code ec;
            const bool there = std::ranges::any_of(module.paths, [&](const std::string& path) { return std::filesystem::exists(path, ec); });
            if (!there || module.yields != yielding || !module.by_name_only.empty()) continue;
            auto path = path_of(module, owner);
            if (!path) {
                refused.push_back(std::move(path).error());
                continue;
            }
            pkcs11::ModuleConfig config;
            config.name = module.name;
            config.path = *path;
            used.push_back(std::move(config));
        }
    }
    return used;
}

} // namespace jk::config
