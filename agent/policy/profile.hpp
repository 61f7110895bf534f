// Profile: everything an agent decides with on one machine: the city's regulation, the environment, the anchors, the approved applications
// and the limits. Read once at the start; never changed.
#pragma once
#include "agent/policy/origin.hpp"
#include "agent/policy/regulation.hpp"
#include "agent/policy/working_days.hpp"
#include "jurukunci/certificate.hpp"
#include "jurukunci/outcome.hpp"
#include "jurukunci/requests.hpp"
#include "x509/known_paths.hpp"
#include "x509/public_key.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace jk::policy {

enum class Environment { uji, produksi };
std::string_view name_of(Environment environment);

struct Anchor {
    CertificateRef certificate;
    Environment environment = Environment::uji;
    bool other_issuer = false; ///< of a PSrE that the city's regulation does not name (row 1.4)
};

/// One web application that may ask (row 5.1): who owns it and which decree says so.
struct Application {
    Origin origin;
    std::string name;
    std::string owner_unit;
    std::string decree; ///< number and date of the decision that approves it
    std::optional<WallTime> until;
    std::vector<std::string> link_hosts;
    std::optional<x509::PublicKey> order_key{}; ///< of its server; with it every request to sign needs an order
    bool registration_authority = false;        ///< may ask for tokens to be prepared
};

struct Limits {
    std::size_t items_per_consent = 100; ///< agent policy: no regulation says a number
    std::chrono::seconds consent{120}, consent_per_item{20};
    std::uint64_t document_bytes = 256ull << 20;
    std::chrono::minutes keep{15};
};

/// What programs on this computer may do with keys through libjurukunci-pkcs11.so. No regulation says: agent policy, and by default nothing.
struct LocalProgramTerms {
    bool allowed = false;
    std::uint32_t operations_per_consent = 1;
    std::chrono::minutes minutes_per_consent{1};
    bool non_repudiation_key = false; ///< one consent and one PIN per signature, whatever the numbers above say
    bool ask_at_use = false;          ///< not at C_Login but at the first operation: browsers handle no login on a reader well
};

/// Sessions in which the agent may be used although nobody sits at this computer (row 12.3). By default none.
struct SessionTerms {
    bool remote = false, inactive = false;
};

enum class StatusSource { none, crl, ocsp };

/// How old the issuer's answer about revocation may be. No regulation says hours: agent policy.
struct RevocationStatusTerms {
    StatusSource source = StatusSource::none;
    std::chrono::hours warn_after{24}, refuse_after{72};
    std::string url;                      ///< asked instead of what certificates name; empty: theirs
    std::vector<std::string> hosts;       ///< "host" or "host:port", exactly: nobody else is asked
    std::chrono::milliseconds wait{3000}; ///< at most so long before judging, where there is no fresh answer
};

/// A certificate that lives longer than the city's years (row 9.1).
enum class LongValidity { warn, refuse };

struct Profile {
    Environment environment = Environment::uji;
    Regulation regulation;
    std::vector<Anchor> anchors;
    std::vector<CertificateRef> intermediates;
    std::vector<Application> applications;
    Limits limits;
    bool terminal_prompter = false; ///< `jurukunci prompt` may ask for consent
    bool authentication = false;    ///< pages may ask for a login with the certificate
    bool raw_hashes = false;        ///< pages may ask for signatures on hashes whose content cannot be shown
    LocalProgramTerms local_programs;
    SessionTerms sessions;
    RevocationStatusTerms revocation_status;
    LongValidity long_validity = LongValidity::warn;
    bool duties_first = true;       ///< who has not acknowledged duties and prohibitions does not sign (row 7.9)
    bool agreement_first = true;    ///< nor who has not accepted the owner's agreement, where the city has one (row 8.3)
    std::string complaint_contact;  ///< whom this office's owners turn to; empty: only what the regulation says
    Calendar calendar;              ///< of the file under `holidays`; weekends only without one
    mutable x509::KnownPaths paths; ///< to the anchors; what the rules decide does not depend on it

    bool from_other_issuer(const CertificateRef& anchor) const;
    const Application* find_application(std::string_view origin) const;
    std::vector<CertificateRef> anchors_of(Environment which) const;
    /// "TOKEN UJI – TIDAK SAH" under uji, nothing under produksi.
    std::string marking() const;
};

} // namespace jk::policy
