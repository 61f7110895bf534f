#include "agent/policy/provision_reader.hpp"

namespace jk::policy {
namespace {

constexpr int deepest = 8;

Source source_of(const std::string& name, const std::string& place) {
    for (const auto source : {Source::agent, Source::cp, Source::practice, Source::unknown})
        if (name == name_of(source)) return source;
    throw Fault{place + ": `src: " + name + "` is none of agent, cp, practice, unknown"};
}

bool has_value(const YAML::Node& entry) { return entry["v"] && !entry["v"].IsNull(); }

} // namespace

YAML::Node ProvisionReader::at(const std::string& place) const {
    YAML::Node node = m_root;
    for (std::size_t from = 0; from <= place.size();) {
        const auto dot = std::min(place.find('.', from), place.size());
        // A new Node each time: assigning to one changes the document it came from.
        const YAML::Node parent = node;
        if (!parent.IsMap()) return {};
        const YAML::Node child = parent[place.substr(from, dot - from)];
        if (!child) return {};
        node.reset(child);
        from = dot + 1;
    }
    return node;
}

std::string ProvisionReader::word(const YAML::Node& node) { return node && node.IsScalar() && !node.IsNull() ? node.as<std::string>() : ""; }

std::vector<std::string> ProvisionReader::words(const YAML::Node& node) {
    std::vector<std::string> all;
    if (node && node.IsScalar() && !node.IsNull()) all.push_back(node.as<std::string>());
    if (node && node.IsSequence())
        for (const auto& entry : node) all.push_back(entry.as<std::string>());
    return all;
}

Basis ProvisionReader::basis(const YAML::Node& entry, const std::string& place) const {
    Basis basis;
    if (!entry || !entry.IsMap()) return basis;
    basis.citation = word(entry["cite"]);
    basis.note = word(entry["catatan"]);
    basis.ask = word(entry["tanya"]);
    const auto source = word(entry["src"]);
    if (!basis.citation.empty()) {
        if (!source.empty()) throw Fault{place + ": has a citation and `src: " + source + "`"};
        basis.source = Source::regulation;
    } else if (!source.empty()) {
        basis.source = source_of(source, place);
    } else if (has_value(entry)) {
        throw Fault{place + ": has neither a citation nor `src`"};
    }
    if (basis.source == Source::unknown && basis.ask.empty()) throw Fault{place + ": is unknown, and `tanya` does not say whom to ask"};
    return basis;
}

Texts ProvisionReader::texts(const std::string& place) const {
    Texts provision;
    const auto entry = at(place);
    provision.basis = basis(entry, place);
    if (entry && entry.IsMap() && has_value(entry)) provision.value = words(entry["v"]);
    return provision;
}

std::vector<YAML::Node> ProvisionReader::entries(const std::string& place) const {
    std::vector<YAML::Node> all;
    const auto list = at(place);
    if (!list || !list.IsSequence()) return all;
    for (const auto& entry : list) {
        if (!entry.IsMap()) throw Fault{place + " must be a list of mappings"};
        all.push_back(entry);
    }
    return all;
}

std::vector<Cited> ProvisionReader::cited(const std::string& place) const {
    std::vector<Cited> all;
    for (const auto& entry : entries(place)) {
        const auto b = basis(entry, place);
        const auto value = word(entry["v"]);
        if (value.empty()) throw Fault{place + " has an entry without a value"};
        all.push_back({value, b.citation, b.source});
    }
    return all;
}

void ProvisionReader::collect(const YAML::Node& node, const std::string& place, std::map<std::string, Basis, std::less<>>& into, int depth) const {
    if (depth > deepest) throw Fault{place + " is nested too deeply"};
    if (node.IsMap()) {
        if (node["cite"] || node["src"]) into[place] = basis(node, place);
        for (const auto& entry : node) {
            const auto name = entry.first.as<std::string>();
            if (name != "v") collect(entry.second, place.empty() ? name : place + "." + name, into, depth + 1);
        }
    } else if (node.IsSequence()) {
        std::vector<Cited> all;
        for (const auto& entry : node)
            if (entry.IsMap()) {
                const auto b = basis(entry, place);
                all.push_back({word(entry["v"]), b.citation, b.source});
                into[place + "." + word(entry["v"])] = b;
            }
        const auto citation = citations(all);
        if (!citation.empty()) into[place] = Basis{Source::regulation, citation, {}, {}};
    }
}

std::map<std::string, Basis, std::less<>> ProvisionReader::all_bases() const {
    std::map<std::string, Basis, std::less<>> all;
    collect(m_root, "", all, 0);
    return all;
}

} // namespace jk::policy
