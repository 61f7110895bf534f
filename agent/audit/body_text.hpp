// A string in the body of a row, or in the JSON of a report. What is absent, or no string, is empty: rows may be of an older agent.
#pragma once
#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace jk::audit {

inline std::string text(const boost::json::object& o, std::string_view name) {
    const auto* value = o.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

} // namespace jk::audit
