#include "agent/doors/shape/error_json.hpp"

namespace jk::doors {

json::object error_json(const Error& error, Language language) {
    const auto& entry = error.entry();
    json::object o{{"code", entry.code},
                   {"message", error.sentence(Language::english)},
                   {"userMessage", error.sentence(language)},
                   {"retriable", entry.group == Remedy::retry},
                   {"rule", nullptr},
                   {"citation", nullptr},
                   {"remedy", error.remedy(language)}};
    if (!entry.rule.empty()) {
        o["rule"] = entry.rule;
        // Never another city's Pasal: where this city's regulation is silent, the rule is the agent's own.
        o["citation"] = error.citation.empty() ? "kebijakan agen" : error.citation;
    }
    return o;
}

} // namespace jk::doors
