// Regulation: what one city's regulation says, with its citations. Read from policies/*.yaml; a city that is silent stays silent here.
#pragma once
#include "jurukunci/outcome.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jk::policy {

/// A value and the article behind it; an empty citation means "kebijakan agen".
struct Cited {
    std::string value;
    std::string citation;
};

struct Regulation {
    std::string id, city, title;
    int number = 0, year = 0;
    std::string issuer_citation;
    std::vector<Cited> purposes;
    std::vector<Cited> task_kinds;
    std::string approved_applications_citation;
    std::string no_delegation_citation;
    std::string private_key_citation;
    std::optional<int> validity_years;
    std::string validity_citation;
};

/// Citation of the value, or nothing when the list does not have it.
const Cited* find(const std::vector<Cited>& list, std::string_view value);
/// All citations of a list, each once, for a refusal that names none of its values.
std::string citations(const std::vector<Cited>& list);

Outcome<Regulation> read_regulation(std::string_view yaml, const std::string& file);

} // namespace jk::policy
