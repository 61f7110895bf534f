#include "agent/config/configuration.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>

namespace jk::config {
namespace {

bool is_name(const std::string& text) {
    return !text.empty() && text.size() <= 64 &&
           std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_' || c == '.'; });
}

/// A module's environment is for its own settings; what changes how every program loads code is not.
bool harmless(const std::string& variable) {
    return !variable.starts_with("LD_") && !variable.starts_with("GLIBC_") && variable != "PATH" && variable != "GCONV_PATH" &&
           variable != "OPENSSL_CONF" && variable != "OPENSSL_MODULES";
}

} // namespace

Outcome<pkcs11::ModuleConfig> read_module(const std::string& yaml, const std::string& file, Owner owner) {
    const auto refuse = [&](const std::string& why) { return Error{Errc::config_refused, why}.with("file", file).with("reason", why); };
    try {
        const YAML::Node root = YAML::Load(yaml);
        if (!root.IsMap()) return refuse("is not a mapping");
        for (const auto& entry : root) {
            static constexpr std::string_view known[] = {"name", "path", "environment", "parallel_sessions", "relaxed_sandbox", "reason"};
            if (std::ranges::find(known, entry.first.as<std::string>()) == std::end(known))
                return refuse("unknown key `" + entry.first.as<std::string>() + "`");
        }
        pkcs11::ModuleConfig config;
        config.name = root["name"] ? root["name"].as<std::string>() : "";
        if (!is_name(config.name)) return refuse("name must be letters, digits, - _ . only");
        auto path = trusted_library(root["path"] ? root["path"].as<std::string>() : "", owner);
        if (!path) return std::move(path).error();
        config.path = path->string();
        for (const auto& entry : root["environment"]) {
            const auto name = entry.first.as<std::string>();
            if (!is_name(name) || !harmless(name)) return refuse("environment: `" + name + "` may not be set");
            config.environment.emplace_back(name, entry.second.as<std::string>());
        }
        const int parallel = root["parallel_sessions"] ? root["parallel_sessions"].as<int>() : 1;
        if (parallel < 1 || parallel > 4) return refuse("parallel_sessions must be from 1 to 4");
        config.parallel = static_cast<std::uint32_t>(parallel);
        config.relaxed_sandbox = root["relaxed_sandbox"] && root["relaxed_sandbox"].as<bool>();
        if (config.relaxed_sandbox && !root["reason"]) return refuse("relaxed_sandbox needs a reason: token model and firmware");
        return config;
    } catch (const YAML::Exception& e) {
        return refuse(e.what());
    }
}

} // namespace jk::config
