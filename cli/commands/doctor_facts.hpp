// What the doctor learns from others: the configuration, the agent, the log. Gathered once; the examinations see it as plain data.
#pragma once
#include "cli/commands/commands.hpp"
#include "cli/doctor/bundle.hpp"

namespace jk::cli {

/// What the agent found: its sentences name what only it knows, and so it is asked in both languages.
struct AgentFinding {
    struct Said {
        std::string sentence, remedy;
    };
    std::string code;
    Said indonesian, english;
};

struct DoctorFacts {
    doctor::Findings findings; ///< what gathering itself met
    std::vector<AgentFinding> agent_findings;
    std::optional<doctor::AgentAnswers> agent;
    std::optional<WallTime> last_row;
    doctor::BundleFacts for_bundle;
};

DoctorFacts gather_facts();

} // namespace jk::cli
