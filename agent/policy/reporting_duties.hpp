// What a regulation says about incidents, help and monitoring: categories, recipients in order, deadlines in its own words.
#pragma once
#include "agent/policy/provision.hpp"

namespace jk::policy {

struct Recipients {
    std::vector<std::string> to, copies; ///< kepada, tembusan: in the order of the regulation
    std::string through;                 ///< melalui; empty for directly
};

struct Incidents {
    std::vector<Cited> categories;
    Texts first_report_to;
    Provision<Recipients> second_report;
    Text deadline; ///< "tanpa menunda-nunda": no regulation gives hours
};

struct Helpdesk {
    Texts categories;
    Text help_from;            ///< who gives technical help (row 18.2)
    Provision<bool> complaint; ///< a complaint procedure is demanded (row 18.3)
};

struct Cadence {
    int months = 0;
    std::string kind;
};

struct Monitoring {
    Provision<std::vector<Cadence>> cadence;
    Text performed_by;
    Texts methods, content;
    Provision<Recipients> recipients;
};

} // namespace jk::policy
