#include "tests/support/test_site.hpp"

#include "tests/support/signed_bundle.hpp"
#include "x509/read_certificate.hpp"

#include <fstream>
#include <sstream>
#include <sys/stat.h>

namespace jk::test {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& file, const std::string& text) {
    std::ofstream(file) << text;
    chmod(file.c_str(), 0600);
}

/// `order_key`: the file's name, or empty.
std::string application_yaml(const SiteApplication& a, const std::string& order_key) {
    std::ostringstream out;
    out << "  - origin: " << a.origin << "\n    name: \"" << a.name << "\"\n    owner_unit: \"Dinas Komunikasi dan Informatika\"\n"
        << "    decree: \"Keputusan Walikota Nomor 1 Tahun 2026 (contoh)\"\n    until: 2035-12-31\n    link_hosts: [";
    for (std::size_t i = 0; i < a.link_hosts.size(); ++i) out << (i > 0 ? ", " : "") << a.link_hosts[i];
    out << "]\n";
    if (a.registration_authority) out << "    ra: true\n";
    if (!order_key.empty()) out << "    order_key: " << order_key << "\n";
    return out.str();
}

} // namespace

TestSite TestSite::create(const fs::path& folder, const SiteWish& wish) {
    for (const char* name : {"etc/anchors", "etc/modules.d", "etc/order-keys", "state", "run", "token"}) fs::create_directories(folder / name);
    chmod((folder / "run").c_str(), 0700);
    TestSite site(folder, DemoCa::create(), {});
    site.m_more_environment = wish.more_environment;
    site.m_token = SoftToken::create(folder / "token", site.m_ca, wish.token);
    fs::copy_file(fs::path(JURUKUNCI_SOURCE_DIR) / "policies" / wish.regulation, folder / "etc" / wish.regulation,
                  fs::copy_options::overwrite_existing);
    chmod((folder / "etc" / wish.regulation).c_str(), 0644);
    const auto anchor = wish.foreign_anchor ? DemoCa::create("CA Asing") : DemoCa();
    write(folder / "etc/anchors/root.pem", wish.foreign_anchor ? anchor.root_pem() : site.m_ca.root_pem());
    write(folder / "etc/anchors/issuing.pem", site.m_ca.issuing_pem());

    std::ostringstream profile;
    profile << "environment: " << wish.environment << "\nregulation: " << wish.regulation << "\nanchors:\n  - {file: anchors/root.pem, environment: "
            << (wish.anchor_environment.empty() ? wish.environment : wish.anchor_environment)
            << "}\nintermediates: [anchors/issuing.pem]\napplications:\n";
    int keys = 0;
    for (const auto& application : wish.applications) {
        const auto name = application.order_key_pem.empty() ? std::string() : "order-keys/" + std::to_string(++keys) + ".pem";
        if (!name.empty()) write(folder / "etc" / name, application.order_key_pem);
        profile << application_yaml(application, name);
    }
    profile << "limits: " << wish.limits << "\nterminal_prompter: " << (wish.terminal_prompter ? "true" : "false")
            << "\nraw_hashes: " << (wish.raw_hashes ? "true" : "false") << "\nauthentication: " << (wish.authentication ? "true" : "false") << "\n";
    if (!wish.first_use) profile << "duties_first: false\nagreement_first: false\n";
    if (!wish.complaint_contact.empty()) profile << "complaint_contact: \"" << wish.complaint_contact << "\"\n";
    if (!wish.revocation_status.empty()) profile << "revocation_status: " << wish.revocation_status << "\n";
    if (!wish.sessions.empty()) profile << "sessions: " << wish.sessions << "\n";
    if (!wish.local_programs.empty()) profile << "local_programs: " << wish.local_programs << "\n";
    write(folder / "etc/profile.yaml", profile.str());

    std::ostringstream module;
    module << "name: softhsm\npath: " << (wish.module.empty() ? softhsm_module() : wish.module) << "\nparallel_sessions: " << wish.parallel_sessions
           << "\nenvironment:\n  SOFTHSM2_CONF: " << site.m_token.conf() << "\n  UNRULY_CONTROL: " << site.unruly_control().string()
           << "\n  UNRULY_LOG: " << site.unruly_log().string() << "\n";
    if (wish.softhsm) write(folder / "etc/modules.d/softhsm.yaml", module.str());
    for (const auto& m : wish.modules) {
        std::string yaml = "name: " + m.name + "\npath: " + m.path + "\nenvironment:\n  JURUKUNCI_TEST: \"1\"\n";
        if (m.token) {
            const auto& token = site.m_others[m.name] = SoftToken::create(folder / ("token-" + m.name), site.m_ca, *m.token);
            yaml += "  SOFTHSM2_CONF: " + token.conf() + "\n";
        }
        for (const auto& [name, value] : m.environment) yaml += "  " + name + ": " + value + "\n";
        write(folder / "etc/modules.d" / (m.name + ".yaml"), yaml + m.more);
    }
    if (wish.environment == "produksi") site.sign_bundle(); // plain files count for practice only
    write(folder / "pin", wish.token.pin);
    write(folder / "secret-so-pin", test_so_pin);
    write(folder / "secret-new-so-pin", "amplop-4471");
    write(folder / "secret-new-pin", "Kopi-tubruk-77");
    return site;
}

void TestSite::sign_bundle(const BundleWish& wish) {
    if (!m_ra_key) {
        m_ra_key = std::shared_ptr<EVP_PKEY>(make_key("p256").release(), EVP_PKEY_free);
        CertificateWish officer;
        officer.common_name = "Petugas RA (UJI)";
        m_ra = *x509::read_certificate(m_ca.certify(m_ra_key.get(), officer));
        fs::create_directories(configuration() / "ra");
        write(configuration() / "ra/ra.pem", pem_of(*m_ra));
    }
    write(configuration() / "bundle.cms", signed_bundle(bundle_content(configuration(), wish), *m_ra, m_ra_key.get()));
}

std::vector<std::string> TestSite::environment() const {
    std::vector<std::string> all{"JURUKUNCI_SYSCONFDIR=" + configuration().string(), "XDG_STATE_HOME=" + (m_folder / "state").string(),
                                 "XDG_RUNTIME_DIR=" + (m_folder / "run").string(), "XDG_CONFIG_HOME=" + (m_folder / "config").string()};
    all.insert(all.end(), m_more_environment.begin(), m_more_environment.end());
    return all;
}

} // namespace jk::test
