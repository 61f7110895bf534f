#include "cli/doctor/examinations.hpp"

#include <algorithm>

namespace jk::doctor {
namespace {

/// What logind wrote down about our session; empty if it did not.
std::map<std::string, std::string> logind_facts(const Machine& machine) {
    const auto id = machine.environment("XDG_SESSION_ID");
    const bool plain = !id.empty() && id.size() < 32 && std::ranges::all_of(id, [](unsigned char c) { return std::isalnum(c) != 0; });
    return plain ? assignments(machine.text(std::filesystem::path("/run/systemd/sessions") / id).value_or("")) : std::map<std::string, std::string>{};
}

} // namespace

Seat seat_of(const Machine& machine) {
    if (!machine.environment("SSH_CONNECTION").empty()) return Seat::remote;
    const auto facts = logind_facts(machine);
    if (const auto remote = facts.find("REMOTE"); remote != facts.end()) return remote->second == "1" ? Seat::remote : Seat::local;
    return Seat::unknown;
}

bool active_session(const Machine& machine) {
    if (seat_of(machine) == Seat::remote) return false;
    const auto facts = logind_facts(machine);
    const auto active = facts.find("ACTIVE");
    return active == facts.end() || active->second == "1";
}

Findings examine_session(const Machine& machine) {
    if (seat_of(machine) != Seat::remote) return {};
    const auto type = machine.environment("XDG_SESSION_TYPE");
    const std::string how = !machine.environment("SSH_CONNECTION").empty() ? "SSH" : type.empty() ? "logind" : type;
    return {{Error(Errc::session_remote).with("session", how), Weight::notice}};
}

} // namespace jk::doctor
