// The question of a provisioning step as the prompter gets it: docs/protocol/prompter.md.
#pragma once
#include "jurukunci/consent.hpp"

#include <boost/json/object.hpp>

namespace jk::doors {

boost::json::object provisioning_question_json(const ConsentQuestion& question);

} // namespace jk::doors
