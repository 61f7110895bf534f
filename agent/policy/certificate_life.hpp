// What a regulation says about the life of a certificate: how long, how it is renewed, when and by whom it is revoked, what a lost key needs.
#pragma once
#include "agent/policy/provision.hpp"

namespace jk::policy {

struct Renewal {
    bool obliged = false;                   ///< "wajib"; else "dapat"
    std::optional<int> window_working_days; ///< before the expiry
    std::string window, procedure;          ///< the regulation's words; empty where it has none
    Basis basis;
};

struct RevocationGround {
    std::string value;
    std::vector<std::string> requesters;              ///< pemilik, kepala_pd, pd, dinas, ra, bsre
    std::vector<std::string> accepted_with_a_warning; ///< others, where the text says only the owner
    bool needs_description = false;                   ///< "sebab lain"
    Basis basis;
};

struct Revocation {
    std::vector<RevocationGround> grounds;
    Text papers; ///< what a request needs
    Provision<bool> irreversible;
    Texts notification; ///< surat, email
    Provision<bool> may_apply_again;
};

/// A pair of keys that is lost, damaged or cannot be reached (row 11).
struct LostKey {
    Text statement_by;                ///< who signs the surat keterangan
    Provision<bool> authority_report; ///< a report to the competent authority goes with it
};

} // namespace jk::policy
