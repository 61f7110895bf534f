#include "agent/policy/narrow.hpp"

#include "agent/policy/strict_yaml.hpp"
#include "jurukunci/config_fault.hpp"

namespace jk::policy {
namespace {

void switch_off(bool& term, const YAML::Node& node, const char* name) {
    if (!node) return;
    if (node.as<bool>()) throw Refusal{std::string(name) + " may only be false here"};
    term = false;
}

void apply(Profile& profile, const YAML::Node& root) {
    only(root, "narrow.yaml", {"without_applications", "items_per_consent", "terminal_prompter", "raw_hashes", "authentication", "local_programs"});
    switch_off(profile.terminal_prompter, root["terminal_prompter"], "terminal_prompter");
    switch_off(profile.raw_hashes, root["raw_hashes"], "raw_hashes");
    switch_off(profile.authentication, root["authentication"], "authentication");
    switch_off(profile.local_programs.allowed, root["local_programs"], "local_programs");
    if (root["items_per_consent"]) {
        const auto most = static_cast<long long>(profile.limits.items_per_consent);
        profile.limits.items_per_consent =
            number<std::size_t>(root["items_per_consent"], "items_per_consent", 1, static_cast<std::size_t>(most), profile.limits.items_per_consent);
    }
    const auto without = root["without_applications"];
    if (without && !without.IsSequence()) throw Refusal{"without_applications must be a list"};
    for (const auto& node : without) {
        const auto origin = node.as<std::string>();
        std::erase_if(profile.applications, [&](const Application& a) { return a.origin.text() == origin; });
    }
}

} // namespace

Outcome<void> narrow(Profile& profile, std::string_view yaml) {
    try {
        auto narrowed = profile;
        apply(narrowed, YAML::Load(std::string(yaml)));
        profile = std::move(narrowed);
        return done();
    } catch (const Refusal& refusal) {
        return content_fault("narrow.yaml", refusal.why);
    } catch (const YAML::Exception& e) {
        return content_fault("narrow.yaml", e.what(), e.mark.line + 1);
    }
}

} // namespace jk::policy
