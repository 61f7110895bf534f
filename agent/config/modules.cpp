#include "agent/config/configuration.hpp"
#include "agent/config/known_modules.hpp"
#include "jurukunci/config_fault.hpp"

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

/// An unknown key is a fault: a misspelt pattern would otherwise fit every token.
void only_these(const YAML::Node& map, std::initializer_list<std::string_view> known) {
    if (!map.IsMap()) throw YAML::Exception(map.Mark(), "must be a mapping");
    for (const auto& entry : map)
        if (std::ranges::find(known, entry.first.as<std::string>()) == known.end())
            throw YAML::Exception(entry.first.Mark(), "unknown key `" + entry.first.as<std::string>() + "`");
}

std::string text(const YAML::Node& map, const char* name) {
    const auto value = map[name] ? map[name].as<std::string>() : std::string();
    if (value.size() > 64) throw YAML::Exception(map.Mark(), std::string(name) + " is longer than 64 characters");
    return value;
}

pkcs11::TokenPattern read_pattern(const YAML::Node& node) {
    pkcs11::TokenPattern pattern{text(node, "manufacturer"), text(node, "model"), text(node, "label")};
    if (pattern.manufacturer.empty() && pattern.model.empty() && pattern.label.empty())
        throw YAML::Exception(node.Mark(), "tokens: an entry without manufacturer, model or label");
    return pattern;
}

pkcs11::TokenQuirk read_quirk(const YAML::Node& node) {
    only_these(node, {"manufacturer", "model", "firmware", "reason", "without"});
    pkcs11::TokenQuirk quirk{text(node, "manufacturer"), text(node, "model"), text(node, "firmware"), {}};
    if (quirk.model.empty() || !node["reason"]) throw YAML::Exception(node.Mark(), "quirks: model and reason are needed");
    for (const auto& word : node["without"]) quirk.without.push_back(word.as<std::string>());
    for (const auto& word : quirk.without)
        if (word != "PSS" && word != "PKCS1.5" && word != "ECC" && word != "EdDSA" && word != "ECDH" && !hash_named(word))
            throw YAML::Exception(node.Mark(), "quirks: `" + word + "` is none of PSS, PKCS1.5, ECC, EdDSA, ECDH, SHA-256, SHA-384, SHA-512");
    if (quirk.without.empty()) throw YAML::Exception(node.Mark(), "quirks: an entry that changes nothing");
    return quirk;
}

} // namespace

Outcome<pkcs11::ModuleConfig> read_module(const std::string& yaml, const std::string& file, Owner owner) {
    const auto refuse = [&](const std::string& why, int line = 0) { return content_fault(file, why, line); };
    try {
        const YAML::Node root = YAML::Load(yaml);
        if (!root.IsMap()) return refuse("is not a mapping");
        for (const auto& entry : root) {
            static constexpr std::string_view known[] = {"name",   "known",  "path",  "environment", "parallel_sessions", "relaxed_sandbox",
                                                         "reason", "tokens", "quirks"};
            if (std::ranges::find(known, entry.first.as<std::string>()) == std::end(known))
                return refuse("unknown key `" + entry.first.as<std::string>() + "`");
        }
        pkcs11::ModuleConfig config;
        config.name = root["name"] ? root["name"].as<std::string>() : "";
        if (!is_name(config.name)) return refuse("name must be letters, digits, - _ . only");
        if (root["known"]) {
            const auto* known = find_known(known_modules(), root["known"].as<std::string>());
            if (known == nullptr || root["path"]) return refuse(known == nullptr ? "known: no such module" : "path or known, not both");
            auto path = path_of(*known, owner);
            if (!path) return std::move(path).error();
            config.path = *path;
        } else {
            auto path = trusted_library(root["path"] ? root["path"].as<std::string>() : "", owner);
            if (!path) return std::move(path).error();
            config.path = path->string();
        }
        for (const auto& node : root["tokens"]) {
            only_these(node, {"manufacturer", "model", "label"});
            config.tokens.push_back(read_pattern(node));
        }
        for (const auto& node : root["quirks"]) config.quirks.push_back(read_quirk(node));
        if (config.tokens.size() > 64 || config.quirks.size() > 64) return refuse("more than 64 tokens or quirks");
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
        return refuse(e.what(), e.mark.line + 1);
    }
}

} // namespace jk::config
