// What several papers have in common.
#pragma once
#include "cli/papers/paper.hpp"

namespace jk::papers {

Paper begin(const Occasion& occasion, std::string kind, std::string title, const std::string& citation);
void add_holder(Paper& paper, const reports::Person& holder);
void add_key(Paper& paper, const Occasion& occasion);
void add_event(Paper& paper, const Occasion& occasion);
void add_documents(Paper& paper, const Occasion& occasion);
SignatureBlock owner(const Occasion& occasion, std::string heading);

// The papers one by one; nothing where the city or the case asks for none.
std::vector<Paper> first_report(const Occasion& occasion);
std::vector<Paper> statement(const Occasion& occasion);
std::vector<Paper> revocation_request(const Occasion& occasion);
std::vector<Paper> new_application(const Occasion& occasion);
std::vector<Paper> notice_to_relying(const Occasion& occasion);
std::vector<Paper> incident_letter(const Occasion& occasion);
std::vector<Paper> helpdesk_ticket(const Occasion& occasion);

} // namespace jk::papers
