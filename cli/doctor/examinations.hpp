// The examinations: facts in, findings out. Nothing here prints, and nothing is changed on the machine. docs/panduan/doctor.md lists the codes.
#pragma once
#include "cli/doctor/finding.hpp"
#include "cli/doctor/machine.hpp"
#include "cli/doctor/usb.hpp"

#include <boost/json/object.hpp>

#include <optional>

namespace jk::doctor {

/// A module of the configuration that was accepted.
struct ConfiguredModule {
    std::string name;
    std::filesystem::path library;
};

Findings examine_usb(const Machine& machine, const std::vector<UsbDevice>& devices, const std::vector<ConfiguredModule>& modules);

/// pcscd: there, listening, and willing to serve this session.
Findings examine_card_service(const Machine& machine, const std::vector<UsbDevice>& devices);

/// Libraries that are made for another kind of computer. Missing ones, and wrong owners and modes, are the configuration's own refusals.
Findings examine_modules(const Machine& machine, const std::vector<ConfiguredModule>& modules);
/// "x86-64 (64)"; empty if the file is no ELF.
std::string elf_kind(ByteView start_of_file);

/// `last_row`: time of the newest row of the log, where there is one.
Findings examine_clock(const Machine& machine, std::optional<WallTime> last_row);

/// Who holds all the ports that an agent may use; nothing while `agent_runs`.
Findings examine_ports(const Machine& machine, bool agent_runs);

enum class Seat { local, remote, unknown };
Seat seat_of(const Machine& machine);
/// The session by its logind facts is the one in use at the seat; unknown counts as yes.
bool active_session(const Machine& machine);
Findings examine_session(const Machine& machine);

Findings examine_storage(const Machine& machine);

/// What the agent says of itself, its tokens and certificates: `status` and `certificates` of the control door.
struct AgentAnswers {
    boost::json::object status, certificates;
};
Findings examine_versions(const AgentAnswers& agent, std::string_view command_version);
Findings examine_tokens(const AgentAnswers& agent);
/// Usable certificates that end within 30 days.
Findings examine_expiry(const AgentAnswers& agent, WallTime now);

} // namespace jk::doctor
