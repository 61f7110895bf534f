#include "cli/doctor/examinations.hpp"

namespace jk::doctor {
namespace {

const std::filesystem::path socket_path = "/run/pcscd/pcscd.comm";
const std::filesystem::path polkit_action = "/usr/share/polkit-1/actions/org.debian.pcsc-lite.policy";

/// A rule of the administrator's decides instead of the defaults; what it says only polkit knows.
bool has_own_rule(const Machine& machine) {
    for (const std::filesystem::path folder : {"/etc/polkit-1/rules.d", "/usr/share/polkit-1/rules.d"})
        for (const auto& name : machine.names(folder))
            if (machine.text(folder / name).value_or("").find("org.debian.pcsc-lite") != std::string::npos) return true;
    return false;
}

} // namespace

Findings examine_card_service(const Machine& machine, const std::vector<UsbDevice>& devices) {
    if (!machine.listens(socket_path)) {
        // Where nothing is plugged in that needs it, its absence explains nothing.
        const auto weight = devices.empty() ? Weight::notice : Weight::fault;
        return {{Error(Errc::card_service_absent).with("path", socket_path.string()), weight}};
    }
    if (machine.user() == 0 || active_session(machine) || !machine.facts(polkit_action) || has_own_rule(machine)) return {};
    return {{Error(Errc::card_service_refuses_session).with("session", machine.environment("XDG_SESSION_ID"))}};
}

} // namespace jk::doctor
