// From YAML to provisions. Strict: a value without an article or a mark that says whose it is stops the reading.
// Only for agent/policy's own .cpp files; a Fault never leaves them.
#pragma once
#include "agent/policy/provision.hpp"

#include <yaml-cpp/yaml.h>

#include <map>
#include <string>
#include <vector>

namespace jk::policy {

struct Fault {
    std::string why;
};

class ProvisionReader {
public:
    explicit ProvisionReader(const YAML::Node& root) : m_root(root) {}

    /// `place`: names joined by dots from the top, "kunci_privat.definisi". What is not there is silent.
    YAML::Node at(const std::string& place) const;
    Basis basis(const YAML::Node& entry, const std::string& place) const;
    Basis basis(const std::string& place) const { return basis(at(place), place); }
    Text text(const std::string& place) const { return value<std::string>(place); }
    Provision<bool> flag(const std::string& place) const { return value<bool>(place); }
    Texts texts(const std::string& place) const;
    /// A list of `{v, cite}`.
    std::vector<Cited> cited(const std::string& place) const;
    /// The mappings of a list; a silent list is empty.
    std::vector<YAML::Node> entries(const std::string& place) const;

    static std::string word(const YAML::Node& node);
    static std::vector<std::string> words(const YAML::Node& node);

    /// All places with a citation or a mark, lists under their own place with all their citations.
    std::map<std::string, Basis, std::less<>> all_bases() const;

private:
    template <class T> Provision<T> value(const std::string& place) const {
        Provision<T> provision;
        const auto entry = at(place);
        provision.basis = basis(entry, place);
        if (entry && entry.IsMap() && entry["v"] && !entry["v"].IsNull()) provision.value = entry["v"].as<T>();
        return provision;
    }
    void collect(const YAML::Node& node, const std::string& place, std::map<std::string, Basis, std::less<>>& into, int depth) const;

    YAML::Node m_root;
};

} // namespace jk::policy
