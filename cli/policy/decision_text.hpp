// A decision for people and for programs: each rule with its row, its verdict and this city's article.
#pragma once
#include "agent/policy/decision.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace jk::cli {

boost::json::object decision_json(const policy::Decision& decision);
std::vector<std::string> decision_lines(const policy::Decision& decision, Language language);
/// "Pasal 12 huruf a", "kebijakan agen" …, in the language that is asked for.
std::string basis_words(const policy::Basis& basis, Language language);

} // namespace jk::cli
