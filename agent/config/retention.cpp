#include "agent/config/retention.hpp"

#include "jurukunci/config_fault.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>

namespace jk::config {
namespace {

Error refused(const std::string& why, int line = 0) { return content_fault("retention.yaml", why, line); }

constexpr std::int64_t fewest_rows = 100, most_rows = 10'000'000, most_days = 3660, fewest_years = 1, most_years = 100;

struct Refusal {
    std::string why;
};

std::int64_t number(const YAML::Node& root, const std::string& name, std::int64_t least, std::int64_t most) {
    if (!root[name]) return 0;
    const auto value = root[name].as<long long>();
    if (value < least || value > most) throw Refusal{name + " must be from " + std::to_string(least) + " to " + std::to_string(most)};
    return value;
}

} // namespace

Outcome<Retention> read_retention(std::string_view yaml) {
    static const std::array<std::string, 4> known{"segment_rows", "segment_days", "keep_years", "basis"};
    try {
        const YAML::Node root = YAML::Load(std::string(yaml));
        if (!root.IsMap()) return refused("must be a mapping");
        for (const auto& entry : root)
            if (std::ranges::find(known, entry.first.as<std::string>()) == known.end())
                return refused("unknown key `" + entry.first.as<std::string>() + "`");
        Retention retention;
        retention.segment_rows = number(root, "segment_rows", fewest_rows, most_rows);
        retention.segment_days = number(root, "segment_days", 1, most_days);
        retention.keep_years = static_cast<int>(number(root, "keep_years", fewest_years, most_years));
        if (root["basis"]) retention.basis = root["basis"].as<std::string>();
        // Nothing is thrown away because somebody felt like it.
        if (retention.keep_years > 0 && retention.basis.empty()) return refused("keep_years needs its basis: which decision, by whom, of which date");
        return retention;
    } catch (const Refusal& refusal) {
        return refused(refusal.why);
    } catch (const YAML::Exception& e) {
        return refused(e.what(), e.mark.line + 1);
    }
}

} // namespace jk::config
