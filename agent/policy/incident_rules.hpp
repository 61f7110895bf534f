// What may be reported in this city, and what follows from it (rows 10.2, 11, 17, 18). Pure, as all rules.
#pragma once
#include "agent/policy/decision.hpp"
#include "agent/policy/regulation.hpp"

#include <optional>

namespace jk::policy {

/// Where nothing in the profile fits; wants a description, and has no article.
inline constexpr std::string_view other_category = "lainnya";

/// No regulation gives hours (row 17.7): the agent's own target, shown as such.
inline constexpr int target_hours = 24;

struct ReportCategory {
    std::string value, citation; ///< an empty citation is agent policy
    bool incident = false;       ///< the city lists it as an incident, or as a reason to report
    bool helpdesk = false;       ///< the city lists it as a disturbance for its helpdesk
    bool blocks = true;          ///< the key is blocked at once
    bool decryption_stays = false;
    bool lost_key = false; ///< the pair of keys is lost, damaged or cannot be reached: the papers of row 11

    /// Both at once (row 17.1): only the person can say how grave it is.
    bool asks_significance() const { return incident && helpdesk; }
    bool needs_description() const { return value == other_category; }
};

/// In the regulation's order, `lainnya` last. A category that this program has no consequences for blocks everything.
std::vector<ReportCategory> report_categories(const Regulation& regulation);

/// The category with what the answer about significance makes of it: a disturbance that is not significant blocks nothing.
Outcome<ReportCategory> judge_category(const Regulation& regulation, std::string_view value, std::optional<bool> significant, bool described);

/// May the report leave this computer (row 11.4)? Asked before sending, never before blocking.
Outcome<void> judge_sending(const Regulation& regulation, const ReportCategory& category, const std::string& case_number, bool authority_report);

/// The article that makes this category a ground for revocation, or nothing.
const RevocationGround* revocation_ground(const Regulation& regulation, std::string_view category);

} // namespace jk::policy
