// The active profile for people and programs: what the machine decides with, each value of the regulation with its article.
#pragma once
#include "agent/policy/profile.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace jk::cli {

boost::json::object profile_json(const policy::Profile& profile);
std::vector<std::string> profile_lines(const policy::Profile& profile, Language language);

/// What only the Dinas can say: the place in the profile, and the question.
std::vector<std::pair<std::string, std::string>> open_questions(const policy::Profile& profile);
/// What a person should look at: approvals that ended, checks that the profile leaves out.
std::vector<std::string> remarks(const policy::Profile& profile, WallTime now, Language language);

} // namespace jk::cli
