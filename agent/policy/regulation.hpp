// Regulation: what one city's regulation says, with its citations. Read from policies/*.yaml; a city that is silent stays silent here.
// Owner: the profile; never changed after reading.
#pragma once
#include "agent/policy/certificate_life.hpp"
#include "agent/policy/owner_notice.hpp"
#include "agent/policy/provision.hpp"
#include "agent/policy/reporting_duties.hpp"
#include "jurukunci/outcome.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jk::policy {

struct Holder {
    std::string value;
    bool obliged = false;
    std::string route; ///< "psre": applied for by the Dinas with the issuer; empty: the ordinary way
    Basis basis;
};

/// A form or letter of an annex: its parts by name (judul, kop, kolom, pernyataan, tanda_tangan …), each as lines.
struct Letter {
    std::map<std::string, Texts> parts;
};

/// Catatan kaki (row 14.9).
struct Footer {
    bool obliged = false;
    Text text;              ///< the regulation's wording, where it is known
    std::string usual_text; ///< common practice: to be confirmed by the Dinas
    Basis basis;
};

struct Storage {
    Text certificates, documents, holder_data; ///< where they are kept centrally (row 16)
};

struct Sanctions {
    Texts steps;
    std::string applies_to; ///< PNS; empty: all
    Provision<bool> liable_for_damage;
};

struct PassphraseDuties {
    Provision<bool> defined, kept_safe;
    Text composition;              ///< no regulation sets one
    Provision<bool> helpdesk_case; ///< its disturbance is a case for the helpdesk (row 15.4)
};

/// A decree that the regulation leaves to the mayor or the head of the Dinas (row 22.9).
struct Decree {
    std::string about, by;
    Text number; ///< to be filled in by the Dinas
};

struct Regulation {
    std::string id, city, province, title;
    int number = 0, year = 0;
    std::string enacted, in_force; ///< dates as printed; empty where unknown

    std::string issuer_citation;
    Texts issuers;
    Provision<bool> other_issuers; ///< another PSrE where the law permits it (row 1.4)
    Texts certificate_policies;    ///< object identifiers; unknown for BSrE's
    Provision<bool> follows_cps, cooperation_agreement;
    Text ra_unit;
    Provision<bool> ra_officer_certificate;
    Texts ra_misconduct_to;
    Text units_named_by; ///< the decree that names the Perangkat Daerah (Palembang)

    std::vector<Cited> kinds;
    std::vector<Holder> holders;
    std::vector<Cited> purposes;
    std::vector<Cited> task_kinds;
    Texts form_purposes, recommended_purposes;

    Text approved_applications;
    std::string approved_applications_citation;
    bool application_needs_decree = false;
    std::vector<Cited> application_requirements;
    Text applied_by, applied_through;
    Texts email_domains;
    std::vector<std::string> usual_email_domains;        ///< agent policy, where the city names none
    std::map<std::string, std::vector<Cited>> documents; ///< per kind: individu, jabatan, sistem_elektronik, pihak_lainnya
    std::map<std::string, Letter> letters;               ///< formulir_A, formulir_B, formulir_C

    Provision<bool> owner_agreement, issued_in_person, receipt;
    std::optional<int> validity_years;
    std::string validity_citation;
    Basis validity_basis;
    Renewal renewal;
    Revocation revocation;
    LostKey lost_key;
    Incidents incidents;
    Helpdesk helpdesk;
    Monitoring monitoring;

    Provision<bool> no_delegation;
    std::string no_delegation_citation;
    std::string private_key_citation;
    Provision<bool> private_key_defined;
    PassphraseDuties passphrase;
    Texts duties, prohibitions;
    OwnerNotice notice;
    std::vector<Cited> validity_conditions; ///< of an electronic signature (Palembang 12(2))
    Text signature_form;
    Footer footer;
    Texts evidence;
    Storage storage;
    Sanctions sanctions;
    Text transition;
    Provision<bool> internal_audit;
    std::vector<Decree> decrees;

    /// Every place of the file at which something is cited: "kegunaan", "pencabutan.syarat", "baris.5.6". Rules find their article here.
    std::map<std::string, Basis, std::less<>> bases;
    /// Of a list, all its citations, each once. Agent policy where the file has no such place.
    Basis basis_of(std::string_view place) const;
};

Outcome<Regulation> read_regulation(std::string_view yaml, const std::string& file);

} // namespace jk::policy
