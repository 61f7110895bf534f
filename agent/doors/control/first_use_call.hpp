// The texts of the first use as JSON: for the prompter's question, and for the call "first-use". docs/protocol/first-use.md.
#pragma once
#include "agent/gate/first_use.hpp"

#include <boost/json/object.hpp>

namespace jk::doors {

boost::json::object notice_json(const OwnerNoticeShown& notice);
/// The text that counts now, and every yes that the log holds.
boost::json::object first_use_json(const gate::FirstUse& first_use);

} // namespace jk::doors
