// The machine's own terms in profile.yaml: limits, sessions, programs, ages. None of them comes from a regulation. Throws Refusal or YAML's own.
#pragma once
#include "agent/policy/profile.hpp"

namespace YAML {
class Node;
}

namespace jk::policy {

void read_terms(Profile& profile, const YAML::Node& root);

} // namespace jk::policy
