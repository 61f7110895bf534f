// jurukunci doctor: what is wrong on this computer, under a stable code, with the next step; and the bundle for those who help.
#include "cli/commands/doctor_facts.hpp"

#include "jurukunci/displayed_text.hpp"
#include "jurukunci/unique_fd.hpp"
#include "jurukunci/version.hpp"

#include <boost/json/array.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <cstring>

namespace jk::cli {
namespace {

using doctor::Weight;

void append(doctor::Findings& all, doctor::Findings more) { std::ranges::move(more, std::back_inserter(all)); }

doctor::Findings examine(const doctor::Machine& machine, const DoctorFacts& facts) {
    const auto& known = facts.for_bundle;
    auto all = facts.findings;
    append(all, doctor::examine_storage(machine));
    append(all, doctor::examine_session(machine));
    append(all, doctor::examine_clock(machine, facts.last_row));
    append(all, doctor::examine_card_service(machine, known.devices));
    append(all, doctor::examine_usb(machine, known.devices, known.modules));
    append(all, doctor::examine_modules(machine, known.modules));
    append(all, doctor::examine_ports(machine, facts.agent.has_value()));
    if (!facts.agent) return all;
    append(all, doctor::examine_versions(*facts.agent, version()));
    append(all, doctor::examine_tokens(*facts.agent));
    append(all, doctor::examine_expiry(*facts.agent, machine.now()));
    return all;
}

class Report {
public:
    explicit Report(const Console& console) : m_console(console) {}

    void add(const doctor::Finding& finding) {
        const auto& [error, weight] = finding;
        add({std::string(error.entry().code),
             {error.sentence(Language::indonesian), error.remedy(Language::indonesian)},
             {error.sentence(Language::english), error.remedy(Language::english)}},
            weight, error.entry().exit_code);
    }
    void add(const AgentFinding& finding) { add(finding, Weight::fault, entry_of(errc_of_code(finding.code)).exit_code); }
    void good(const std::string& indonesian, const std::string& english) const { m_console.line("✓ " + indonesian, "✓ " + english); }

    int end() const {
        m_console.result({{"findings", m_findings}});
        return m_worst;
    }

private:
    void add(const AgentFinding& finding, Weight weight, int exit_code) {
        const auto& [code, indonesian, english] = finding;
        const auto& spoken = m_console.english() ? english : indonesian;
        m_findings.push_back(json::object{{"code", code},
                                          {"weight", weight == Weight::fault ? "fault" : "notice"},
                                          {"userMessage", spoken.sentence},
                                          {"remedy", spoken.remedy},
                                          {"id", {{"sentence", indonesian.sentence}, {"remedy", indonesian.remedy}}},
                                          {"en", {{"sentence", english.sentence}, {"remedy", english.remedy}}}});
        tell(weight, spoken.sentence, code, spoken.remedy);
        if (weight == Weight::fault) m_worst = std::max(m_worst, exit_code);
    }
    void tell(Weight weight, const std::string& sentence, const std::string& code, const std::string& remedy) const {
        m_console.line(std::string(weight == Weight::fault ? "✗ " : "! ") + displayed(sentence, 400) + " (" + displayed(code) + ")\n    " +
                       displayed(remedy, 400));
    }

    const Console& m_console;
    json::array m_findings;
    int m_worst = 0;
};

void tell_what_is_well(const Report& report, const DoctorFacts& facts) {
    const auto& known = facts.for_bundle;
    if (!known.environment.empty()) report.good("konfigurasi, lingkungan " + known.environment, "configuration, environment " + known.environment);
    for (const auto& device : known.devices)
        report.good("USB " + device.name() + " (" + device.id() + ")", "USB " + device.name() + " (" + device.id() + ")");
    if (!facts.agent) return;
    const auto& self = facts.agent->status.at("agent").as_object();
    const auto where = text_of(self, "version") + ", 127.0.0.1:" + std::to_string(number_of(self, "port"));
    report.good("agen " + where, "agent " + where);
    for (const auto& value : facts.agent->status.at("tokens").as_array()) {
        const auto label = displayed(text_of(value.as_object(), "label"));
        report.good("token \"" + label + "\"", "token \"" + label + "\"");
    }
}

Outcome<void> write_new(const std::string& path, const Bytes& bytes) {
    const auto failed = [&] {
        const std::string why = path + ": " + std::strerror(errno);
        return Error{Errc::storage_full, why}.with("reason", why);
    };
    // Never over something: a bundle is sent on, and a file of that name may be a document.
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (fd.get() < 0) return failed();
    std::size_t written = 0;
    while (written < bytes.size()) {
        const ssize_t n = ::write(fd.get(), bytes.data() + written, bytes.size() - written);
        if (n <= 0) return failed();
        written += static_cast<std::size_t>(n);
    }
    return done();
}

} // namespace

int doctor(const Console& console, const std::string& bundle_file) {
    const doctor::ThisMachine machine;
    auto facts = gather_facts();
    facts.for_bundle.devices = doctor::usb_devices(machine);
    const auto findings = examine(machine, facts);
    Report report(console);
    tell_what_is_well(report, facts);
    for (const auto& finding : findings) report.add(finding);
    for (const auto& finding : facts.agent_findings) report.add(finding);
    if (!bundle_file.empty()) {
        facts.for_bundle.findings = findings;
        for (const auto& finding : facts.agent_findings) facts.for_bundle.agent_codes.push_back(finding.code);
        if (const auto written = write_new(bundle_file, doctor::bundle(machine, facts.for_bundle)); !written) return console.fail(written.error());
        report.good("paket bantuan: " + bundle_file, "support bundle: " + bundle_file);
    }
    return report.end();
}

} // namespace jk::cli
