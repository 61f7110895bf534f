// Finding: something that an examination saw, under a code of the catalogue.
#pragma once
#include "jurukunci/error.hpp"

#include <vector>

namespace jk::doctor {

/// A fault stops signing, or will; a notice explains one. Only faults count in the exit code.
enum class Weight { fault, notice };

struct Finding {
    Error error;
    Weight weight = Weight::fault;
};
using Findings = std::vector<Finding>;

} // namespace jk::doctor
