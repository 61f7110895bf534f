// TestSite: everything one agent needs to live for a test, a demo or a benchmark: a configuration folder with a profile, a demo CA as anchor,
// a SoftHSM2 token with a signing key, and XDG folders. Nothing outside `folder` is touched.
#pragma once
#include "tests/support/signed_bundle.hpp"
#include "tests/support/soft_token.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jk::test {

struct SiteApplication {
    std::string origin;
    std::string name = "e-Office Kota Pekalongan";
    std::vector<std::string> link_hosts{};
    std::string order_key_pem{}; ///< of its server; empty: none
    bool registration_authority = false;
};

/// An entry of modules.d beside SoftHSM's.
struct SiteModule {
    std::string name, path;
    std::vector<std::pair<std::string, std::string>> environment;
    std::string more;                 ///< further YAML
    std::optional<TokenWish> token{}; ///< of the site's CA; SOFTHSM2_CONF leads to it
};

struct SiteWish {
    std::string environment = "uji";
    std::string regulation = "pekalongan-98-2018.yaml";
    std::vector<SiteApplication> applications{{"https://eoffice.example"}};
    TokenWish token;
    std::string module; ///< path; empty: SoftHSM2 itself
    int parallel_sessions = 1;
    bool softhsm = true; ///< false: only `modules`
    std::vector<SiteModule> modules{};
    std::string limits = "{}"; ///< YAML of the profile's `limits`
    bool raw_hashes = false;
    bool authentication = false;
    std::string sessions = "{remote: true, inactive: true}"; ///< YAML; tests also run where nobody sits
    std::vector<std::string> more_environment{};             ///< NAME=value for the agent and the command line
    std::string local_programs;                              ///< YAML of the profile's `local_programs`; empty: not there
    bool first_use = false;          ///< the owner has to read duties and agreement first, as in service; false: the profile does not demand it
    std::string complaint_contact{}; ///< of the profile
    std::string revocation_status{}; ///< YAML; empty: not there
    bool terminal_prompter = true;
    std::string anchor_environment; ///< empty: as `environment`
    bool foreign_anchor = false;    ///< the profile trusts another CA than the token's
};

class TestSite {
public:
    static TestSite create(const std::filesystem::path& folder, const SiteWish& wish = {});

    std::filesystem::path folder() const { return m_folder; }
    std::filesystem::path configuration() const { return m_folder / "etc"; }
    std::filesystem::path control_socket() const { return m_folder / "run/jurukunci/control.sock"; }
    std::filesystem::path state(const std::string& environment = "uji") const { return m_folder / "state/jurukunci" / environment; }
    std::filesystem::path pin_file() const { return m_folder / "pin"; }
    /// NAME=value for the agent and the command line.
    std::vector<std::string> environment() const;
    const SoftToken& token() const { return m_token; }
    const SoftToken& token_of(const std::string& module) const { return m_others.at(module); }
    const DemoCa& ca() const { return m_ca; }
    /// Puts what lies in the configuration folder into bundle.cms, signed by an RA officer whose certificate is pinned in ra/.
    void sign_bundle(const BundleWish& wish = {});
    std::filesystem::path unruly_control() const { return m_folder / "unruly-control"; }
    std::filesystem::path unruly_log() const { return m_folder / "unruly-log"; }

private:
    TestSite(std::filesystem::path folder, DemoCa ca, SoftToken token)
        : m_folder(std::move(folder)), m_ca(std::move(ca)), m_token(std::move(token)) {}
    std::filesystem::path m_folder;
    DemoCa m_ca;
    SoftToken m_token;
    std::map<std::string, SoftToken> m_others; ///< by module
    CertificateRef m_ra;
    std::vector<std::string> m_more_environment;
    std::shared_ptr<EVP_PKEY> m_ra_key;
};

} // namespace jk::test
