// A hypothetical request as JSON (docs/protocol/policy.md). Unknown members are refused, as in a real request: a misspelt fact would pass for
// none.
#pragma once
#include "agent/policy/explain.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <string>

namespace jk::cli {

/// Gives a file's content: of the certificate that the request names.
using ReadFile = std::function<Outcome<std::string>(const std::string& path)>;

struct Asked {
    policy::Hypothesis hypothesis;
    WallTime at{};
};
Outcome<Asked> read_hypothesis(const boost::json::object& json, const ReadFile& read_file, WallTime now);

} // namespace jk::cli
