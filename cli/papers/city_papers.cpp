#include "cli/papers/paper_parts.hpp"

namespace jk::papers {

std::vector<Paper> papers_for(const Occasion& occasion) {
    std::vector<Paper> all;
    for (const auto make : {first_report, statement, revocation_request, new_application, notice_to_relying, incident_letter, helpdesk_ticket})
        for (auto& paper : make(occasion)) all.push_back(std::move(paper));
    return all;
}

} // namespace jk::papers
