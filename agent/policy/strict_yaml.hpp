// Strict reading of configuration: an unknown key is an error, because a misspelt limit would otherwise be no limit.
// Only for agent/policy's own .cpp files; a Refusal never leaves them.
#pragma once
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

namespace jk::policy {

/// Thrown inside this file only, to leave nested reading; becomes an Error at the border.
struct Refusal {
    std::string why;
};

inline void only(const YAML::Node& node, const std::string& where, std::initializer_list<std::string_view> known) {
    if (!node.IsMap()) throw Refusal{where + " must be a mapping"};
    for (const auto& entry : node) {
        const auto key = entry.first.as<std::string>();
        if (std::find(known.begin(), known.end(), key) == known.end())
            throw Refusal{std::string("unknown key `").append(key).append("` in ").append(where)};
    }
}

inline std::string text(const YAML::Node& node, const std::string& where) {
    if (!node || !node.IsScalar()) throw Refusal{where + " is missing"};
    return node.as<std::string>();
}

template <class T> T number(const YAML::Node& node, const std::string& where, T least, T most, T fallback) {
    if (!node) return fallback;
    const auto value = node.as<long long>();
    if (value < static_cast<long long>(least) || value > static_cast<long long>(most))
        throw Refusal{where + " must be from " + std::to_string(least) + " to " + std::to_string(most)};
    return static_cast<T>(value);
}

} // namespace jk::policy
