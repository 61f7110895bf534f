// Rule: one question the agent judges by. Its words, row and place of citation come from catalogue/rules.yaml.
#pragma once
#include "agent/policy/rule_names.hpp" // generated
#include "jurukunci/error.hpp"

#include <span>
#include <string_view>

namespace jk::policy {

struct RuleEntry {
    Rule rule;
    Stage stage;
    std::string_view name;
    std::string_view row;   ///< of the regulation matrix; empty: none stands behind it
    std::string_view basis; ///< place of the article in a city's profile; empty: agent policy
    std::string_view indonesian, english;
};

std::span<const RuleEntry> rule_table();
struct NoteEntry {
    std::string_view name, indonesian, english;
};
const NoteEntry& entry_of(Note note);

inline const RuleEntry& entry_of(Rule rule) { return rule_table()[static_cast<std::size_t>(rule)]; }

} // namespace jk::policy
