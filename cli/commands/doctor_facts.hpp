// What the doctor learns from others: the configuration, the agent, the log. Gathered once; the examinations see it as plain data.
#pragma once
#include "cli/commands/commands.hpp"
#include "cli/doctor/bundle.hpp"

namespace jk::cli {

struct DoctorFacts {
    doctor::Findings findings;              ///< what gathering itself met
    std::vector<json::object> agent_errors; ///< the agent's own error objects: their sentences name what only it knows
    std::optional<doctor::AgentAnswers> agent;
    std::optional<WallTime> last_row;
    doctor::BundleFacts for_bundle;
};

DoctorFacts gather_facts(const Console& console);

} // namespace jk::cli
